"""Resizing servers."""

import pytest

from defcore.suite.support import PromiseBroken
from defcore.suite.support.compute import Servers, Settings, chosen, unknown_id

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#resize-server-resize-action")


def expect_flavor(servers: Servers, id: str, flavor: str) -> None:
    """The server must come to rest, ACTIVE, with the flavor."""
    server = servers.wait(id, "ACTIVE", promised=True)
    if server["flavor"]["id"] != flavor:
        raise PromiseBroken(
            f"server {id}: expected the flavor {flavor}, seen {server['flavor']}",
            expected=flavor,
            seen=server["flavor"],
        )


@pytest.mark.uuid("02f69b45-7363-4b66-837e-e522c6df1917")
@pytest.mark.covers("1499262a-9328-4eda-9068-db1ac57498d2")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_resize_confirm(servers: Servers, settings: Settings) -> None:
    """A server resized to another flavor waits for a confirmation, and has that flavor when it was confirmed."""
    id, flavor = servers.boot("confirm")["id"], chosen(settings, "alt_flavor")
    servers.act(id, "resize", {"flavorRef": flavor}).expect(202)
    servers.wait(id, "VERIFY_RESIZE", promised=True)
    servers.act(id, "confirmResize").expect(204)
    expect_flavor(servers, id, flavor)


@pytest.mark.uuid("4eca1531-1b21-45a5-b5cc-0026eb5a11ca")
@pytest.mark.covers("c03aab19-adb1-44f5-917d-c419577e9e68")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_resize_revert(servers: Servers, settings: Settings) -> None:
    """A server resized to another flavor has its first flavor again when the resize was reverted."""
    id = servers.boot("revert")["id"]
    servers.act(id, "resize", {"flavorRef": chosen(settings, "alt_flavor")}).expect(202)
    servers.wait(id, "VERIFY_RESIZE", promised=True)
    servers.act(id, "revertResize").expect(202)
    expect_flavor(servers, id, servers.flavor)


@pytest.mark.uuid("8aafb21a-283c-4ea1-9233-b9b3ebb3c810")
@pytest.mark.covers("ced1a1d7-2ab6-45c9-b90f-b27d87b30efd")
@pytest.mark.needs("image", "flavor")
def test_resize_rejects_unknown_flavor(servers: Servers) -> None:
    """Resizing a server to a flavor that does not exist is refused with 400."""
    id = servers.boot("resize-unknown")["id"]
    servers.act(id, "resize", {"flavorRef": unknown_id()}).expect(400, because="there is no such flavor")


@pytest.mark.uuid("cb78163c-1a6a-4aae-bfd1-29e0659aac14")
@pytest.mark.covers("45436a7d-a388-4a35-a9d8-3adc5d0d940b")
@pytest.mark.needs("image", "flavor")
def test_resize_rejects_empty_flavor(servers: Servers) -> None:
    """Resizing a server to a flavor without a name is refused with 400."""
    id = servers.boot("resize-empty")["id"]
    servers.act(id, "resize", {"flavorRef": ""}).expect(400, because="the flavor is empty")


@pytest.mark.uuid("643e85ec-8c26-4cd7-81b9-ef2b3393ae92")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_resize_changes_the_flavor_before_it_is_confirmed(servers: Servers, settings: Settings) -> None:
    """A server that waits for the confirmation of a resize shows the new flavor, and the flavor that it has is no
    flavor to resize to."""
    id, flavor = servers.boot("resized")["id"], chosen(settings, "alt_flavor")
    servers.act(id, "resize", {"flavorRef": servers.flavor}).expect(400, because="it has that flavor")
    servers.act(id, "resize", {"flavorRef": flavor}).setup(202)
    seen = servers.wait(id, "VERIFY_RESIZE")["flavor"]["id"]
    assert seen == flavor, f"server {id}: expected the flavor {flavor}, seen {seen}"
    servers.act(id, "confirmResize").setup(204)
    servers.wait(id, "ACTIVE")
