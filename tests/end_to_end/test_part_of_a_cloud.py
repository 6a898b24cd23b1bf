"""A cloud with identity and object storage alone: core-conformant in one component, and no platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ReferenceCloud, defcore, start_cloud, stop_cloud
from tests.end_to_end.test_powered_platform import USERS

pytestmark = pytest.mark.refcloud


@pytest.fixture(scope="module")
def object_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceCloud]:
    state = tmp_path_factory.mktemp("object-cloud") / "state"
    try:
        yield start_cloud(state, "--services", "keystone,swift")
    finally:
        stop_cloud(ReferenceCloud(state=state))


def test_object_storage_is_conformant_and_the_platform_is_not(object_cloud: ReferenceCloud, tmp_path: Path) -> None:
    environment = {
        "OS_CLIENT_CONFIG_FILE": str(object_cloud.clouds_file),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    folder = tmp_path / "run"
    done = defcore(
        "run", *USERS, "--guideline", "2020.06", "--platform", "platform", "-n", "4", "--out", folder,
        **environment,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr
    card = json.loads((folder / "scorecard.json").read_text())
    assert card["verdict"] == "NON_CONFORMANT"
    absent = {
        test["cause"]
        for capability in card["capabilities"]
        for test in capability["tests"]
        if capability["id"].startswith("networks-") and test["outcome"] == "SKIPPED"
    }
    assert absent == {"absent"}, "a service that is not in the catalog is absent, by the cloud's own answer"
    judged = defcore("score", folder, "--target", "object", "--format", "json")
    assert (judged.returncode, json.loads(judged.stdout)["verdict"]) == (0, "CONFORMANT")
