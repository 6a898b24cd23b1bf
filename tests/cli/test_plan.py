"""`defcore plan`: what it prints, and what it says to wrong names."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from defcore.cli import call, root
from defcore.cli.options import Selection
from defcore.model.budget import DEFAULT
from defcore.plan import from_json, make_plan
from tests.plan.test_make_plan import CATALOG, A, B, C, D, E
from tests.values import guideline


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = call(["plan", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_plan_of_a_platform_ends_with_its_sum(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--platform", "object")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("2020.06, OpenStack Powered Storage: ")


def test_target_is_another_name_of_platform(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--target", "compute") == run(capsys, "--platform", "OpenStack Powered Compute")


def test_the_json_is_the_document_of_plan_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--capability", "images-v2-import", "--format", "json")
    plan = from_json(json.loads(out))
    assert code == 0
    assert plan.selection == ("--capability images-v2-import",)
    covered = {test for planned in plan.tests for why in planned.why for test in why.covers}
    assert len(covered) + len(plan.uncovered) == 3


def test_every_official_test_is_covered_or_named_as_uncovered(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--platform", "platform", "--format", "json")
    plan = from_json(json.loads(out))
    covered = {test for planned in plan.tests for why in planned.why for test in why.covers}
    assert len(covered | {one.id for one in plan.uncovered}) == 284


def test_wrong_names_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--platform", "compte", "--service", "netwrk", "--capability", "image-v2-get")
    assert (code, out) == (2, "")
    assert err == (
        "error: --platform: no platform 'compte' [plan.unknown-platform]\n"
        "  did you mean 'compute'?\n"
        "error: --capability: no capability 'image-v2-get' [plan.unknown-capability]\n"
        "  did you mean 'images-v2-get'?\n"
        "error: --service: no service 'netwrk' [plan.unknown-service]\n"
        "  did you mean 'network'?\n"
    )


def test_a_guideline_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--guideline", "2020.07") == (
        2,
        "",
        "error: no guideline '2020.07' [catalog.unknown-guideline]\n  did you mean '2020.06'?\n",
    )


def test_names_complete() -> None:
    environment = {"_DEFCORE_COMPLETE": "bash_complete", "COMP_CWORD": "3"}
    for words, expected in (
        ("defcore plan --platform com", "compute"),
        ("defcore plan --service ima", "image"),
        ("defcore plan --capability compute-fl", "compute-flavors-list"),
        ("defcore plan --component os_powered_s", "os_powered_storage"),
        ("defcore plan --guideline 20", "2020.06"),
    ):
        printed = CliRunner().invoke(root, prog_name="defcore", env={**environment, "COMP_WORDS": words})
        assert f"plain,{expected}" in printed.output.splitlines()


def test_tests_stand_below_their_capability_with_why_covers_and_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = guideline(
        components={"core": {"servers": "required", "boot": "advisory"}},
        capabilities={"servers": [A, B, E], "boot": [C], "share": [D]},
    )
    made = make_plan(asked, CATALOG)
    monkeypatch.setattr(Selection, "load", lambda _: (asked, CATALOG, made))
    code, out, _ = run(capsys)
    assert code == 0
    assert [line.rstrip() for line in out.splitlines()] == [
        "test     why       covers  needs",
        "servers, required by core: What servers is",
        "  extra  beside    -",
        "  list   required  2",
        "boot, advisory by core: What boot is",
        "  boot   advisory  1       image, flavor",
        "",
        "No test yet for these official tests (NOT_RUN):",
        "  servers",
        f"    {E} tempest.{E}",
        "",
        f"Budget of a run: {DEFAULT}.",
        "2020.06, every component: 3 tests planned; 3 official tests covered, 1 not.",
    ]
