"""What a person sees who meets `run`, `check` and `sweep` with something amiss."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from defcore.cli import call
from defcore.model.result import CloudInfo
from defcore.run.contact import open_user
from defcore.run.exchange import Recorder
from defcore.run.facts import cpid
from defcore.run.folder import alone
from defcore.run.ledger import Ledger, index_file, index_run
from defcore.run.process import this_machine
from tests.fakes.cloud import PASSWORDS, FakeCloud, serving
from tests.run.test_journal import HEADER, written

RUN = "11111111-1111-4111-8111-111111111111"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = call(list(arguments))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return code, shown.out + shown.err


def test_check_names_what_is_missing_with_the_remedy(cloud: FakeCloud, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = told(capsys, "check", "--cloud", "user", "--platform", "object")
    assert code == 0
    assert "no alt user" in shown
    assert "(--alt-cloud NAME)" in shown
    assert "CONFORMANT is out of reach" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "--cloud", "usr"), 2, ["no cloud 'usr'", "did you mean 'user'?"]),
        (("check", "--cloud", "user", "--alt-cloud", "reader"), 2, ["same project"]),
        (("run", "--cloud", "user", "--alt-cloud", "user"), 2, ["is the same user"]),
        (("run", "--cloud", "user", "--set", "imagee=x", "--set", "x"), 2, ["did you mean 'image'?", "not name=value"]),
        (("run", "--cloud", "user", "--settings", "s.yaml"), 2, ["s.yaml:2:1: no setting 'flavour'", "s.yaml:3:10"]),
        (("run", "--cloud", "user", "--settings", "absent.yaml"), 2, ["absent.yaml"]),
        (("run", "--cloud", "user", "--out", "taken"), 2, ["the run folder holds 'file'"]),
        (("run", "--cloud", "user", "--out", "s.yaml"), 2, ["s.yaml: the run folder cannot be used"]),
        (("run", "--cloud", "user", "--set", "volume_type=x", "-n", "0"), 2, ["a number from 1 to 64"]),
        (("run", "--cloud", "user", "--challenge", "a b"), 2, ["'a b' is no challenge: 6 to 16 letters and digits"]),
        (("sweep", "--cloud", "usr"), 2, ["no cloud 'usr'"]),
        (("sweep", "--cloud", "user", "--older-than", "x"), 2, ["no age such as"]),
        (("sweep", "--cloud", "user", "--folder", "taken", "--run", "1234"), 2, ["do not go with it"]),
        (("sweep", "--cloud", "user", "--ended"), 2, ["name it with --folder"]),
        (("sweep", "--cloud", "user", "--folder", "taken"), 2, ["taken/journal.jsonl: there is no journal here"]),
        (("sweep", "--cloud", "user", "--folder", "absent"), 2, ["absent: the run folder cannot be used"]),
        (("sweep", "--cloud", "user", "--folder", "s.yaml"), 2, ["s.yaml: the run folder cannot be used"]),
        (("sweep", "--cloud", "user", "--run", "12345678"), 2, ["no run '12345678'"]),
        (("sweep", "--cloud", "user"), 0, ["nothing is left by runs of user on this machine"]),
        (("run", "--cloud", "user", "--budget", "servers=0,disks=1"), 2, ["'0' is no number", "no budget for 'disks'"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_amiss_is_told_with_the_exit_code(
    cloud: FakeCloud,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text("image: cirros\nflavour: x\nnetwork: [1]\n")
    Path("taken").mkdir()
    Path("taken/file").touch()
    seen, shown = told(capsys, *arguments)
    assert seen == code, shown
    for word in words:
        assert word in shown
    assert not Path("runs").exists()


def test_the_sweep_says_what_to_do_where_it_cannot_remove(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    index_run("1" * 8, tmp_path, ("user",))
    code, shown = told(capsys, "sweep", "--cloud", "user")
    assert (code, "is alive, not touched" in shown) == (0, True)
    assert "nothing is left by runs that are over" in shown
    entry = index_file("1" * 8)
    entry.write_text(entry.read_text().replace(this_machine().partition("/")[0], "another-host"))
    shown = told(capsys, "sweep", "--cloud", "user")[1]
    assert f"was started on another-host, where it can be swept; from here by --folder {tmp_path}" in shown
    index_run("2" * 8, tmp_path / "gone", ("user",))
    entry.unlink()
    entry = index_file("2" * 8)
    pid = str(os.getpid())
    entry.write_text(entry.read_text().replace(f'"pid": {pid}', '"pid": 4194305'))
    code, shown = told(capsys, "sweep", "--cloud", "user")
    assert code == 3
    assert f"look for defcore-22222222-* by hand, then remove {entry}" in shown


def test_a_wrong_password_is_input(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PASSWORDS, "user", "changed-meanwhile")
    code, shown = told(capsys, "run", "--cloud", "user")
    assert code == 2
    assert "refuses the credentials" in shown
    assert "Pa55word" not in shown


def test_a_cloud_that_is_stopped_is_unknown(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as gone:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(gone.clouds_yaml(tmp_path / "gone.yaml")))
    for verb in ("run", "check"):
        code, shown = told(capsys, verb, "--cloud", "user")
        assert code == 3
        assert "cannot be asked" in shown


def test_a_sweep_that_lost_the_ledger_says_so(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_run("11111111-1111-4111-8111-111111111111", tmp_path / "gone", ("user",))
    monkeypatch.setattr("defcore.run.ledger.is_alive", lambda process: False)
    code, shown = told(capsys, "sweep", "--cloud", "user")
    assert code == 3
    assert "defcore-11111111-*" in shown


def left_by_a_dead_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that asked for a network. Returns its ledger."""
    monkeypatch.setattr("defcore.run.ledger.is_alive", lambda process: False)
    index_run(RUN, folder, ("user",))
    ledger = Ledger(folder, run=RUN)
    key = ledger.intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="defcore-11111111-net-1")
    ledger.created(key, id="7")
    ledger.close()
    return folder / "ledger.jsonl"


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["sweep", "dry"])
def test_a_damaged_ledger_is_told_and_its_run_is_not_forgotten(
    cloud: FakeCloud,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dry: tuple[str, ...],
) -> None:
    ledger = left_by_a_dead_run(tmp_path / "run", monkeypatch)
    opened, intended, *rest = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join([opened, intended[:60], "\n", *rest]))
    code, shown = told(capsys, "sweep", "--cloud", "user", *dry)
    assert (code, "nothing is left" in shown) == (3, False)
    assert "the ledger is damaged: 1 line cannot be read, and what was asked for is missing of 7: look for" in shown
    assert f"look for defcore-11111111-* by hand, then remove {index_file(RUN)}" in shown
    assert index_file(RUN).exists()


@pytest.mark.parametrize(
    ("chosen", "code"), [((), 3), (("--run", "2222"), 3), (("--run", "3333"), 2)], ids=["all", "it", "another"]
)
def test_an_entry_of_the_list_of_runs_that_cannot_be_read_is_told(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path, chosen: tuple[str, ...], code: int
) -> None:
    index_run("22222222-2222", tmp_path, ("user",))
    index_file("22222222-2222").write_text("")
    seen, shown = told(capsys, "sweep", "--cloud", "user", *chosen)
    assert (seen, "nothing is left" in shown) == (code, False)
    words = f"{index_file('22222222-2222')} cannot be read"
    assert (words in shown, "look for defcore-22222222-* by hand" in shown) == (code == 3, code == 3)


def run_folder_from(folder: Path, machine: str, *, ledger: bool = True) -> Path:
    """Of a run that asked for a network; its processes were on another machine, or are on this one."""
    folder.mkdir()
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    seen = CloudInfo(name="user", cpid=cpid(user), region=None, endpoints=(), microversions=())
    written(folder, replace(HEADER, run=RUN, cloud=seen, users=(("primary", "user"), ("alt", "alt"))))
    if ledger:
        one = Ledger(folder, run=RUN)
        one.intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="defcore-11111111-net-1")
        one.close()
        path = folder / "ledger.jsonl"
        path.write_text(path.read_text().replace(json.dumps(this_machine()), json.dumps(machine)))
    return folder


def test_a_run_folder_of_another_machine_is_swept_if_the_user_says_that_the_run_is_over(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = run_folder_from(tmp_path / "run", "another-host/1")
    cloud.put("/network/v2.0/networks", name="defcore-11111111-net-1")
    chosen = ("sweep", "--cloud", "user", "--folder", str(folder))
    code, shown = told(capsys, *chosen)
    assert (code, "was at work on another-host" in shown, "say so: --ended" in shown) == (2, True, True)
    code, shown = told(capsys, *chosen, "--ended", "--dry-run")
    assert (code, "would remove network defcore-11111111-net-1" in shown) == (0, True)
    assert len(cloud.rows("/network/v2.0/networks")) == 1
    code, shown = told(capsys, *chosen, "--ended")
    assert (code, "removed network defcore-11111111-net-1" in shown, "nothing is left" in shown) == (0, True, True)
    assert cloud.rows("/network/v2.0/networks") == []


def test_a_run_folder_is_not_swept_while_the_run_is_alive_here(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = run_folder_from(tmp_path / "run", this_machine())
    code, shown = told(capsys, "sweep", "--cloud", "user", "--folder", str(folder), "--ended")
    assert (code, f"the run is alive: process {os.getpid()}" in shown) == (2, True)
    with alone(folder):
        code, shown = told(capsys, "sweep", "--cloud", "user", "--folder", str(folder), "--ended")
    assert (code, "another process is at work in the run folder" in shown) == (2, True)
    index_run(RUN, folder, ("user",))
    (folder / "ledger.jsonl").write_text("")
    code, shown = told(capsys, "sweep", "--cloud", "user", "--folder", str(folder), "--ended")
    assert (code, "the run is alive" in shown) == (2, True), "as the list of runs says"


def test_a_run_folder_that_does_not_tell_is_not_swept(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = run_folder_from(tmp_path / "run", "another-host/1", ledger=False)
    chosen = ("--folder", str(folder), "--ended")
    code, shown = told(capsys, "sweep", "--cloud", "user", *chosen)
    assert (code, f"{folder}: there is no ledger" in shown) == (2, True)
    Ledger(folder, run=RUN).close()
    code, shown = told(capsys, "sweep", "--cloud", "reader", *chosen)
    assert (code, "made by user, alt" in shown, "name it: --cloud user" in shown) == (2, True, True)
    (folder / "journal.jsonl").unlink()
    written(folder, replace(HEADER, run=RUN, cloud=None, users=(("primary", "user"),)))
    code, shown = told(capsys, "sweep", "--cloud", "user", *chosen)
    assert (code, "nothing of which cloud the run was made on" in shown) == (2, True)
