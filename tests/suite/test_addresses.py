"""An external network without a free address breaks no promise: its addresses are everybody's."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.errors import Prerequisite
from defcore.model.capability import Service
from defcore.suite.support import Api, Resources
from defcore.suite.support.network import Net
from tests.suite.test_quota import Cloud, Response

EXTENSIONS = {"extensions": [{"alias": "router"}]}


class Exhausted(Cloud):
    """Refuses everything with a conflict of this type."""

    def __init__(self, type_: str) -> None:
        super().__init__(limit=0)
        self.type = type_

    def request(self, method: str, url: str, **_: Any) -> Response:
        if method == "GET":
            return Response(200, EXTENSIONS)
        return Response(409, {"NeutronError": {"type": self.type, "message": "No more IP addresses available"}})


def net(type_: str) -> Net:
    cloud = Exhausted(type_)
    return Net(Api(cloud, Service.NETWORK, print), Resources(cloud))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["floating_ip", "router"])
def test_no_address_outside_is_skipped(kind: str) -> None:
    with pytest.raises(Prerequisite, match="no free address"):
        net("IpAddressGenerationFailure").create(kind)


@pytest.mark.parametrize(("kind", "type_"), [("port", "IpAddressGenerationFailure"), ("router", "IpAddressInUse")])
def test_other_conflicts_are_left_to_the_test(kind: str, type_: str) -> None:
    """On a network of its own a test knows what there is."""
    assert net(type_).create(kind).status == 409
