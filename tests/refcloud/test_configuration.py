"""The files that the services read, and clouds.yaml."""

from __future__ import annotations

import configparser
import json
import stat
from pathlib import Path

import pytest
import yaml

from defcore.refcloud import configuration, parts
from defcore.refcloud.state import Facts, State

PORTS = {name: 20000 + number for number, name in enumerate(configuration.listeners(parts.PARTS))}


@pytest.fixture
def facts() -> Facts:
    return Facts(release="r", ports=dict(PORTS), passwords=configuration.new_passwords())


@pytest.fixture
def state(tmp_path: Path, facts: Facts) -> State:
    made = State(tmp_path / "state")
    made.prepare()
    configuration.write(made, facts, parts.PARTS, Path("/environment"))
    return made


def test_every_file_is_private_and_filled_in(state: State) -> None:
    files = [*(state / "etc").iterdir(), state / "clouds.yaml"]
    assert len(files) > 12
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        if file.suffix == ".conf":
            assert "{" not in file.read_text(), file


def test_configuration_files_can_be_read_as_such(state: State) -> None:
    for file in (state / "etc").glob("*.conf"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(file)
        assert parser.sections(), file


def test_the_four_clouds_log_in_as_different_users(state: State, facts: Facts) -> None:
    clouds = yaml.safe_load((state / "clouds.yaml").read_text())["clouds"]
    assert list(clouds) == ["defcore-ref", "defcore-ref-alt", "defcore-ref-reader", "defcore-ref-admin"]
    assert len({cloud["auth"]["password"] for cloud in clouds.values()}) == 4
    projects = {name: cloud["auth"]["project_name"] for name, cloud in clouds.items()}
    assert projects["defcore-ref"] == projects["defcore-ref-reader"] != projects["defcore-ref-alt"]
    address = f"http://127.0.0.1:{facts.ports['keystone']}/v3"
    assert {cloud["auth"]["auth_url"] for cloud in clouds.values()} == {address}


def test_roles_are_the_least_that_each_user_needs() -> None:
    assert configuration.USERS["ref"][1] == ("member",)
    assert configuration.USERS["ref-alt"][1] == ("member",)
    assert configuration.USERS["ref-reader"][1] == ("reader",)
    assert "ResellerAdmin" in configuration.USERS["admin"][1]


def test_the_catalog_names_just_what_runs(facts: Facts) -> None:
    some = configuration.identity(facts, parts.choose(["swift"]))["services"]
    assert list(some) == ["identity", "object-store"]  # type: ignore[call-overload]
    every = configuration.identity(facts, parts.PARTS)["services"]
    assert {"compute", "image", "network", "block-storage"} < set(every)  # type: ignore[call-overload]


def test_passwords_are_random_for_each_cloud() -> None:
    one, two = configuration.new_passwords(), configuration.new_passwords()
    assert set(one.values()).isdisjoint(two.values())


def test_neutron_tells_nova_only_if_there_is_one(tmp_path: Path, facts: Facts) -> None:
    for services, expected in ((["neutron"], "false"), (["nova"], "true")):
        state = State(tmp_path / expected)
        state.prepare()
        configuration.write(state, facts, parts.choose(services), Path("/environment"))
        assert f"notify_nova_on_port_status_changes = {expected}" in (state / "etc/neutron.conf").read_text()


def test_keystone_gets_its_users_as_json(state: State, facts: Facts) -> None:
    wanted = json.loads((state / "etc/keystone.json").read_text())
    assert wanted["users"]["ref"] == {
        "project": "ref",
        "roles": ["member"],
        "password": facts.passwords["ref"],
    }
