"""The ledger is told how large a volume or snapshot will be, so that the run's budget can be kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from defcore.errors import Prerequisite
from defcore.model.capability import Service
from defcore.suite.support import Api, Resources
from tests.suite.test_quota import Cloud, Response


class Storage(Cloud):
    """Makes volumes and snapshots; remembers what the ledger was told."""

    def __init__(self, most: int = 100) -> None:
        super().__init__(limit=9)
        self.most = most
        self.told: list[int] = []

    def intend(self, *, gigabytes: int = 0, **_: Any) -> str:
        if gigabytes > self.most:
            raise Prerequisite("needs more than the budget")
        self.told.append(gigabytes)
        return "key"

    def request(self, method: str, url: str, *, data: bytes | None = None, **_: Any) -> Response:
        (envelope,) = json.loads(data or b"{}")
        self.made += 1
        return Response(202, {envelope: {"id": f"{envelope}-{self.made}"}})


def make(made: Resources, cloud: Storage, kind: str, body: object, **more: Any) -> None:
    api = Api(cloud, Service.BLOCK_STORAGE, print)  # type: ignore[arg-type]
    made.create(api, kind, f"/{kind}s", json={kind: body}, **more)


def test_a_size_is_what_is_asked_for_or_what_the_source_has() -> None:
    cloud = Storage()
    made = Resources(cloud)  # type: ignore[arg-type]
    make(made, cloud, "volume", {"size": 3})
    make(made, cloud, "snapshot", {"volume_id": "volume-1"})
    make(made, cloud, "volume", {"snapshot_id": "snapshot-2"})
    make(made, cloud, "volume", {"source_volid": "volume-1", "size": 5})
    make(made, cloud, "snapshot", {"volume_id": "not-ours"})
    make(made, cloud, "volume", {"size": 1}, grows_to=2)
    make(made, cloud, "server", {"size": 9})
    assert cloud.told == [3, 3, 3, 5, 1, 2, 0]


@pytest.mark.parametrize("body", [None, [], "x", {}, {"size": "many"}, {"size": -4}, {"size": 1.5}, {"size": None}])
def test_what_the_cloud_will_refuse_counts_as_the_least(body: object) -> None:
    cloud = Storage()
    make(Resources(cloud), cloud, "volume", body)  # type: ignore[arg-type]
    assert cloud.told == [1]


def test_what_the_budget_does_not_allow_is_not_asked_of_the_cloud() -> None:
    cloud = Storage(most=2)
    with pytest.raises(Prerequisite):
        make(Resources(cloud), cloud, "volume", {"size": 3})  # type: ignore[arg-type]
    assert cloud.made == 0
