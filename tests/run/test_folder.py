"""The folder of a run: empty at first, then of one process alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from defcore.errors import InputError
from defcore.run.folder import alone, claimed


def test_a_folder_is_claimed_only_if_it_is_empty_and_can_be_written(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b") as folder:
        assert list(folder.iterdir()) == []
    (tmp_path / "a" / "file").touch()
    for path in (tmp_path / "a", tmp_path / "a" / "file", Path("/proc/nowhere")):
        with pytest.raises(InputError), claimed(path):
            pass


def test_of_two_who_claim_a_folder_at_once_one_gets_it(tmp_path: Path) -> None:
    """The other finds it taken, whether the first is still at work there or has left its plan."""
    for number in range(50):
        codes: list[str] = []
        together = threading.Barrier(2)
        threads = [threading.Thread(target=_claim, args=(tmp_path / str(number), together, codes)) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(codes)[0] == "claimed", codes
        assert codes.count("claimed") == 1, codes


def _claim(path: Path, together: threading.Barrier, codes: list[str]) -> None:
    together.wait()
    try:
        with claimed(path) as folder:
            (folder / "plan.json").touch(exist_ok=False)
            codes.append("claimed")
    except InputError as error:
        codes.append(error.problems[0].code)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the run folder cannot be used: No such file"), alone(tmp_path / "gone"):
        pass
