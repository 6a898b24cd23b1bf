"""What is written down before it is made, and whose run is alive."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from defcore import schemas
from defcore.run import ledger as ledger_module
from defcore.run.ledger import (
    FILE,
    Ledger,
    index_file,
    index_run,
    indexed_runs,
    left_by,
    read_ledger,
    strike_run,
    unreadable_entries,
)
from defcore.run.process import is_alive, this_process

RUN = "11111111-1111-4111-8111-111111111111"


def intend(ledger: Ledger, name: str, id: str | None = None) -> str:
    return ledger.intend(kind="server", cloud="c", path="/servers/{id}", name=name, id=id)


def test_what_was_intended_and_not_removed_is_left(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    intend(ledger, "lost")
    kept = intend(ledger, "kept")
    ledger.created(kept, id="7")
    gone = intend(ledger, "gone", id="8")
    ledger.removed(gone)
    assert [(entry.name, entry.id) for entry in left_by(tmp_path)] == [("lost", None), ("kept", "7")]


def test_every_line_holds_against_the_schema(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    key = intend(ledger, "x")
    ledger.created(key, id="7")
    ledger.removed(key)
    for line in (tmp_path / FILE).read_text().splitlines():
        assert schemas.problems(json.loads(line), "ledger") == []


def test_several_writers_append_to_one_ledger(tmp_path: Path) -> None:
    ledgers = [Ledger(tmp_path, run=RUN) for _ in range(3)]
    for number in range(30):
        intend(ledgers[number % 3], f"n{number}")
    state = read_ledger(tmp_path)
    assert [entry.name for entry in state.left] == [f"n{number}" for number in range(30)]
    assert state.unreadable == 0


def test_a_torn_line_costs_nothing_but_itself(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    intend(ledger, "first")
    with (tmp_path / FILE).open("a") as file:
        file.write('{"event":"intend","key":"x","ki\n{"event":"magic"}\n[1]\n')
    intend(ledger, "second")
    state = read_ledger(tmp_path)
    assert [entry.name for entry in state.left] == ["first", "second"]
    assert state.unreadable == 2
    assert state.damage == "the ledger is damaged: 2 lines cannot be read"


@pytest.mark.parametrize(
    "event",
    [
        {"event": "open", "pid": "x", "start": "1", "machine": "m"},
        {"event": "open", "pid": 1, "start": "1", "machine": None},
        {"event": "intend", "key": "k", "kind": ["server"], "cloud": "c", "path": "/p", "name": None, "id": None},
        {"event": "intend", "key": "k", "kind": "server", "cloud": "c", "path": "/p", "name": 5, "id": None},
        {"event": "created", "key": [], "id": "7"},
    ],
)
def test_what_is_no_event_is_a_line_that_cannot_be_read(tmp_path: Path, event: dict[str, object]) -> None:
    (tmp_path / FILE).write_text(json.dumps(event) + "\n")
    state = read_ledger(tmp_path)
    assert (state.left, state.processes, state.unreadable) == ((), (), 1)


def test_a_last_line_that_was_torn_is_no_damage(tmp_path: Path) -> None:
    """Nothing was asked for on the strength of it."""
    ledger = Ledger(tmp_path, run=RUN)
    intend(ledger, "first")
    intend(ledger, "torn")
    os.truncate(tmp_path / FILE, (tmp_path / FILE).stat().st_size - 40)
    state = read_ledger(tmp_path)
    assert ([entry.name for entry in state.left], state.damage) == (["first"], None)


def test_what_was_made_and_whose_intention_is_lost_is_told_until_it_is_removed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    gone = intend(ledger, "gone")
    ledger.removed(gone)
    ledger.created(gone, id="6")
    assert read_ledger(tmp_path).damage is None, "its intention is known"
    ledger.created("lost", id="7")
    assert read_ledger(tmp_path).damage == "the ledger is damaged: what was asked for is missing of 7"
    ledger.removed("lost")
    assert read_ledger(tmp_path).damage is None


def test_an_intention_is_on_disk_before_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(ledger_module.os, "fsync", synced.append)
    ledger = Ledger(tmp_path, run=RUN)
    assert len(synced) == 1, "the name of a new ledger"
    intend(ledger, "x")
    assert len(synced) == 2


def test_a_full_disk_is_an_error_before_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    monkeypatch.setattr(ledger_module.os, "write", lambda file, data: len(data) // 2)
    with pytest.raises(OSError, match="ledger"):
        intend(ledger, "x")


def test_a_full_disk_swallows_no_other_intention(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: a file that may not grow beyond what it has."""
    code = f"""
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.run.test_ledger import FILE, RUN, Ledger, intend
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path({str(tmp_path)!r})
ledger = Ledger(folder, run=RUN)
size = (folder / FILE).stat().st_size
whole = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, whole[1]))
try:
    intend(ledger, "refused")
except OSError as error:
    print(error.filename, (folder / FILE).stat().st_size - size)
resource.setrlimit(resource.RLIMIT_FSIZE, whole)
intend(ledger, "kept")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / FILE), "0"]
    state = read_ledger(tmp_path)
    assert ([entry.name for entry in state.left], state.unreadable) == (["kept"], 0)


@pytest.mark.parametrize(
    ("cut", "names"), [(40, ["first", "second"]), (1, ["first", "torn", "second"])], ids=["torn", "whole"]
)
def test_a_last_line_without_an_end_swallows_no_other_intention(tmp_path: Path, cut: int, names: list[str]) -> None:
    ledger = Ledger(tmp_path, run=RUN)
    intend(ledger, "first")
    intend(ledger, "torn")
    ledger.close()
    os.truncate(tmp_path / FILE, (tmp_path / FILE).stat().st_size - cut)
    intend(Ledger(tmp_path, run=RUN), "second")
    state = read_ledger(tmp_path)
    assert ([entry.name for entry in state.left], state.unreadable) == (names, 0)


def test_this_process_is_alive_and_its_number_alone_does_not_tell() -> None:
    own = this_process()
    assert is_alive(own)
    assert not is_alive(replace(own, start="1"))
    assert not is_alive(replace(own, machine=own.machine.partition("/")[0] + "/another-boot"))
    assert is_alive(replace(own, machine="elsewhere/1", pid=1)), "another machine's processes cannot be seen"


def test_a_process_that_ended_is_not_alive() -> None:
    code = "import json, dataclasses; from defcore.run.process import *; told = dataclasses.asdict(this_process())"
    child = subprocess.run(
        [sys.executable, "-c", f"{code}; print(json.dumps(told))"], capture_output=True, text=True, check=True
    )
    told = json.loads(child.stdout)
    assert not is_alive(replace(this_process(), pid=told["pid"], start=told["start"]))


def test_a_run_is_indexed_until_it_is_struck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "run"
    folder.mkdir()
    index_run(RUN, folder, ("c", "c-alt"))
    (run,) = indexed_runs()
    assert (run.id, run.folder, run.clouds, run.alive) == (RUN, folder, ("c", "c-alt"), True)
    assert asdict(run.process)["pid"] == os.getpid()
    strike_run(RUN)
    assert indexed_runs() == ()


def test_the_entry_of_a_run_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    sizes: list[tuple[int, bool]] = []
    monkeypatch.setattr(
        ledger_module.os, "fsync", lambda file: sizes.append((os.fstat(file).st_size, index_file(RUN).exists()))
    )
    index_run(RUN, tmp_path, ("c",))
    assert sizes[0] == (index_file(RUN).stat().st_size, False)


def test_a_broken_entry_of_the_index_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    index_run(RUN, tmp_path, ("c",))
    entry = index_file(RUN).read_text()
    for name, content in (("empty", ""), ("list", "[]"), ("when", entry.replace("+00:00", ""))):
        index_file(name).write_text(content)
    index_file("who").write_text(entry.replace('"pid": ', '"pid": null, "was": '))
    assert [run.id for run in indexed_runs()] == [RUN]
    assert [path.stem for path in unreadable_entries()] == ["empty", "list", "when", "who"]
