"""What a guest sees of the server that it runs in."""

import pytest

from defcore.suite.support import Api, CannotTell, shortened, wait_for
from defcore.suite.support.compute_guest import Guests

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-server")


@pytest.mark.uuid("2a67201d-50b7-41e9-bd6c-b78b91380bbb")
@pytest.mark.covers("ac1ad47f-984b-4441-9274-c9079b7a0666")
@pytest.mark.needs("guest", "flavor", "network")
def test_guest_hostname(guests: Guests) -> None:
    """The host name in a guest, up to its first dot, is the server's name in lower case."""
    guest = guests.boot("host")
    expected = guest.server["name"].lower()
    wait_for(
        lambda: guest.run("hostname"),
        lambda seen: seen.split(".")[0].lower() == expected,
        because=f"the host name in server {guest.server['id']} is {expected}",
        timeout=60,  # a guest may let in before it has taken its name
        promised=True,
    )


@pytest.mark.uuid("8063d3aa-2800-4350-ae58-fb53d6689f85")
@pytest.mark.covers("cbc0f52f-05aa-492b-bdc1-84b575ca294b")
@pytest.mark.needs("guest", "flavor", "network")
def test_guest_vcpus(compute: Api, guests: Guests) -> None:
    """A guest has as many processors as the flavor of its server."""
    guest = guests.boot("vcpus")
    flavor = compute.get(f"/flavors/{guest.server['flavor']['id']}").setup(200).json["flavor"]
    seen = guest.run("grep -c ^processor /proc/cpuinfo")
    if not seen.isdecimal():
        raise CannotTell(f"server {guest.server['id']}: {shortened(repr(seen), 200)} is no number of processors")
    expected = flavor["vcpus"]
    assert int(seen) == expected, f"server {guest.server['id']}: expected {expected} processors, seen {seen}"
