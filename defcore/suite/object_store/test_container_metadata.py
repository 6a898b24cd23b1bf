"""Metadata of a container."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, new_container
from defcore.suite.support.object_store_headers import meta, well_formed

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata"
)

ONE = "X-Container-Meta-Test-One"
TWO = "X-Container-Meta-Test-Two"
BOTH = {"test-one": "1", "test-two": "2"}


@pytest.fixture
def described(object_store: Api, resources: Resources) -> Container:
    """A container with two items of metadata."""
    return new_container(resources, object_store, "described", headers={ONE: "1", TWO: "2"})


def change(container: Container, headers: dict[str, str]) -> dict[str, str]:
    """POST these headers, and give what HEAD shows of the test's metadata then."""
    well_formed(container.api.post(container.path, headers=headers).expect(204))
    return shown(container)


def shown(container: Container) -> dict[str, str]:
    seen = meta(container.api.head(container.path).expect(204), "Container")
    return {name: value for name, value in seen.items() if name.startswith("test-")}


@pytest.mark.uuid("33c2e6b7-9b5b-4759-9217-97ab14236ca8")
@pytest.mark.covers("2ae5f295-4bf1-4e04-bfad-21e54b62cec5")
def test_set_container_metadata(container: Container) -> None:
    """An item of metadata that is set for a container is shown with its value."""
    assert change(container, {ONE: "Meta1"}) == {"test-one": "Meta1"}


@pytest.mark.uuid("6408a4cd-071c-4ce3-8526-2ac4b61350dc")
@pytest.mark.covers("31f40a5f-6a52-4314-8794-cd89baed3040")
def test_set_empty_container_metadata(container: Container) -> None:
    """An item of metadata that is set to an empty value is not there, or not any more."""
    assert change(container, {ONE: ""}) == {}
    assert change(container, {ONE: "1", TWO: "2"}) == BOTH
    assert change(container, {ONE: ""}) == {"test-two": "2"}


@pytest.mark.uuid("e0dde1d1-1efc-47f0-bb4b-f617e0dbba0a")
@pytest.mark.covers("3a5ce7d4-6e4b-47d0-9d87-7cd42c325094")
def test_remove_container_metadata(described: Container) -> None:
    """An item of metadata that is removed from a container is not shown any more, while others stay."""
    assert change(described, {"X-Remove-Container-Meta-Test-One": "1"}) == {"test-two": "2"}


@pytest.mark.uuid("971aa2b9-72e7-4e8c-abdc-c55f9bc90993")
@pytest.mark.covers("a2e36378-6f1f-43f4-840a-ffd9cfd61914")
def test_remove_container_metadata_by_empty_header(described: Container) -> None:
    """An item of metadata is removed from a container by the header that says so even when that header is empty."""
    assert change(described, {"X-Remove-Container-Meta-Test-One": ""}) == {"test-two": "2"}


@pytest.mark.uuid("a29e3918-bc1c-4193-8177-8556d9007b36")
@pytest.mark.covers("cf19bc0b-7e16-4a5a-aaed-cb0c2fe8deef")
def test_set_and_remove_container_metadata_at_once(object_store: Api, resources: Resources) -> None:
    """One request can set an item of a container's metadata and remove another."""
    made = new_container(resources, object_store, "described", headers={ONE: "1"})
    assert change(made, {TWO: "2", "X-Remove-Container-Meta-Test-One": "1"}) == {"test-two": "2"}


@pytest.mark.uuid("8ef0b293-51c9-4493-aee4-fd38525d73c9")
def test_container_metadata_merges(object_store: Api, described: Container) -> None:
    """Setting one item of a container's metadata replaces its value and leaves the others as they are."""
    assert change(described, {"x-container-META-test-one": "changed"}) == {"test-one": "changed", "test-two": "2"}
    object_store.put(described.path, headers={TWO: "put"}).expect(201, 202)
    assert shown(described) == {"test-one": "changed", "test-two": "put"}
