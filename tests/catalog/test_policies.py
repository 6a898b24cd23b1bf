from __future__ import annotations

import re

import pytest

from defcore.catalog import find_data, load_policy, load_waivers, policy_names
from defcore.errors import InputError
from defcore.model.outcome import Cause, Outcome

DATA = find_data(env={})
POLICY = "schema: defcore/policy/1\nid: own\ndescription: Ours\nagainst: [FAILED]\n"


def test_the_policies_that_come_with_defcore():
    assert policy_names(DATA) == ("official", "quantitative", "strict")
    for name in policy_names(DATA):
        policy = load_policy(name, DATA)
        assert policy.id == name
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", policy.digest)
    rates = load_policy("quantitative", DATA).thresholds
    assert (rates.confidence, rates.component, rates.platform, rates.advisory) == (0.95, 0.95, 0.98, 0.80)


def test_what_strict_and_official_hold_against_a_cloud():
    strict, official = load_policy("strict", DATA), load_policy("official", DATA)
    assert strict.is_no(Outcome.SKIPPED, Cause.ABSENT)
    assert not strict.is_no(Outcome.SKIPPED, Cause.PREREQUISITE)
    assert all(official.is_no(one, None) for one in Outcome if one is not Outcome.PASSED)


def test_a_policy_of_ones_own_is_a_file(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(POLICY + "findings: [additional-property]\nrates: {component: 0.9}\n")
    policy = load_policy(str(path), DATA)
    assert (policy.findings, policy.thresholds.component, policy.thresholds.platform) == (
        ("additional-property",),
        0.9,
        0.98,
    )
    assert policy.untested_is_unknown


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("rates: {component: 1.5}\n", "own.yaml:5:20"),
        ("rates: {componnet: 0.9}\n", "did you mean 'component'"),
        ("findings: additional-property\n", "must be a list"),
        ("schema: defcore/policy/1\n", "stands already in line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, more, told):
    path = tmp_path / "own.yaml"
    path.write_text(POLICY + more)
    with pytest.raises(InputError, match=re.escape(told)):
        load_policy(path, DATA)


def test_an_unknown_policy_has_a_nearest_one():
    with pytest.raises(InputError, match="did you mean 'strict'"):
        load_policy("strickt", DATA)


WAIVER = """
- id: w1
  product: Acme Cloud
  scope: {tests: [a]}
  reason: mended in the next release
  granted: 2026-01-01
  expires: 2026-06-30
  decided_by: the board
"""


def waivers(text: str) -> str:
    return "schema: defcore/waivers/1\nwaivers:" + text


def test_waivers_are_read(tmp_path):
    path = tmp_path / "waivers.yaml"
    path.write_text(waivers(WAIVER))
    (waiver,) = load_waivers(path)
    assert (waiver.id, waiver.scope.tests, waiver.expires) == ("w1", ("a",), "2026-06-30")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WAIVER + WAIVER, "waivers.yaml:11:7: the waiver 'w1' stands there twice"),
        (WAIVER.replace("{tests: [a]}", "{guidelines: [a]}"), "neither tests nor capabilities"),
        (WAIVER.replace("2026-06-30", "2025-06-30"), "before it is granted"),
        (WAIVER.replace("2026-06-30", "2026-06-31"), "no day of the calendar"),
        (WAIVER.replace("2026-06-30", "tomorrow"), "does not fit"),
        (WAIVER.replace("  reason: mended in the next release\n", ""), "the key 'reason' is missing"),
        (WAIVER.replace("reason:", "raeson:"), "did you mean 'reason'"),
    ],
)
def test_what_is_wrong_with_waivers_is_told_with_its_place(tmp_path, text, told):
    path = tmp_path / "waivers.yaml"
    path.write_text(waivers(text))
    with pytest.raises(InputError, match=re.escape(told)):
        load_waivers(path)
