"""A refusal for a quota breaks no promise: it is waited out where room may come, and SKIPPED where it may not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from defcore.errors import Absent, Prerequisite, PromiseBroken
from defcore.model.capability import Service
from defcore.suite.support import Api, Resources, resources
from defcore.suite.support.quota import refused_for_quota

COMPUTE = (
    403,
    {"forbidden": {"message": "Quota exceeded for instances: already used 2 of 2 instances"}},
)
VOLUME = (
    413,
    {"overLimit": {"message": "Maximum number of volumes allowed (2) exceeded for quota"}},
)
NETWORK = (409, {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['network']."}})


@dataclass
class Response:
    status_code: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return json.dumps(self.body).encode()


class Cloud:
    """Actor, run and ledger in one: makes servers until `limit`; others hold `others` of them."""

    tag, settings, cloud, role, project_id = "tag", {}, "cloud", "primary", "project"
    temporary = False

    def __init__(self, *, limit: int, others: int = 0) -> None:
        self.limit, self.others, self.made, self.refused = limit, others, 0, 0
        self.written_off = 0
        self.leave: Callable[[], None] = lambda: None

    @property
    def ledger(self) -> Cloud:
        return self

    def intend(self, **_: Any) -> str:
        return "key"

    def created(self, key: str, *, id: str) -> None: ...

    def removed(self, key: str) -> None:
        self.written_off += 1

    def token(self) -> str:
        return "token"

    def endpoint(self, service: Service) -> str:
        return "http://cloud/v2.1"

    def request(self, method: str, url: str, **_: Any) -> Response:
        if url.endswith("/limits"):
            absolute = {"maxTotalInstances": self.limit, "totalInstancesUsed": self.made + self.others}
            return Response(200, {"limits": {"absolute": absolute}})
        if self.made + self.others >= self.limit:
            self.refused += 1
            self.leave()
            return Response(*COMPUTE)
        self.made += 1
        return Response(202, {"server": {"id": str(self.made)}})

    def boot(self, made: Resources) -> int:
        api = Api(self, Service.COMPUTE, print)  # type: ignore[arg-type]
        return made.create(api, "server", "/servers", json={}).status


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (COMPUTE[0], json.dumps(COMPUTE[1])),
        (VOLUME[0], json.dumps(VOLUME[1])),
        (NETWORK[0], json.dumps(NETWORK[1])),
        (413, "Requested volume or snapshot exceeds allowed gigabytes quota. Requested 1G, quota is 1G"),
        (413, "Resource image_count_total is over limit of 1 due to current usage 1 and delta 1."),
        (403, "Unable to create additional application credentials, maximum of 1 already exceeded for user."),
    ],
)
def test_services_refuse_for_quota_in_many_ways(status: int, text: str) -> None:
    assert refused_for_quota(status, text)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (403, "Policy doesn't allow os_compute_api:os-quota-sets:update to be performed."),
        (413, "Upload exceeds quota."),
        (409, "Unable to complete operation on network: there are one or more ports still in use on the network."),
        (500, "Quota exceeded for instances"),
        (403, "Maximum number of metadata items exceeds 128"),
    ],
)
def test_other_refusals_are_none_for_quota(status: int, text: str) -> None:
    """Those of containers and accounts, whose quotas users set, are promises of the object store."""
    assert not refused_for_quota(status, text)


def test_more_than_the_quota_is_skipped_at_once_and_says_what_is_needed() -> None:
    cloud = Cloud(limit=2)
    made = Resources(cloud)  # type: ignore[arg-type]
    assert [cloud.boot(made), cloud.boot(made)] == [202, 202]
    with pytest.raises(Prerequisite, match=r"needs 3 servers at a time.*: 2 of 2 in use"):
        cloud.boot(made)
    assert cloud.refused == 1


def test_room_that_others_make_is_waited_for() -> None:
    cloud = Cloud(limit=2, others=2)
    cloud.leave = lambda: setattr(cloud, "others", 1)
    assert cloud.boot(Resources(cloud)) == 202  # type: ignore[arg-type]


def test_room_that_nobody_makes_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "ROOM", 0.2)
    cloud = Cloud(limit=2, others=2)
    with pytest.raises(Prerequisite, match=r"needs 1 server at a time.*: 2 of 2 in use"):
        cloud.boot(Resources(cloud))  # type: ignore[arg-type]
    assert cloud.refused > 1


class Storage(Cloud):
    """A block storage that refuses every volume, with these absolute limits."""

    def __init__(self, **absolute: int) -> None:
        super().__init__(limit=0)
        self.absolute = absolute

    def request(self, method: str, url: str, **_: Any) -> Response:
        return Response(200, {"limits": {"absolute": self.absolute}}) if url.endswith("/limits") else Response(*VOLUME)

    def make(self, size: int) -> None:
        api = Api(self, Service.BLOCK_STORAGE, print)  # type: ignore[arg-type]
        made = Resources(self)  # type: ignore[arg-type]
        made.create(api, "volume", "/volumes", json={"volume": {"size": size}})


@pytest.mark.parametrize(
    ("volumes", "gigabytes", "says"),
    [
        ((10, 10), (100, 20), r"needs 1 volume at a time.*: 10 of 10 in use"),
        ((10, 3), (100, 98), r"needs 4 GiB of volumes and snapshots at a time.*: 98 of 100 GiB in use"),
        ((-1, 3), (3, 0), r"needs 4 GiB of volumes and snapshots at a time.*: 0 of 3 GiB in use"),
        ((10, 3), (-1, 98), r"needs 1 volume at a time.*: .*Maximum number of volumes"),
    ],
    ids=["volumes", "gigabytes", "too large", "neither by its figures"],
)
def test_of_two_quotas_the_one_that_is_used_up_is_told(
    monkeypatch: pytest.MonkeyPatch, volumes: tuple[int, int], gigabytes: tuple[int, int], says: str
) -> None:
    monkeypatch.setattr(resources, "ROOM", 0.2)
    cloud = Storage(
        maxTotalVolumes=volumes[0],
        totalVolumesUsed=volumes[1],
        maxTotalVolumeGigabytes=gigabytes[0],
        totalGigabytesUsed=gigabytes[1],
    )
    with pytest.raises(Prerequisite, match=says):
        cloud.make(4)


class Account(Cloud):
    """An object store that refuses every object, with these figures of the account."""

    def __init__(self, **figures: int) -> None:
        super().__init__(limit=0)
        self.figures = {f"X-Account-{name.replace('_', '-')}": str(value) for name, value in figures.items()}

    def request(self, method: str, url: str, **_: Any) -> Response:
        return Response(204, "", self.figures) if method == "HEAD" else Response(413, "Upload exceeds quota.")

    def store(self) -> int:
        api = Api(self, Service.OBJECT_STORE, print)  # type: ignore[arg-type]
        made = Resources(self)  # type: ignore[arg-type]
        return made.create(api, "object", "/c/o", method="PUT", id="c/o", data=b"1234").status


def test_an_account_that_is_full_breaks_no_promise() -> None:
    with pytest.raises(Prerequisite, match="8 of 10 in use"):
        Account(Meta_Quota_Bytes=10, Bytes_Used=8).store()


@pytest.mark.parametrize("figures", [{"Meta_Quota_Bytes": 12, "Bytes_Used": 8}, {"Bytes_Used": 8}])
def test_an_account_with_room_has_no_excuse(figures: dict[str, int]) -> None:
    """A container's own quota is what a test is about."""
    assert Account(**figures).store() == 413


@pytest.mark.parametrize("asked", ["expect", "setup"])
def test_where_nothing_is_created_a_quota_is_no_broken_promise_either(asked: str) -> None:
    cloud = Cloud(limit=0)
    answer = Api(cloud, Service.COMPUTE, print).post("/servers/1/action", json={})  # type: ignore[arg-type]
    with pytest.raises(Prerequisite, match="quota is used up"):
        getattr(answer, asked)(202)
    assert answer.expect(403) is answer


def test_another_refusal_breaks_the_promise() -> None:
    cloud = Cloud(limit=1)
    answer = Api(cloud, Service.COMPUTE, print).post("/servers", json={})  # type: ignore[arg-type]
    with pytest.raises(PromiseBroken):
        answer.expect(200)


def test_what_could_not_even_be_sent_is_written_off() -> None:
    """A cloud without the service: nothing was made, and nothing counts against the budget."""
    cloud = Cloud(limit=1)
    cloud.endpoint = lambda service: None if service is Service.COMPUTE else "http://cloud"  # type: ignore
    with pytest.raises(Absent):
        cloud.boot(Resources(cloud))  # type: ignore[arg-type]
    assert cloud.written_off == 1
