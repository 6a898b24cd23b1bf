"""What the network service refuses, it explains in the documented form."""

from __future__ import annotations

import pytest

from defcore.suite.support import Answer, shortened
from defcore.suite.support.network import NOBODY, Net
from defcore.suite.support.network_schemas import FAULT

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#networks")


def _explained(answer: Answer) -> str:
    """The type of the error, which has a message."""
    error = answer.check(FAULT).json["NeutronError"]
    assert error["message"].strip(), f"{answer.where}: the error has no message"
    return str(error["type"])


@pytest.mark.uuid("4e67c74c-b7e9-42bc-881c-830764a0363e")
def test_unknown_network_is_explained(net: Net) -> None:
    """A network that does not exist is answered with 404 and the error NetworkNotFound."""
    answer = net.show("network", NOBODY).expect(404)
    assert _explained(answer) == "NetworkNotFound", f"{answer.where}: {shortened(answer.text, 300)}"


@pytest.mark.uuid("468dcdd5-507e-4b5b-9945-092001bbdf7c")
def test_unknown_attribute_is_refused(net: Net) -> None:
    """A network with an attribute that there is not is refused with 400 and an error that says why."""
    answer = net.create("network", defcore_no_such_attribute=1).expect(400)
    _explained(answer)


@pytest.mark.uuid("5b634c8a-0b79-4cba-8ba8-e57cdef1fe2b")
def test_malformed_body_is_refused(net: Net) -> None:
    """A body that is no JSON is refused with 400 and an error that says why."""
    answer = net.resources.create(
        net.api, "network", "/v2.0/networks", data=b'{"network": {', headers={"Content-Type": "application/json"}
    ).expect(400)
    _explained(answer)
