"""What is changed tells so, and changes can be made to depend on the revision that one has seen."""

from __future__ import annotations

import pytest

from defcore.suite.support import wait_for
from defcore.suite.support.moment import moment
from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#revisions")


@pytest.mark.uuid("f73026e6-287f-48b7-8708-59e47a6f2322")
def test_revision_grows_with_each_change(net: Net) -> None:
    """The revision number of a network grows with each change."""
    net.require("standard-attr-revisions")
    network = net.network()
    seen = [network["revision_number"]]
    for text in ("first", "second"):
        seen.append(net.updated("network", network["id"], name=f"{network['name']}-{text}")["revision_number"])
    assert seen[0] < seen[1] < seen[2], f"revision numbers {seen} do not grow"


@pytest.mark.uuid("d46381c0-5d7e-49ce-8886-aa26f506dee1")
def test_change_of_an_old_revision_is_refused(net: Net) -> None:
    """What depends on a revision that is no longer the present one is refused with 412 and not done."""
    net.require("revision-if-match")
    network = net.network()
    path, old = net.path("network", network["id"]), {"If-Match": f"revision_number={network['revision_number']}"}
    name = f"{network['name']}-renamed"
    net.update("network", network["id"], name=name).setup(200)
    body = {"network": {"name": f"{network['name']}-refused"}}
    net.api.put(path, json=body, headers=old).expect(412, because="the network was changed meanwhile")
    net.api.delete(path, headers=old).expect(412, because="the network was changed meanwhile")
    shown = net.shown("network", network["id"])
    assert shown["name"] == name, f"the change was refused, but the name is {shown['name']!r}, not {name!r}"
    present = {"If-Match": f"revision_number={shown['revision_number']}"}
    net.api.put(path, json=body, headers=present).expect(200)


@pytest.mark.uuid("6fa52566-59ae-4d96-b50c-0edffb551b76")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#standard-attributes-timestamp")
def test_change_moves_the_time_of_update(net: Net) -> None:
    """A change of a network moves the time of its last update, which is told to the second."""
    net.require("standard-attr-timestamp")
    network = net.network()
    before = net.show("network", network["id"]).expect(200)
    last = moment(before, net.taken("network", before)["updated_at"])

    def renamed() -> str:
        name = net.resources.name("network")
        return str(net.updated("network", network["id"], name=name)["updated_at"])

    wait_for(
        renamed,
        lambda told: moment(before, told) > last,
        because=f"a change of the network {network['id']} moves its time of update",
        timeout=30,
        pause=1.0,
        promised=True,
    )
