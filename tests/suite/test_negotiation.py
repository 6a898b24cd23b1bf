"""Which microversions a service speaks is what it announces; what it announces not to speak is absent."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.errors import Absent, CannotTell
from defcore.model.capability import Service
from defcore.suite.support import Api
from tests.suite.test_quota import Cloud, Response

ENTRY = {"id": "v2.1", "version": "2.60", "min_version": "2.1"}


class Announcing(Cloud):
    def __init__(self, status: int, document: Any, endpoint: str = "http://cloud/compute/v2.1") -> None:
        super().__init__(limit=0)
        self.status, self.document, self.at, self.asked = status, document, endpoint, ""

    def endpoint(self, service: Service) -> str:
        return self.at

    def request(self, method: str, url: str, **_: Any) -> Response:
        self.asked = url
        return Response(self.status, self.document)


def api(cloud: Announcing) -> Api:
    return Api(cloud, Service.COMPUTE, print)  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", ["2.1", "2.9", "2.60"])
def test_what_is_announced_is_spoken(wanted: str) -> None:
    api(Announcing(200, {"version": ENTRY})).need_microversion(wanted)


def test_what_is_newer_is_absent_with_the_proof() -> None:
    with pytest.raises(Absent, match=r"2\.1 to 2\.60, not 2\.100 \(GET http://cloud/compute/v2\.1/"):
        api(Announcing(200, {"version": ENTRY})).need_microversion("2.100")


def test_what_is_too_old_is_absent_too() -> None:
    with pytest.raises(Absent):
        api(Announcing(200, {"version": ENTRY | {"min_version": "2.53"}})).need_microversion("2.2")


@pytest.mark.parametrize("document", [{"version": ENTRY | {"version": ""}}, {}, {"version": None}, ["?"]])
def test_a_service_without_microversions_speaks_none(document: Any) -> None:
    with pytest.raises(Absent, match="announces no microversions"):
        api(Announcing(200, document)).need_microversion("2.2")


def test_no_answer_proves_nothing() -> None:
    with pytest.raises(CannotTell):
        api(Announcing(500, {})).need_microversion("2.2")


@pytest.mark.parametrize("endpoint", ["http://v3.cloud/volume/v3", "http://v3.cloud/volume/v3/0123456789abcdef"])
def test_it_is_asked_of_the_version_not_of_the_project(endpoint: str) -> None:
    cloud = Announcing(300, {"versions": [{"id": "v3.0", "version": "3.44", "min_version": "3.0"}]}, endpoint)
    api(cloud).need_microversion("3.44")
    assert cloud.asked == "http://v3.cloud/volume/v3/"
