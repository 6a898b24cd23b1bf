"""The state folder: what is refused, and that nothing of others is ever removed."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from defcore import refcloud
from defcore.errors import InputError
from defcore.refcloud import environment
from defcore.refcloud.cloud import Cloud
from defcore.refcloud.state import Facts, State, check_disk, check_extended_attributes

Usage = namedtuple("Usage", "total used free")


def test_the_usual_folder_is_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEFCORE_REFCLOUD_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/me/.state")
    assert refcloud.state_dir() == Path("/home/me/.state/defcore/refcloud")
    assert refcloud.reference_clouds_file() == Path("/home/me/.state/defcore/refcloud/clouds.yaml")
    assert refcloud.reference_clouds_file("/elsewhere") == Path("/elsewhere/clouds.yaml")


def test_a_variable_moves_the_usual_folder_for_every_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFCORE_REFCLOUD_STATE", "/data/cloud")
    assert refcloud.reference_clouds_file() == Path("/data/cloud/clouds.yaml")
    assert Cloud().state.path == Path("/data/cloud")
    assert Cloud("/other").state.path == Path("/other")


def test_facts_come_back_as_they_were_saved(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.prepare()
    facts = Facts(release="r", started=["keystone"], ports={"keystone": 5000}, passwords={"ref": "secret"})
    state.save(facts)
    assert state.read() == facts
    assert stat.S_IMODE((state / "state.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700


def test_tokens_differ_between_clouds() -> None:
    assert Facts(release="r").token != Facts(release="r").token


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": "defcore/refcloud-state/9"}'])
def test_unreadable_facts_are_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(InputError) as caught:
        State(tmp_path).read()
    assert caught.value.problems[0].code == "refcloud.state-unreadable"
    assert "wipe" in (caught.value.problems[0].hint or "")


def test_a_folder_with_other_files_is_neither_used_nor_wiped(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for act in (lambda: Cloud(tmp_path).up(), lambda: Cloud(tmp_path).wipe()):
        with pytest.raises(InputError, match="holds other files"):
            act()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("name", [".lock", ".state.json.4711", ".attributes.4711"])
def test_what_a_killed_command_left_is_not_taken_for_others_files(tmp_path: Path, name: str) -> None:
    state = State(tmp_path / "state")
    state.path.mkdir()
    (state / name).touch()
    state.prepare()
    state.remove()
    assert not state.path.exists()


def test_a_folder_is_known_as_a_cloud_s_before_anything_else_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud(tmp_path / "state")

    def killed(*_: object, **__: object) -> None:
        assert cloud.state.exists
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "ensure", killed)
    with pytest.raises(KeyboardInterrupt):
        cloud.up(["keystone"])
    assert cloud.status() == ()
    assert cloud.wipe()


def test_wipe_removes_a_cloud_even_if_its_facts_are_damaged(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "state.json").write_text("{")
    (state / "log").mkdir()
    assert Cloud(state).wipe()
    assert not state.exists()


def test_wipe_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    outside, state = tmp_path / "outside", State(tmp_path / "state")
    outside.mkdir()
    (outside / "kept").touch()
    state.prepare()
    state.save(Facts(release="r"))
    (state / "link").symlink_to(outside)
    state.remove()
    assert (outside / "kept").exists()
    assert not state.path.exists()


def test_nothing_to_wipe_or_end_is_no_error(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "never")
    assert cloud.wipe() is False
    assert cloud.down() == 0
    assert cloud.status() == ()
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("name", ["a b", "a$b", "a%b", "a?b", "a{b"])
def test_paths_that_configuration_files_misread_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        State(tmp_path / name).prepare()
    assert caught.value.problems[0].code == "refcloud.state-path"


def test_a_full_disk_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100 << 30, 99 << 30, 1 << 20))
    with pytest.raises(InputError, match="1 MiB of disk are free, 2048 MiB are needed"):
        check_disk(tmp_path, 2 << 30)


def test_a_file_system_without_extended_attributes_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr("os.setxattr", refuse)
    with pytest.raises(InputError) as caught:
        check_extended_attributes(tmp_path)
    assert caught.value.problems[0].code == "refcloud.no-extended-attributes"
    assert list(tmp_path.iterdir()) == []


def test_data_of_another_release_is_not_started(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.prepare()
    state.save(Facts(release="older"))
    with pytest.raises(InputError) as caught:
        Cloud(state.path).up()
    assert caught.value.problems[0].code == "refcloud.other-release"


def test_the_schema_stands_in_the_file(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save(Facts(release="r"))
    assert json.loads((tmp_path / "state.json").read_text())["schema"] == "defcore/refcloud-state/1"
