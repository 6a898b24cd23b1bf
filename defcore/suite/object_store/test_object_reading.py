"""Objects are read in part, and on conditions."""

import re
from email.utils import formatdate, parsedate_to_datetime

import pytest

from defcore.suite.support import Answer, Api
from defcore.suite.support.object_store import Container, md5, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")

CONTENT = b"0123456789" * 10
AGE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
"""The form of Last-Modified that the API reference shows, that of RFC 9110."""


@pytest.fixture
def path(container: Container) -> str:
    """The path of an object of a hundred bytes."""
    return container.has("object", CONTENT)


def part(object_store: Api, path: str, wanted: str) -> Answer:
    answer = object_store.get(path, headers={"Range": f"bytes={wanted}"})
    return answer.expect(206, because=f"the range {wanted} was asked for")


@pytest.mark.uuid("b80ca980-86f1-4d0a-b1de-23f29401b180")
def test_read_range(object_store: Api, path: str) -> None:
    """An object says that ranges of bytes may be asked for; one is sent alone: its first bytes, its last ones, or those
    from a place on."""
    answer = object_store.get(path).expect(200)
    assert answer.header("Accept-Ranges").lower() == "bytes", f"{answer.where}: seen {answer.header('Accept-Ranges')}"
    for wanted, first, last in (("0-9", 0, 9), ("-5", 95, 99), ("90-", 90, 99), ("50-50", 50, 50), ("90-500", 90, 99)):
        answer = same(part(object_store, path, wanted), CONTENT[first : last + 1])
        assert answer.header("Content-Range") == f"bytes {first}-{last}/100", f"range {wanted}"
        assert answer.header("Content-Length") == str(last + 1 - first), f"range {wanted}"


@pytest.mark.uuid("11b571db-77ac-42a0-a103-806a0891bdb9")
def test_read_several_ranges(object_store: Api, path: str) -> None:
    """Several ranges of an object are sent as the parts of one answer, each with its place."""
    answer = part(object_store, path, "0-1,4-5")
    kind = answer.header("Content-Type")
    boundary = re.fullmatch(r'multipart/byteranges;\s*boundary="?([^"]+)"?', kind)
    assert boundary, f"the content type must be multipart/byteranges with a boundary, seen {kind!r}"
    parts = answer.body.split(b"--" + boundary[1].encode())[1:-1]
    seen = [tuple(one.strip(b"\r\n").split(b"\r\n\r\n", 1)) for one in parts]
    assert len(seen) == 2, f"two parts are expected, seen {len(seen)}"
    for (head, body), place, content in zip(seen, (b"0-1", b"4-5"), (CONTENT[0:2], CONTENT[4:6]), strict=True):
        assert b"bytes " + place + b"/100" in head, f"the part must say its place {place!r}: {head!r}"
        assert body == content, f"the part {place!r} has other bytes"


@pytest.mark.uuid("39c08bcd-3ddd-4b31-827b-883e5602afad")
def test_range_beyond_the_end(object_store: Api, path: str) -> None:
    """A range that begins behind the end of an object cannot be satisfied."""
    object_store.get(path, headers={"Range": "bytes=100-"}).expect(416, because="the object has 100 bytes")


@pytest.mark.uuid("0728639a-269c-4054-be87-7235a44a247b")
def test_read_if_match(object_store: Api, path: str) -> None:
    """An object is sent if its checksum is the one that the reader names, and not otherwise."""
    same(object_store.get(path, headers={"If-Match": md5(CONTENT)}).expect(200), CONTENT)
    object_store.get(path, headers={"If-Match": md5(b"other")}).expect(412, because="the checksum is another")


@pytest.mark.uuid("1274775a-d79b-461b-97c7-be87bcedcc92")
def test_read_if_modified_since(object_store: Api, path: str) -> None:
    """An object is sent if it was changed after the time that the reader names, or is to be unchanged since and is."""
    shown = object_store.head(path).expect(200)
    changed = shown.header("Last-Modified")
    assert AGE.fullmatch(changed), (
        f"{shown.where}: expected a form such as {formatdate(0, usegmt=True)}, seen {changed}"
    )
    at = parsedate_to_datetime(changed).timestamp()
    before, then = formatdate(at - 3600, usegmt=True), formatdate(at, usegmt=True)
    since, unless = "If-Modified-Since", "If-Unmodified-Since"
    same(object_store.get(path, headers={since: before}).expect(200), CONTENT)
    object_store.get(path, headers={since: then}).expect(304, because=f"it was last changed {then}").empty()
    same(object_store.get(path, headers={unless: then}).expect(200), CONTENT)
    object_store.get(path, headers={unless: before}).expect(412, because=f"it was last changed {then}")


@pytest.mark.uuid("8a790200-813e-4685-a215-fbaa9a031fe1")
def test_requests_are_numbered(object_store: Api, path: str) -> None:
    """Every answer has a transaction id of its own, which is its request id too."""
    seen = [object_store.head(path).expect(200), object_store.get(path).expect(200)]
    for answer in seen:
        assert answer.header("X-Openstack-Request-Id") == answer.header("X-Trans-Id"), answer.where
    assert seen[0].header("X-Trans-Id") != seen[1].header("X-Trans-Id"), "two requests have the same transaction id"
