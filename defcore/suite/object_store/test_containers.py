"""Containers come and go."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, put_container, same, settled
from defcore.suite.support.object_store_headers import well_formed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")


@pytest.mark.uuid("98784a8f-acee-4d9c-b06d-3fc47de99916")
@pytest.mark.covers("92139d73-7819-4db1-85f8-3f2f22a8d91f")
def test_create_container(object_store: Api, resources: Resources) -> None:
    """A container that is created exists."""
    made = Container(api=object_store, resources=resources, name=resources.name("created"))
    well_formed(put_container(made).expect(201, 202))
    object_store.head(made.path).expect(204, because="the container was created")


@pytest.mark.uuid("b43264ec-9d51-431e-8cd7-30d2c5751fbb")
@pytest.mark.covers("49f866ed-d6af-4395-93e7-4187eb56d322")
def test_create_container_again(object_store: Api, resources: Resources) -> None:
    """A container that exists can be created once more, and keeps what it holds."""
    made = Container(api=object_store, resources=resources, name=resources.name("again"))
    put_container(made).setup(201, 202)
    path = made.has("kept", b"kept")
    well_formed(object_store.put(made.path).expect(201, 202))
    same(object_store.get(path).expect(200), b"kept")


@pytest.mark.uuid("9cdfcb66-55c2-46bc-bf1e-e247064f3529")
@pytest.mark.covers("95d3a249-b702-4082-a2c4-14bb860cf06a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-container")
def test_delete_container(object_store: Api, container: Container) -> None:
    """An empty container that is deleted is gone."""
    well_formed(object_store.delete(container.path).expect(204))
    because = "the deleted container is not found any more"
    settled(lambda: object_store.head(container.path), (204,), because).expect(404, because=because)


@pytest.mark.uuid("9f785b01-92f4-4e9c-bc71-d85b2ab38f25")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-container")
def test_delete_container_with_objects(object_store: Api, container: Container) -> None:
    """A container with an object in it is not deleted, and keeps the object."""
    path = container.has("kept", b"kept")
    container.holds(1, 4)
    object_store.delete(container.path).expect(409, because="the container is not empty")
    same(object_store.get(path).expect(200), b"kept")


@pytest.mark.uuid("e6e1ded0-bb55-4fa5-8ba1-379b56faf004")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-container")
def test_unknown_container(object_store: Api, resources: Resources) -> None:
    """A container that does not exist cannot be read, shown, changed, filled or deleted: it is not found."""
    unknown = Container(api=object_store, resources=resources, name=resources.name("unknown"))
    for method in ("GET", "HEAD", "POST", "DELETE"):
        object_store.request(method, unknown.path).expect(404, because="there is no such container")
    unknown.put("object", b"lost").expect(404, because="there is no such container")
