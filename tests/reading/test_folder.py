"""A folder from a stranger is looked through without a step outside, and without waiting."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from defcore.reading.files import read_regular
from defcore.reading.folder import names_within, read_within


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "submission"
    (made / "evidence").mkdir(parents=True)
    (made / "result.json").write_bytes(b"12345")
    (made / "evidence" / "a.har").write_bytes(b"har")
    (tmp_path / "secret").write_bytes(b"secret")
    return made


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


def test_the_names_in_a_folder_are_told_up_to_a_number_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b", "a", "c"):
        (tmp_path / "inner" / name).touch()
    (tmp_path / "link").symlink_to("inner")
    assert names_within(tmp_path, "inner", 3) == ("a", "b", "c")
    assert len(names_within(tmp_path, "inner", 1)) == 2
    assert names_within(tmp_path, "", 9) == ("inner", "link")
    assert names_within(tmp_path / "link", "", 9) == ("a", "b", "c"), "the folder itself was named by the user"
    for wrong in ("link", "none", "..", "inner/../inner", "/etc", "inner/a"):
        with pytest.raises(OSError, match=r"."):
            names_within(tmp_path, wrong, 9)


def test_what_is_refused_keeps_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("folder", "pipe"):
        with pytest.raises(OSError, match="regular file"):
            read_within(tmp_path, name, 9)
        with pytest.raises(OSError, match="regular file"):
            read_regular(tmp_path / name, 9)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
