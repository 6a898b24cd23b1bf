"""A service that the proxy makes older refuses as an older one does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from defcore.model.capability import Service
from tests.deviations.cloud import Mount
from tests.deviations.fake_cloud import FakeCloud, fake_cloud
from tests.deviations.proxy import Proxy
from tests.shapes.services import Older

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
REFUSAL = "Version 9.9999 is not supported by the API. Minimum is 2.1 and maximum is 2.96."


class Place:
    def __init__(self, cloud: FakeCloud, proxy: Proxy) -> None:
        self.cloud, self.address = cloud, proxy.origins[cloud.origin]

    def get(self, path: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(f"{self.address}{path}", headers=named, timeout=10)

    def seen(self, path: str, **headers: str) -> dict[str, str]:
        """The headers as they reached the cloud."""
        return dict(self.get(path, **headers).json()["headers"])


@pytest.fixture
def place() -> Iterator[Place]:
    with fake_cloud() as cloud, Proxy([Mount(origin=cloud.origin, prefix="", service=Service.COMPUTE)]) as proxy:
        proxy.disturb(Older({Service.COMPUTE: "2.60"}))
        yield Place(cloud, proxy)


def test_it_announces_its_own_highest_version(place: Place) -> None:
    legacy = {"id": "v2.0", "version": "", "min_version": ""}
    present = {"id": "v2.1", "version": "2.96", "min_version": "2.1"}
    place.cloud.put("GET /", {"versions": [legacy, present]}, 300)
    place.cloud.put("GET /v2.1/", {"version": present})
    assert place.get("/").json() == {"versions": [legacy, present | {"version": "2.60"}]}
    assert place.get("/v2.1/").json() == {"version": present | {"version": "2.60"}}


def test_what_it_speaks_it_serves(place: Place) -> None:
    for asked, served in (("2.60", "2.60"), ("2.9", "2.9"), ("latest", "2.60"), ("not-a-version", "not-a-version")):
        seen = place.seen("/v2.1/servers", OpenStack_API_Version=f"compute {asked}")
        assert seen["openstack-api-version"] == f"compute {served}"
    assert "openstack-api-version" not in place.seen("/v2.1/servers")


def test_what_is_newer_it_refuses_as_the_service_does(place: Place) -> None:
    place.cloud.canned["GET /v2.1/servers"] = (406, {"OpenStack-API-Version": "compute 9.9999"}, REFUSAL.encode())
    answered = place.get("/v2.1/servers", OpenStack_API_Version="compute 2.61")
    assert answered.status_code == 406
    assert answered.text == "Version 2.61 is not supported by the API. Minimum is 2.1 and maximum is 2.60."
    assert answered.headers["OpenStack-API-Version"] == "compute 2.61"
    assert place.cloud.asked[-1]["headers"]["openstack-api-version"] == "compute 9.9999"
