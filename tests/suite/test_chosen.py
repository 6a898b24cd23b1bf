"""What was chosen for a run may be removed by others while it runs: the cloud broke no promise then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from defcore.errors import CannotTell
from defcore.model.capability import Service
from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers
from tests.suite.test_quota import Cloud, Response

CHOSEN = {"image": "i1", "flavor": "f1", "network": "n1"}


class Strict(Cloud):
    """Refuses every server because of its network, which is there or not."""

    there = True

    def request(self, method: str, url: str, **more: Any) -> Response:
        if method == "POST":
            asked = json.loads(more["data"])["server"]["networks"][0]["uuid"]
            return Response(400, {"badRequest": {"message": f"Network {asked} could not be found."}})
        return Response(200 if self.there else 404, {})


def post(cloud: Cloud) -> int:
    api = Api(cloud, Service.COMPUTE, print)  # type: ignore[arg-type]
    return Servers(api, Resources(cloud), CHOSEN).post("name").status  # type: ignore[arg-type]


def test_a_network_that_is_gone_is_nobodys_fault() -> None:
    cloud = Strict(limit=9)
    cloud.there = False
    with pytest.raises(CannotTell, match="network chosen for the run was removed"):
        post(cloud)


def test_a_network_that_is_there_is_no_excuse() -> None:
    assert post(Strict(limit=9)) == 400
