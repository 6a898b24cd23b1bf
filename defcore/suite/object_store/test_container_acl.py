"""Containers opened to others."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, names, new_container, same, settled, usable
from defcore.suite.support.object_store_headers import object_headers, stored_headers

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata"
)


NOT_YET = (401, 403)
"""What those see whom an ACL lets in, until it is known everywhere."""


def opened(container: Container, header: str, who: str) -> None:
    container.api.post(container.path, headers={header: who}).expect(204, because="a container takes an ACL")


@pytest.fixture
def theirs(alt) -> Api:
    """The object store as the other user asks it; to be asked with `of`."""
    asked: Api = alt.object_store
    return asked


@pytest.fixture
def alt_id(alt) -> str:
    """The other user as an ACL names it: project and user."""
    return f"{alt.actor.project_id}:{alt.actor.user_id}"


def of(container: Container, path: str) -> str:
    """The absolute address of a path in the owner's account."""
    return container.api.endpoint + path


@pytest.mark.uuid("b653acb7-00b2-4441-a1c9-5010e1b20b64")
@pytest.mark.covers("a3270f3f-7640-4944-8448-c7ea783ea5b6")
@pytest.mark.needs("alt")
def test_read_acl(container: Container, theirs: Api, alt_id: str) -> None:
    """A user of another project who may read a container gets its objects with the own token."""
    opened(container, "X-Container-Read", alt_id)
    path = container.has("shared", b"shared")
    answer = settled(lambda: theirs.get(of(container, path)), NOT_YET, "the other user may read the object").expect(200)
    same(object_headers(answer), b"shared")


@pytest.mark.uuid("e292ae6e-6fee-4855-a5e0-d5400305ccc6")
@pytest.mark.covers("aa58bfa5-40d9-4bc3-82b4-d07f4a9e392a")
@pytest.mark.needs("alt")
def test_write_acl(object_store: Api, container: Container, theirs: Api, alt_id: str) -> None:
    """A user of another project who may write to a container stores an object there with the own token."""
    opened(container, "X-Container-Write", alt_id)
    path = container.track("given")
    answer = settled(
        lambda: theirs.put(of(container, path), data=b"given"), NOT_YET, "the other user may store an object"
    ).expect(201)
    stored_headers(answer)
    same(object_store.get(path).expect(200), b"given")


@pytest.mark.uuid("fb9a9edb-3bda-40ef-aac3-bbfbe546cf08")
@pytest.mark.needs("alt")
def test_container_is_closed_to_others(object_store: Api, container: Container, theirs: Api) -> None:
    """A user of another project can neither see nor change a container and its objects unless an ACL says so."""
    path = container.has("private", b"private")
    for method, target in (
        ("GET", path),
        ("HEAD", path),
        ("PUT", path),
        ("POST", path),
        ("DELETE", path),
        ("GET", container.path),
        ("HEAD", container.path),
        ("POST", container.path),
        ("DELETE", container.path),
        ("GET", ""),
        ("HEAD", ""),
    ):
        theirs.request(method, of(container, target)).expect(403, because="no ACL lets the other user in")
    same(object_store.get(path).expect(200), b"private")


@pytest.mark.uuid("54ae859c-ba8d-4551-89b8-8d6d48ce95fc")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#copy-object")
def test_private_object_is_not_copied_by_others(
    object_store: Api, container: Container, theirs: Api, resources: Resources
) -> None:
    """An object of another account is copied neither out of it nor over one of its objects unless an ACL says so."""
    path = container.has("private", b"private")
    account = object_store.endpoint.rsplit("/", 1)[1]
    own = new_container(resources, usable(theirs), "copies")
    own_path, copy = own.has("own", b"theirs"), own.track("copy")
    out = {"X-Copy-From": path, "X-Copy-From-Account": account}
    theirs.put(copy, headers=out).expect(403, 404, because="no ACL lets the other user read")
    over = {"Destination": path, "Destination-Account": account}
    theirs.request("COPY", own_path, headers=over).expect(403, 404, because="no ACL lets the other user write")
    theirs.get(copy).expect(404, because="nothing was copied")
    same(object_store.get(path).expect(200), b"private")


@pytest.mark.uuid("159ce792-78ae-436e-8cd1-4957b2e5989f")
def test_container_is_closed_to_strangers(object_store: Api, container: Container) -> None:
    """Without a token nobody can see or change a container and its objects unless an ACL says so."""
    path = container.has("private", b"private")
    for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        answer = object_store.request(method, path, authenticated=False)
        answer.expect(401, because="no token was sent")
    for target in (container.path, ""):
        object_store.get(target, authenticated=False).expect(401, because="no token was sent")
    object_store.get(path, token="not-a-token").expect(401, because="the token is none")  # noqa: S106
    same(object_store.get(path).expect(200), b"private")


@pytest.mark.uuid("97df4cb9-db53-4925-9474-3d9996842d4a")
@pytest.mark.needs("alt")
def test_read_acl_does_not_let_write(object_store: Api, container: Container, theirs: Api, alt_id: str) -> None:
    """A user who may only read a container of another project cannot change it, its objects or its ACL."""
    path = container.has("shared", b"shared")
    opened(container, "X-Container-Read", alt_id)
    settled(lambda: theirs.get(of(container, path)), NOT_YET, "the other user may read the object").expect(200)
    for method, target in (("PUT", path), ("DELETE", path), ("POST", path), ("POST", container.path)):
        theirs.request(method, of(container, target)).expect(403, because="reading alone is allowed")
    same(object_store.get(path).expect(200), b"shared")


@pytest.mark.uuid("605be6fa-0012-493d-be78-1d3917c583ad")
@pytest.mark.needs("alt")
def test_write_acl_does_not_let_read(container: Container, theirs: Api, alt_id: str) -> None:
    """A user who may only write to a container of another project cannot read or list it."""
    path = container.has("private", b"private")
    opened(container, "X-Container-Write", alt_id)
    new = container.track("given")
    settled(
        lambda: theirs.put(of(container, new), data=b"given"), NOT_YET, "the other user may store an object"
    ).expect(201)
    for target in (path, new, container.path):
        theirs.get(of(container, target)).expect(403, because="writing alone is allowed")


@pytest.mark.uuid("bed8036b-4a70-422c-92c2-a23083865f54")
def test_public_container(object_store: Api, container: Container) -> None:
    """Anyone can read the objects of a container that is open to all referrers, and list it only if that is said too.

    When the ACL is removed it is closed again.
    """
    path = container.has("public", b"public")
    opened(container, "X-Container-Read", ".r:*")
    answer = settled(lambda: object_store.get(path, authenticated=False), NOT_YET, "anyone may read the object").expect(
        200
    )
    same(answer, b"public")
    object_store.get(container.path, authenticated=False).expect(401, because="listing was not allowed")
    opened(container, "X-Container-Read", ".r:*,.rlistings")
    seen = settled(
        lambda: object_store.get(container.path, authenticated=False), NOT_YET, "anyone may list the container"
    ).expect(200)
    assert names(seen) == ["public"]
    object_store.put(path, data=b"", authenticated=False).expect(401, because="reading alone is allowed")
    opened(container, "X-Remove-Container-Read", "x")
    settled(lambda: object_store.get(path, authenticated=False), (200,), "the container is closed again").expect(401)
