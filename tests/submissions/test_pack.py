"""`defcore pack`: what is handed in, and what is refused."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
import yaml

from defcore import schemas
from defcore.cli import call
from defcore.errors import InputError
from defcore.model.outcome import Outcome
from defcore.model.submission import LONGEST_SLUG, Product, slug
from defcore.results.product import check_product, yaml_text
from tests.submissions.handing_in import Handing
from tests.submissions.runs import FEW, OTHER_RUN, PRODUCT, RUN

UNSEEN = [
    0xAD,
    0x34F,
    0x61C,
    0x115F,
    0x17B4,
    0x180B,
    0x200B,
    0x202E,
    0x2060,
    0x2800,
    0x3164,
    0xFE0F,
    0xFFA0,
    0xE0041,
    0xE0101,
]
"""Numbers of characters."""
TROUBLE = {0: Outcome.FAILED, 3: Outcome.SKIPPED, 5: Outcome.ERROR}


@pytest.fixture
def handing(tmp_path: Path) -> Handing:
    return Handing(tmp_path)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_submission_lies_in_its_place_and_tells_in_clear_what_it_is(handing):
    handing.run(TROUBLE)
    folder = handing.pack()
    assert folder == handing.base / "results" / "2020.06" / "acme-gmbh" / "acme-cloud" / f"2026-01-31-{RUN[:8]}"
    told = yaml.safe_load((folder / "submission.yaml").read_text())
    assert schemas.problems(told, "submission") == []
    assert told["product"] == {name: one for name, one in yaml.safe_load(PRODUCT).items() if name != "schema"}
    assert told["counts"] == {"PASSED": FEW - 3, "FAILED": 1, "ERROR": 1, "SKIPPED": 1, "NOT_RUN": 0}
    for name in ("result.json", "plan.json"):
        assert (folder / name).read_bytes() == (handing.folder / name).read_bytes()


@pytest.mark.parametrize(("level", "count"), [("none", 0), ("failures", 2), ("all", FEW - 1)])
def test_the_evidence_is_that_of_the_level(handing, level, count):
    handing.run(TROUBLE)
    folder = handing.pack("--evidence", level)
    assert len(list(folder.glob("evidence/*"))) == count
    assert (folder / "evidence").exists() == bool(count)


@pytest.mark.parametrize("options", [(), ("--passes-only",)], ids=["all", "passes"])
def test_the_same_run_gives_the_same_bytes(handing, options):
    handing.run(TROUBLE)
    first = tree(handing.pack(*options))
    assert tree(handing.pack(*options, "--results", handing.base / "again")) == first


def test_passes_alone_tell_nothing_of_the_rest(handing):
    result = handing.run(TROUBLE)
    folder = handing.pack("--passes-only", "--evidence", "all")
    published = json.loads((folder / "result.json").read_text())
    withheld = [one for one in published["tests"] if one["outcome"] != "PASSED"]
    assert {one["id"] for one in withheld} == {result.tests[n].id for n in TROUBLE}
    assert all(not one["attempts"] and not one["evidence"] and one["outcome"] == "NOT_RUN" for one in withheld)
    hidden = {path for n in TROUBLE if (path := result.tests[n].evidence)}
    assert len(hidden) == 2
    assert not any((folder / path).exists() for path in hidden)
    assert len(list(folder.glob("evidence/*"))) == FEW - 3
    everything = b"".join(tree(folder).values())
    secret = json.loads((handing.folder / "salts.json").read_text())["salts"]
    assert not any(secret[one["id"]].encode() in everything for one in withheld)
    assert b"it answered with 500" not in everything


def test_salts_are_random_and_their_owner_s_alone(handing):
    handing.run(TROUBLE)
    handing.pack("--passes-only")
    file = handing.folder / "salts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    salts = json.loads(file.read_text())["salts"]
    assert len(set(salts.values())) == len(salts) == FEW
    assert {len(one) for one in salts.values()} == {32}


def test_salts_of_another_run_are_refused(handing, capsys):
    handing.run(run=OTHER_RUN)
    handing.pack("--passes-only")
    other = handing.folder / "salts.json"
    handing.run()
    assert handing.try_pack("--passes-only", "--salts", other) == 2
    assert "[result.salts]" in capsys.readouterr().err


def test_without_a_key_nobody_has_signed_and_that_is_said(handing, capsys):
    handing.run()
    folder = handing.pack(key=None)
    assert "signed by   nobody" in capsys.readouterr().out
    assert json.loads((folder / "attestation.dsse.json").read_text())["signatures"] == []


def test_a_run_that_was_cut_off_is_packed_if_that_is_meant(handing, capsys):
    handing.run({4: Outcome.NOT_RUN}, complete=False)
    assert handing.try_pack() == 2
    assert "[pack.incomplete]" in capsys.readouterr().err
    assert handing.try_pack("--allow-incomplete") == 0


def test_nothing_is_written_over_and_nothing_is_left_half(handing, capsys):
    result = handing.run(TROUBLE)
    handing.pack()
    assert handing.try_pack() == 2
    assert "[pack.exists]" in capsys.readouterr().err
    (handing.folder / result.tests[0].evidence).write_text("something else")
    assert handing.try_pack("--results", handing.base / "other") == 2
    assert "[pack.evidence]" in capsys.readouterr().err
    (handing.folder / result.tests[0].evidence).unlink()
    assert handing.try_pack("--results", handing.base / "other") == 2
    assert [path.name for path in (handing.base / "other").rglob("*")] == ["2020.06", "acme-gmbh", "acme-cloud"]


def test_plan_and_result_of_two_runs_are_refused(handing, capsys):
    handing.run()
    document = json.loads((handing.folder / "result.json").read_text())
    del document["tests"][7]
    document["tests"][8]["name"] = "another"
    (handing.folder / "result.json").write_text(json.dumps(document))
    assert handing.try_pack() == 2
    assert capsys.readouterr().err.count("[pack.plan]") == 2


def test_what_is_no_run_of_ours_is_refused(handing, tmp_path, capsys):
    handing.run()
    (handing.folder / "plan.json").unlink()
    assert handing.try_pack() == 2
    assert "[pack.no-run]" in capsys.readouterr().err
    folder = handing.run(run=OTHER_RUN) and handing.pack("--passes-only")
    (folder / "product.yaml").write_text(PRODUCT)
    assert call(["pack", str(folder), "--product", str(folder / "product.yaml"), "--results", str(tmp_path / "x")]) == 2
    assert "[pack.foreign]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (("schema: defcore/product/1", "schema: defcore/product/2"), "schema.version"),
        (("version:", "vresion:"), "schema.unknown-key"),
        (("name: ACME Cloud", "name: ''"), "schema.empty"),
        (("name: ACME Cloud", "name: ..//.."), "product.name"),
        (("name: ACME Cloud", 'name: "a\\u202eb"'), "product.unseen"),
        (("name: ACME Cloud", 'name: "a\\x1bb"'), "schema.pattern"),
        (("name: ACME Cloud", "name: [a]"), "schema.type"),
        (("name: ACME Cloud", "name: !!python/name:os.system x"), "tag"),
        (("vendor: ACME GmbH", "vendor: a\nvendor: b"), "duplicate-key"),
        (("https://acme", "javascript:acme"), "schema.pattern"),
        ((PRODUCT, ""), "product.document"),
    ],
)
def test_a_broken_product_is_told(handing, capsys, change, wanted):
    handing.run()
    handing.product(PRODUCT.replace(*change))
    assert handing.try_pack() == 2
    assert re.findall(r"\[([a-z.-]+)\]$", capsys.readouterr().err, re.MULTILINE)[0].endswith(wanted)
    assert not (handing.base / "results").exists()


@pytest.mark.parametrize("number", UNSEEN)
@pytest.mark.parametrize("key", ["vendor", "name"])
def test_a_name_with_what_nobody_sees_is_refused(handing, capsys, key, number):
    """`ACME GmbH` and something that no screen shows would look like ACME GmbH."""
    handing.run()
    document = yaml.safe_load(PRODUCT)
    handing.product(yaml.safe_dump(document | {key: f"{document[key]}{chr(number)}"}))
    assert handing.try_pack() == 2
    told = capsys.readouterr().err
    assert f"$.{key}: {key}: it holds U+{number:04X}, which nobody sees [product.unseen]" in " ".join(told.split())


@pytest.mark.parametrize("number", [*UNSEEN, 0xA])
def test_a_stranger_s_product_is_one_that_pack_would_take(number):
    product = Product(vendor=f"ACME GmbH{chr(number)}", name="ACME Cloud", version="1")
    with pytest.raises(InputError):
        check_product(product, "attestation.dsse.json")


@pytest.mark.parametrize("number", [0xAD, 0x2060, 0x3164, 0xE0041])
def test_what_nobody_sees_stands_by_its_number_in_the_yaml(number):
    written = yaml_text({"region": f"Nürnberg{chr(number)}"})
    assert chr(number) not in written
    assert yaml.safe_load(written) == {"region": f"Nürnberg{chr(number)}"}
    assert "Nürnberg" in yaml_text({"region": "Nürnberg", "more": ["x" * 90, "y " * 90]})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ACME Cloud", "acme-cloud"),
        ("  Ü-Wolke, GmbH & Co. KG ", "ü-wolke-gmbh-co-kg"),
        ("云服务", "云服务"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\x00b\x1b[31m\u202ec", "a-b-31m-c"),
        ("ＡＣＭＥ", "acme"),
        ("x" * 500, "x" * LONGEST_SLUG),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_a_name_becomes_a_part_of_a_path(name, wanted):
    assert slug(name) == wanted == slug(wanted)
    assert os.sep not in slug(name)


@pytest.mark.parametrize("name", ["", ".", "..", "--", "///", "\u200b"])
def test_a_name_of_nothing_is_refused(name):
    with pytest.raises(InputError):
        slug(name)
