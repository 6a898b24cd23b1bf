"""`defcore verify`: what holds, what does not, and what nobody can tell."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from defcore import schemas
from defcore.catalog import find_data, load_catalog
from defcore.cli import call
from defcore.model.outcome import Outcome
from defcore.results import contents
from tests.submissions.handing_in import Handing, write_key
from tests.submissions.runs import FEW, OTHER_RUN, PRODUCT, plan

KNOWN = load_catalog(find_data())
"""Read once for all tests."""
TROUBLE = {0: Outcome.FAILED, 3: Outcome.SKIPPED, 5: Outcome.ERROR}
REQUIRED = [n for n, test in enumerate(plan(whole=True).tests) if test.required]
"""Numbers of the tests that can decide the verdict."""


@pytest.fixture
def handing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handing:
    monkeypatch.setattr("defcore.cli.verify.load_catalog", lambda _: KNOWN)
    return Handing(tmp_path)


def reasons(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The codes of everything that was found, in the order of the lines."""
    captured = capsys.readouterr()
    return re.findall(r"\[([a-z]+\.[a-z-]+)\]$", captured.out + captured.err, re.MULTILINE)


@pytest.mark.parametrize("options", [(), ("--passes-only",), ("--evidence", "all")], ids=" ".join)
def test_what_was_packed_holds(handing, capsys, options):
    handing.run(TROUBLE)
    folder = handing.pack(*options)
    assert handing.verify(folder) == 0
    assert reasons(capsys) == []


def test_the_verdict_is_computed_again(handing, capsys):
    handing.run(whole=True)
    folder = handing.pack()
    capsys.readouterr()
    assert handing.verify(folder) == 0
    assert "verdict     CONFORMANT under the policy strict\n" in capsys.readouterr().out
    handing.run({REQUIRED[0]: Outcome.FAILED}, whole=True, run=OTHER_RUN)
    assert handing.verify(handing.pack()) == 0, "the record holds, whatever the verdict"
    assert "verdict     NON_CONFORMANT under" in capsys.readouterr().out
    assert handing.verify(handing.pack("--passes-only", "--results", handing.base / "other")) == 0
    assert "verdict     INCONCLUSIVE under" in capsys.readouterr().out
    assert handing.verify(folder, "--policy", "official", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["verdict"]["policy"] == "official"


def test_passes_alone_do_not_pass_an_official_test_that_another_of_its_tests_failed(handing, capsys):
    """Several tests of ours may answer for one official test: one that passed does not speak for the others."""
    first, second = REQUIRED[:2]
    handing.run({first: Outcome.FAILED}, whole=True)
    for name in ("plan.json", "result.json"):
        document = json.loads((handing.folder / name).read_text())
        document["tests"][second]["covers"] += document["tests"][first]["covers"]
        document["suite"]["digest"] = "sha256:" + "9" * 64  # a suite in which it is so
        (handing.folder / name).write_text(json.dumps(document))
    folder = handing.pack("--passes-only")
    capsys.readouterr()
    assert handing.verify(folder) == 3
    told = capsys.readouterr().out
    assert "verdict     not computed" in told
    assert "[verify.suite-unknown]" in told
    assert call(["score", str(folder)]) == 3
    assert "INCONCLUSIVE" in capsys.readouterr().out


def test_without_trusted_keys_the_signer_is_unknown(handing, capsys):
    handing.run()
    folder = handing.pack()
    assert handing.verify(folder, trusted=False) == 3
    assert "signed by an unknown key SHA256:" in capsys.readouterr().out


def test_a_signature_of_somebody_else_is_a_no(handing, capsys):
    handing.run()
    folder = handing.pack(key=write_key(handing.base / "stranger"))
    assert handing.verify(folder) == 1
    assert reasons(capsys) == ["verify.untrusted-key"]


def test_what_nobody_signed(handing, capsys):
    handing.run()
    folder = handing.pack(key=None)
    assert handing.verify(folder, trusted=False) == 3
    assert reasons(capsys) == ["verify.unsigned"]
    assert handing.verify(folder) == 1
    assert reasons(capsys) == ["verify.unsigned"]


def test_a_run_that_was_cut_off_is_not_a_yes(handing, capsys):
    handing.run({4: Outcome.NOT_RUN}, complete=False)
    assert handing.verify(handing.pack("--allow-incomplete")) == 3
    assert reasons(capsys) == ["verify.incomplete"]


def test_the_challenge(handing, capsys):
    handing.run(challenge="7c1f2b")
    folder = handing.pack()
    assert handing.verify(folder, "--challenge", "7c1f2b") == 3, "tests/submissions/test_exchanges.py has what shows it"
    capsys.readouterr()
    assert handing.verify(folder, "--challenge", "888888") == 1
    assert reasons(capsys) == ["verify.challenge"]
    handing.run(run=OTHER_RUN)
    assert handing.verify(handing.pack(), "--challenge", "7c1f2b") == 1


def test_another_place_is_told(handing, capsys):
    handing.run()
    folder = handing.pack()
    elsewhere = folder.parents[1] / "another-product" / folder.name
    shutil.copytree(folder, elsewhere)
    assert handing.verify(elsewhere) == 1
    assert reasons(capsys) == ["verify.path"]
    (handing.base / "link").symlink_to(folder)
    assert handing.verify(handing.base / "link") == 1


def test_a_guideline_that_is_not_known_here(handing, capsys):
    handing.run()
    for name in ("plan.json", "result.json"):
        file = handing.folder / name
        file.write_text(file.read_text().replace(plan().guideline_digest, "sha256:" + "9" * 64))
    assert handing.verify(handing.pack()) == 3
    assert reasons(capsys) == ["verify.guideline"]


def test_a_test_that_answers_for_more_than_it_does(handing, capsys):
    """The suite is the one that is installed here, and its test does not cover what the vendor's plan says."""
    handing.run()
    for name in ("plan.json", "result.json"):
        document = json.loads((handing.folder / name).read_text())
        document["tests"][1]["covers"] += plan(whole=True).tests[REQUIRED[0]].case.covers
        (handing.folder / name).write_text(json.dumps(document))
    assert handing.verify(handing.pack()) == 1
    assert reasons(capsys) == ["verify.suite"]


def test_a_plan_that_leaves_out_what_the_guideline_asks_for(handing, capsys):
    """What was left out of both plan and result would not be missed, were another test to answer for the same."""
    handing.run(whole=True)
    for name in ("plan.json", "result.json"):
        document = json.loads((handing.folder / name).read_text())
        del document["tests"][REQUIRED[0]]
        (handing.folder / name).write_text(json.dumps(document))
    assert handing.verify(handing.pack()) == 1
    assert reasons(capsys) == ["verify.plan-incomplete"]


def test_a_pass_that_no_attempt_bears_out(handing, capsys):
    handing.run({2: Outcome.FAILED})
    file = handing.folder / "result.json"
    document = json.loads(file.read_text())
    document["tests"][2]["outcome"] = "PASSED"
    file.write_text(json.dumps(document))
    assert handing.try_pack() == 2
    assert reasons(capsys) == ["pack.plan"]


def test_json_keeps_its_schema(handing, capsys):
    handing.run(TROUBLE)
    folder = handing.pack()
    (folder / "extra").write_text("x")
    capsys.readouterr()
    assert handing.verify(folder, "--format", "json") == 1
    document = json.loads(capsys.readouterr().out)
    assert schemas.problems(document, "verification") == []
    assert (document["answer"], document["discrepancies"][0]["where"]) == ("DOES_NOT_HOLD", "extra")


def test_a_stranger_s_folder_is_read_with_care(handing, capsys):
    handing.run()
    folder = handing.pack()
    (folder / "evidence").mkdir()
    (folder / "evidence" / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(folder / "evidence" / "pipe")
    (folder / "folder").mkdir()
    (folder / os.fsdecode(b"\xff\x1b[31m")).write_bytes(b"")
    os.truncate(folder / "plan.json", 65 << 20)
    (folder / "result.json").unlink()
    (folder / "result.json").symlink_to(handing.folder / "result.json")
    assert handing.verify(folder) == 1
    found = reasons(capsys)
    assert found.count("verify.not-a-file") == 4
    assert {"verify.file-name", "verify.too-large"} <= {*found}
    for name in ("result.json", "plan.json"):
        (folder / name).unlink(missing_ok=True)
    assert handing.verify(folder / "submission.yaml") == 2


def test_a_file_that_the_reader_may_not_read_is_not_the_vendor_s_fault(handing, capsys, monkeypatch):
    handing.run()
    folder = handing.pack()
    honest = contents.read_within

    def read(inner: Path, name: str, at_most: int) -> bytes:
        if name == "result.json":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        return honest(inner, name, at_most)

    monkeypatch.setattr(contents, "read_within", read)
    capsys.readouterr()
    assert handing.verify(folder) == 3
    assert reasons(capsys) == ["verify.unread"]


def test_a_folder_full_of_links_is_told_in_a_screen(handing, capsys):
    handing.run({0: Outcome.FAILED})
    folder = handing.pack()
    for n in range(300):
        (folder / "evidence" / f"{n}").symlink_to("nowhere")
    capsys.readouterr()
    assert handing.verify(folder) == 1
    assert reasons(capsys).count("verify.not-a-file") == 200


def test_a_name_of_a_test_without_end_is_not_repeated(handing, capsys):
    """Once for each of its attempts, it would fill the memory."""
    handing.run()
    folder = handing.pack()
    document = json.loads((folder / "result.json").read_text())
    attempt = document["tests"][0]["attempts"][0] | {"started": "noon"}
    document["tests"][0].update(id="x" * 100_000, attempts=[attempt | {"n": n} for n in range(1, 100)])
    (folder / "result.json").write_text(json.dumps(document))
    capsys.readouterr()
    assert handing.verify(folder, "--format", "json") == 1
    assert len(capsys.readouterr().out) < 300_000


def test_a_whole_number_that_is_written_as_a_fraction(handing, capsys):
    result = handing.run(TROUBLE)
    folder = handing.pack("--passes-only")
    file = handing.base / "leaf.json"
    assert handing.disclose(result.tests[0].id, "-o", file) == 0
    file.write_text(json.dumps(json.loads(file.read_text()) | {"count": 14.0}))
    assert handing.verify(folder, "--leaf", file) == 2
    assert "$.count" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["name", "version"])
def test_a_line_break_at_the_end_is_one(handing, capsys, what):
    text = yaml.safe_load(PRODUCT)
    handing.product(yaml.safe_dump(text | {what: f"{text[what]}\n"}))
    handing.run()
    assert handing.try_pack() == 2
    assert "[schema.pattern]" in capsys.readouterr().err


def test_a_folder_that_is_no_submission_is_bad_input(handing, capsys):
    handing.run()
    assert handing.verify(handing.pack().parents[2]) == 2
    told = capsys.readouterr().err
    assert "[verify.missing]" in told
    assert "name results/<guideline>/" in told


def test_a_submission_s_folder_that_is_a_link_inside(handing, capsys):
    handing.run(TROUBLE)
    folder = handing.pack()
    shutil.move(folder / "evidence", handing.base / "evidence")
    (folder / "evidence").symlink_to(handing.base / "evidence")
    assert handing.verify(folder) == 1
    assert "verify.not-a-file" in reasons(capsys)


def test_what_is_withheld_can_be_disclosed_later(handing, capsys):
    result = handing.run(TROUBLE)
    folder, leaf = handing.pack("--passes-only"), handing.base / "leaf.json"
    name = result.tests[0].name
    assert handing.disclose(name, "-o", leaf) == 0
    capsys.readouterr()
    assert handing.verify(folder, "--leaf", leaf) == 0
    assert f"disclosed   FAILED {name} ({result.tests[0].id}): it answered with 500" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        lambda leaf, _: leaf["leaf"].update(outcome="PASSED"),
        lambda leaf, _: leaf["leaf"].update(cause="absent"),
        lambda leaf, _: leaf.update(salt="0" * 32),
        lambda leaf, _: leaf.update(index=leaf["index"] + 1),
        lambda leaf, _: leaf.update(root="0" * 64),
        lambda leaf, _: leaf["path"].pop(),
        lambda leaf, _: leaf["record"].update(outcome="PASSED"),
        lambda leaf, _: leaf["record"].update(reason="nothing"),
        lambda leaf, other: leaf["leaf"].update(id=other.id, name=other.name),
        lambda leaf, _: leaf.update(run=OTHER_RUN),
    ],
)
def test_a_leaf_that_was_changed_leads_nowhere(handing, capsys, change):
    result = handing.run(TROUBLE)
    folder, file = handing.pack("--passes-only"), handing.base / "leaf.json"
    assert handing.disclose(result.tests[0].id, "-o", file) == 0
    leaf = json.loads(file.read_text())
    change(leaf, result.tests[1])
    file.write_text(json.dumps(leaf))
    assert handing.verify(folder, "--leaf", file) == 1
    assert {*reasons(capsys)} == {"verify.leaf"}


def test_a_leaf_of_a_submission_without_a_tree_and_a_test_that_is_not_there(handing, capsys):
    result = handing.run()
    handing.pack("--passes-only")
    assert handing.disclose(result.tests[0].id, "-o", handing.base / "leaf.json") == 0
    folder = handing.pack("--results", handing.base / "other")
    capsys.readouterr()
    assert handing.verify(folder, "--leaf", handing.base / "leaf.json") == 1
    assert handing.disclose("no_such_test") == 2
    (handing.folder / "salts.json").unlink()
    assert handing.disclose(result.tests[0].id) == 2
    assert reasons(capsys) == ["verify.leaf", "disclose.unknown-test", "disclose.no-salts"]


def test_a_name_that_several_tests_have_is_no_choice(handing, capsys):
    result = handing.run()
    for name in ("plan.json", "result.json"):
        document = json.loads((handing.folder / name).read_text())
        for n in (1, 4):
            document["tests"][n]["name"] = "test_filter_by_tags"
        (handing.folder / name).write_text(json.dumps(document))
    handing.pack("--passes-only")
    capsys.readouterr()
    for name in ("filter_by_tags", "test_filter_by_tags"):
        assert handing.disclose(name) == 2
        told = capsys.readouterr().err
        assert "[disclose.ambiguous-test]" in told
        assert all(f"{result.tests[n].id}  {result.tests[n].nodeid}" in told for n in (1, 4))
    assert handing.disclose(result.tests[4].id) == 0
    assert json.loads(capsys.readouterr().out)["leaf"]["id"] == result.tests[4].id


def test_a_leaf_is_written_over_nothing_but_a_leaf(handing, capsys):
    """Without the salts, nothing could be disclosed any more."""
    result = handing.run(TROUBLE)
    folder = handing.pack("--passes-only")
    kept, there = handing.base / "kept", [*handing.folder.glob("*.json"), folder / "submission.yaml", handing.key]
    shutil.copy(handing.folder / "salts.json", kept)
    before = [path.read_bytes() for path in there]
    (handing.base / "link.json").symlink_to(handing.folder / "salts.json")
    new = [handing.base / name for name in ("salts.json", "result.json", "plan.json")]
    for path in (*there, *new, handing.base / "link.json", kept, Path("/dev/null")):
        capsys.readouterr()
        assert handing.disclose(result.tests[0].id, "--salts", kept, "-o", path) == 2
        assert reasons(capsys) == ["disclose.output"]
    assert [path.read_bytes() for path in there] == before
    assert not any(path.exists() for path in new)
    for n in (0, 1):
        assert handing.disclose(result.tests[n].id, "-o", handing.base / "leaf.json") == 0
    assert json.loads((handing.base / "leaf.json").read_text())["leaf"]["id"] == result.tests[1].id


@pytest.mark.parametrize(
    ("verb", "option"),
    [("pack", one) for one in ("", "--product", "--key", "--results", "--salts")]
    + [("verify", one) for one in ("", "--trusted", "--leaf", "--catalog")]
    + [("disclose", one) for one in ("", "--salts", "-o")],
)
def test_an_empty_path_is_not_the_current_folder(handing, capsys, monkeypatch, verb, option):
    """As of a variable that is not set; the current folder might hold keys that nobody meant to trust."""
    result = handing.run()
    folder, run = str(handing.pack("--passes-only")), str(handing.folder)
    monkeypatch.chdir({"pack": run, "verify": folder, "disclose": run}[verb])
    shutil.copy(handing.trusted, "key.pub")
    needed = {
        "pack": ["--product", str(handing.product_file), "--passes-only"],
        "verify": [],
        "disclose": ["--test", result.tests[0].id],
    }
    where = {"pack": run, "verify": folder, "disclose": run}[verb] if option else ""
    capsys.readouterr()
    assert call([verb, where, *needed[verb], *([option, ""] if option else [])]) == 2
    assert re.search("the path is empty|'' does not exist", capsys.readouterr().err)


def test_an_owner_s_name_is_inert(handing, capsys):
    handing.run()
    folder = handing.pack()
    handing.trusted.write_text(handing.trusted.read_text().replace("acme@example", "\x1b[31macme\u202e"))
    assert handing.verify(folder) == 0
    assert "key's words \\x1b[31macme\\u202e\n" in capsys.readouterr().out


def test_who_signed_is_told_beside_the_vendor_and_not_in_the_key_s_own_words(handing, capsys):
    """Any trusted key may sign for any vendor, and whoever made a key has written its comment."""
    handing.run()
    folder, keys = handing.pack(key=write_key(handing.base / "mallory")), handing.base / "keys"
    keys.mkdir()
    shutil.copy(handing.trusted, keys / "acme.pub")
    words = "ACME GmbH release key, checked by the board"
    mallory = (handing.base / "mallory.pub").read_text().replace("acme@example", words)
    (keys / "mallory.pub").write_text(mallory)
    capsys.readouterr()
    assert handing.verify(folder, "--trusted", keys, trusted=False) == 0
    [signed, after] = re.findall(r"^signed by .*\n.*", capsys.readouterr().out, re.MULTILINE)[0].splitlines()
    assert re.fullmatch(r"signed by   mallory \(SHA256:\S{43}\), for the vendor ACME GmbH", signed)
    assert after == f"key's words {words}"
    assert handing.verify(folder, "--trusted", keys, "--format", "json", trusted=False) == 0
    signer = json.loads(capsys.readouterr().out)["signer"]
    assert (signer["owner"], signer["comment"]) == ("mallory", words)


def test_a_product_s_version_is_no_line_of_ours(handing, capsys):
    """At 80 columns the blanks would end the first line, and what follows would begin one."""
    handing.run({0: Outcome.FAILED})
    line = "verdict     CONFORMANT under the policy strict"
    handing.product(PRODUCT.replace('"3.10"', f'"3{" " * 55}{line}{" " * 34}"'))
    assert handing.verify(handing.pack()) == 0
    told = capsys.readouterr().out
    assert line not in told
    assert "product     ACME Cloud 3 verdict CONFORMANT under" in told


def test_a_product_in_any_script(handing):
    handing.run()
    handing.product(PRODUCT.replace("ACME Cloud", "云服务 é").replace("interop@acme.example", "\U0001f600 null"))
    folder = handing.pack()
    assert folder.parent.name == "云服务-é"
    assert "云服务" in (folder / "submission.yaml").read_text()
    assert handing.verify(folder) == 0
    assert len(plan().tests) == FEW
