"""A folder from a stranger is looked through without a step outside, and without waiting."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from defcore.errors import InputError
from defcore.reading.files import read_regular
from defcore.reading.folder import FolderLimits, names_and_sizes, read_within

LIMITS = FolderLimits(files=10, size=100, total=250, depth=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "submission"
    (made / "evidence").mkdir(parents=True)
    (made / "result.json").write_bytes(b"12345")
    (made / "evidence" / "a.har").write_bytes(b"har")
    (tmp_path / "secret").write_bytes(b"secret")
    return made


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        names_and_sizes(folder, LIMITS)
    return [f"{one.where}".removeprefix(f"{folder}/") + f" {one.code}" for one in raised.value.problems]


def test_names_and_sizes(folder: Path) -> None:
    assert names_and_sizes(folder, LIMITS) == {"evidence/a.har": 3, "result.json": 5}
    assert list(names_and_sizes(folder)) == ["evidence/a.har", "result.json"]


def test_links_and_special_files_are_refused_all_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b").symlink_to(folder.parent / "secret")
    (folder / "c").symlink_to("result.json")
    (folder / "evidence" / "d").symlink_to("/etc")
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "e")
    os.link(folder.parent / "secret", folder / "f")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(folder)
        server.bind("g")
    expected = ["b folder.link", "c folder.link", "e folder.special", "evidence/d folder.link", "f folder.link"]
    assert sorted(problems(folder)) == [*expected, "g folder.special", "gone folder.link"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["a\nb"], "a\nb folder.name"),
        (["a\x1b[31m"], "a\x1b[31m folder.name"),
        (["a\u202egnp.exe"], "a\u202egnp.exe folder.name"),
        (["a\u200b"], "a\u200b folder.name"),
        (["..\\..\\b"], "..\\..\\b folder.name"),
        (["n" * 201], f"{'n' * 201} folder.name"),
        (["README", "readme"], " folder.alike"),
        (["\u00e9", "e\u0301"], " folder.alike"),
        (["stra\u00dfe", "STRASSE"], " folder.alike"),
        (["a", "\uff41"], " folder.alike"),
    ],
)
def test_names_that_hide_something_or_can_be_mistaken(folder: Path, names: list[str], problem: str) -> None:
    for name in names:
        (folder / name).touch()
    found = problems(folder)
    assert len(found) == 1
    assert found[0].endswith(problem)


def test_a_name_that_is_no_text_is_shown_in_numbers(folder: Path) -> None:
    (folder / os.fsdecode(b"a\xff")).touch()
    assert problems(folder) == ["a\\xff folder.name"]


def test_numbers_and_sizes_are_bounded(folder: Path) -> None:
    (folder / "large").write_bytes(bytes(101))
    assert problems(folder) == ["large folder.size"]
    os.truncate(folder / "large", 1 << 40)  # a sparse file: large, and nothing on the disk
    assert problems(folder)[0] == "large folder.size"
    (folder / "large").unlink()
    for n in range(3):
        (folder / f"{n}").write_bytes(bytes(90))
    assert [one.split()[-1] for one in problems(folder)] == ["folder.size"]
    for n in range(20):
        (folder / f"{n}").write_bytes(b"")
    assert problems(folder)[-1].endswith(" folder.size")


def test_depth_is_bounded(folder: Path) -> None:
    (folder / "a/b/c/d").mkdir(parents=True)
    assert problems(folder) == ["a/b/c folder.depth"]


def test_what_is_no_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", Path("/dev/null"), Path("a\0b")):
        with pytest.raises(InputError, match=r"folder\.unreadable"):
            names_and_sizes(path)


def test_a_file_within_is_read(folder: Path) -> None:
    assert read_within(folder, "evidence/a.har", 100) == b"har"
    assert read_within(folder, "result.json", 3) == b"1234"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../secret", "evidence/../../secret", "/etc/passwd", "evidence//a.har", "./result.json", "a\0b",
     "evidence", "result.json/a", "link", "there/secret", "pipe", "x" * 5000],
)  # fmt: skip
def test_nothing_outside_or_special_is_read(folder: Path, name: str) -> None:
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "there").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe")
    with pytest.raises(OSError, match=r".") as raised:
        read_within(folder, name, 100)
    assert "secret" not in str(raised.value).replace(name, "")


def test_pipes_devices_and_sockets_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to("file")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty"), tmp_path, tmp_path / "nowhere", Path("a\0b")):
        with pytest.raises(OSError, match=r"."):
            read_regular(path, 10)
    assert read_regular(tmp_path / "link", 10) == b"1"
    with pytest.raises(OSError, match="symbolic link"):
        read_regular(tmp_path / "link", 10, links=False)
