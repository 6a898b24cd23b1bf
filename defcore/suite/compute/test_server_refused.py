"""Requests for a server that make no sense."""

from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.answer import Answer
from defcore.suite.support.compute import Servers, listed, unknown_id

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-server")


@pytest.mark.uuid("37442420-95bf-4252-8460-bf3420947d1d")
@pytest.mark.covers("fd57f159-68d6-4c2a-902b-03070828a87e")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_non_string_name(servers: Servers) -> None:
    """A server whose name is a number is refused with 400."""
    servers.post(12345).expect(400, because="the name is a number, not a string")


@pytest.mark.uuid("aeae42bc-5f73-4499-9d87-f71f4448d12b")
@pytest.mark.covers("7fc74810-0bd2-4cd7-8244-4f33a9db865a")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_long_metadata_value(compute: Api, servers: Servers, resources: Resources) -> None:
    """A server with a metadata value of 260 characters is refused with 400 or 413, and is not made."""
    name = resources.name("long-value")
    servers.post(name, metadata={"a": "b" * 260}).expect(400, 413, because="a value may have 255 characters")
    made = [server["id"] for server in listed(compute, "/servers", "servers", name=name)]
    assert made == [], f"the refused server was made: {made}"


@pytest.mark.uuid("ca9edf28-b862-4756-9661-5961aa3e5514")
@pytest.mark.covers("c3e0fb12-07fc-4d76-a22e-37409887afe8")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_long_name(servers: Servers) -> None:
    """A server whose name has 256 characters is refused with 400."""
    servers.post(servers.resources.name("long").ljust(256, "a")).expect(400, because="a name may have 255 characters")


@pytest.mark.uuid("67ac5e54-24d4-4040-851d-7723617322ff")
@pytest.mark.covers("18f5227f-d155-4429-807c-ccb103887537")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_bad_flavor(servers: Servers, resources: Resources) -> None:
    """A server of a flavor that does not exist is refused with 400."""
    servers.post(resources.name("bad-flavor"), flavorRef="-1").expect(400, because="there is no flavor -1")


@pytest.mark.uuid("8927191c-6287-4038-b5fd-3b7739ae57b7")
@pytest.mark.covers("fcba1052-0a50-4cf3-b1ac-fae241edf02f")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_bad_image(servers: Servers, resources: Resources) -> None:
    """A server of an image whose id is malformed is refused with 400."""
    servers.post(resources.name("bad-image"), imageRef="-1").expect(400, because="-1 is not the id of an image")


@pytest.mark.uuid("d52be8ed-9ff6-487f-9feb-0acb8f233c26")
@pytest.mark.covers("4e72dc2d-44c5-4336-9667-f7972e95c402")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_bad_network_uuid(servers: Servers, resources: Resources) -> None:
    """A server on a network whose id is malformed is refused with 400."""
    networks = [{"fixed_ip": "10.0.1.1", "uuid": "a-b-c-d-e-f-g-h-i-j"}]
    servers.post(resources.name("bad-network"), networks=networks).expect(400, because="the network's id is no UUID")


@pytest.mark.uuid("43f6e97a-3fb8-4508-942f-0a72f62dc7c9")
@pytest.mark.covers("dbbfd247-c40c-449e-8f6c-d2aa7c7da7cf")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_blank_name(servers: Servers) -> None:
    """A server with an empty name is refused with 400."""
    servers.post("").expect(400, because="the name is empty")


@pytest.mark.uuid("bfe1f2ae-f6ff-4ea4-bf65-27ebe2d1c9b4")
@pytest.mark.covers("5226dd80-1e9c-4d8a-b5f9-b26ca4763fd0")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_bad_access_ipv6(servers: Servers, resources: Resources) -> None:
    """A server whose IPv6 access address is none is refused with 400."""
    servers.post(resources.name("bad-ipv6"), accessIPv6="notvalid").expect(400, because="it is not an IPv6 address")


@pytest.mark.uuid("cadc32bd-b460-4234-94bf-93109cfacc53")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_bad_access_ipv4(servers: Servers, resources: Resources) -> None:
    """A server whose IPv4 access address is none is refused with 400."""
    for address in ("1.1.1.1.1.1", "::1"):
        answer = servers.post(resources.name("bad-ipv4"), accessIPv4=address)
        answer.expect(400, because=f"{address} is not an IPv4 address")


@pytest.mark.uuid("c7fb9aa8-1f10-425a-b4ba-810c84a5874e")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_what_does_not_exist(servers: Servers, resources: Resources) -> None:
    """A server is refused with 400 if its flavor, image, key pair, network, security group or availability zone does
    not exist, though their ids are well-formed."""
    nothing = unknown_id()
    missing: list[dict[str, Any]] = [
        {"flavorRef": nothing},
        {"imageRef": nothing},
        {"key_name": nothing},
        {"networks": [{"uuid": nothing}]},
        {"security_groups": [{"name": nothing}]},
        {"availability_zone": nothing},
    ]
    for more in missing:
        answer = servers.post(resources.name("missing"), **more)
        answer.expect(400, because=f"{', '.join(more)} names nothing that exists")


@pytest.mark.uuid("05ab6674-49df-4d8d-bee6-66d9447c846b")
@pytest.mark.needs("image", "flavor")
def test_boot_rejects_a_malformed_request(compute: Api, servers: Servers, resources: Resources) -> None:
    """A server's creation is refused with 400 if the body has an unknown property, lacks the flavor or is no JSON,
    and with 415 if it is announced as something else than JSON."""
    name = resources.name("malformed")
    servers.post(name, no_such_property="x").expect(400, because="the property is unknown")
    lacking = servers.wanted(name)
    del lacking["server"]["flavorRef"]
    create(compute, resources, name, json=lacking).expect(400, because="flavorRef is required")
    kind = {"Content-Type": "application/json"}
    create(compute, resources, name, data=b'{"server": ', headers=kind).expect(400, because="the body is cut off")
    kind = {"Content-Type": "text/xml"}
    create(compute, resources, name, data=b"<server/>", headers=kind).expect(415, because="the body is XML")


def create(compute: Api, resources: Resources, name: str, **request: Any) -> Answer:
    return resources.create(compute, "server", "/servers", name=name, **request)
