"""What was deleted is waited for; a cloud that keeps it for a while, or takes long over it, breaks no promise."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.errors import CannotTell, PromiseBroken
from defcore.model.capability import Service
from defcore.suite.support import Api, Resources, wait
from defcore.suite.support.block_storage import expect_gone
from defcore.suite.support.compute import Servers
from tests.suite.test_quota import Cloud, Response


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where it is waited for."""

    class Clock:
        now = 0.0

        @classmethod
        def monotonic(cls) -> float:
            return cls.now

        @classmethod
        def sleep(cls, seconds: float) -> None:
            cls.now += seconds

    monkeypatch.setattr(wait, "time", Clock)


class Keeping(Cloud):
    """Keeps a deleted server until it is told to end it for good, which it may refuse."""

    def __init__(self, *, obeys: bool = True) -> None:
        super().__init__(limit=1)
        self.obeys, self.status, self.told = obeys, "ACTIVE", []

    def request(self, method: str, url: str, **more: Any) -> Response:
        if method == "POST" and url.endswith("/action"):
            self.told.append(more["data"])
            self.status = "" if self.obeys else self.status
            return Response(202 if self.obeys else 403, "")
        if method == "POST":
            return Response(202, {"server": {"id": "1"}})
        if method == "DELETE":
            self.status = "SOFT_DELETED"
            return Response(204, "")
        if not self.status:
            return Response(404, "")
        return Response(200, {"server": {"id": "1", "status": self.status, "OS-EXT-STS:task_state": None}})


def servers(cloud: Keeping) -> Servers:
    api = Api(cloud, Service.COMPUTE, print)  # type: ignore[arg-type]
    return Servers(api, Resources(cloud), {})  # type: ignore[arg-type]


def test_a_deleted_server_that_is_kept_is_ended_for_good() -> None:
    cloud = Keeping()
    made = servers(cloud)
    made.api.delete("/servers/1")
    made.wait_gone("1", promised=True)
    assert cloud.told == [b'{"forceDelete": null}']


def test_a_server_that_nobody_may_end_for_good_breaks_no_promise() -> None:
    made = servers(Keeping(obeys=False))
    made.api.delete("/servers/1")
    with pytest.raises(CannotTell, match="server 1 is gone"):
        made.wait_gone("1", promised=True)


def test_clean_up_ends_it_for_good_too() -> None:
    cloud = Keeping()
    made = servers(cloud)
    made.resources.create(made.api, "server", "/servers", json={})
    made.resources.cleanup()
    assert (cloud.status, len(cloud.told)) == ("", 1)


class Slow(Cloud):
    """A volume that stays in this status."""

    def __init__(self, status: str) -> None:
        super().__init__(limit=1)
        self.status = status

    def request(self, method: str, url: str, **_: Any) -> Response:
        return Response(200, {"volume": {"status": self.status}})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("deleting", CannotTell), ("available", PromiseBroken), ("error_deleting", PromiseBroken)],
)
def test_only_a_deletion_that_is_going_on_is_given_up_undecided(status: str, outcome: type[Exception]) -> None:
    api = Api(Slow(status), Service.BLOCK_STORAGE, print)  # type: ignore[arg-type]
    with pytest.raises(outcome):
        expect_gone(api, "volume", "1")
