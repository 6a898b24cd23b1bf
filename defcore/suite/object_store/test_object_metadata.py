"""Metadata of objects, and the limits for it and for names."""

from urllib.parse import quote

import pytest

from defcore.suite.support import Absent, Api, Resources
from defcore.suite.support.object_store import Container, features, new_container, put_container, same
from defcore.suite.support.object_store_headers import meta

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-update-object-metadata")


@pytest.mark.uuid("ffd6075d-8943-426b-af97-10d5b261128c")
def test_object_metadata_is_replaced(object_store: Api, container: Container) -> None:
    """Setting metadata of an object removes what was set before, and leaves its content, type and checksum."""
    sent = {"X-Object-Meta-Old": "1", "X-Object-Meta-Both": "1", "Content-Type": "text/plain"}
    path = container.has("described", b"content", headers=sent)
    before = object_store.head(path).expect(200)
    object_store.post(path, headers={"x-object-META-both": "2", "X-Object-Meta-New": "3"}).expect(202)
    after = same(object_store.get(path).expect(200), b"content")
    assert meta(after, "Object") == {"both": "2", "new": "3"}
    for name in ("Content-Type", "ETag", "Content-Length"):
        assert after.header(name) == before.header(name), f"{name} must stay"


@pytest.mark.uuid("00dd36ee-1ce6-4653-890f-8b7f70fb902f")
def test_object_metadata_in_any_script(object_store: Api, container: Container) -> None:
    """Metadata in any script is shown as it was set, whether it was sent as UTF-8 or percent-encoded."""
    raw, encoded = "grün 日本", quote("grün 日本")
    path = container.has("described", headers={"X-Object-Meta-Raw": raw, "X-Object-Meta-Encoded": encoded})
    answer = object_store.head(path).expect(200)
    assert answer.header("X-Object-Meta-Encoded") == encoded
    seen = answer.header("X-Object-Meta-Raw")
    if not seen.isascii():  # the bytes of a header arrive as Latin-1
        seen = seen.encode("latin-1", "replace").decode("utf-8", "replace")
    assert seen in (raw, encoded)


@pytest.fixture
def limits(object_store: Api) -> dict[str, int]:
    """The limits that /info tells."""
    told = (features(object_store) or {}).get("swift")
    found = {name: value for name, value in (told or {}).items() if type(value) is int and value > 0}
    if not found:
        raise Absent(f"{object_store.root}/info tells no limits")
    return found


def limit(limits: dict[str, int], name: str) -> int:
    if name not in limits:
        raise Absent(f"/info does not tell {name}")
    return limits[name]


@pytest.mark.uuid("5ca6328f-2451-4bc2-a022-f3d5afbe7cbc")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")
def test_metadata_limits(object_store: Api, container: Container, limits: dict[str, int]) -> None:
    """Metadata as large as the limits of /info is taken, and larger is refused."""
    longest, widest = limit(limits, "max_meta_name_length"), limit(limits, "max_meta_value_length")
    most, overall = limit(limits, "max_meta_count"), limit(limits, "max_meta_overall_size")
    start = "X-Object-Meta-"
    container.put("fits", headers={f"{start}{'n' * longest}": "v" * widest}).expect(201, because="it is in the limits")
    refused = {
        f"a name may have {longest} characters": {f"{start}{'n' * (longest + 1)}": "v"},
        f"a value may have {widest} bytes": {f"{start}N": "v" * (widest + 1)},
        f"there may be {most} items": {f"{start}{number}": "v" for number in range(most + 1)},
    }
    needed = overall // widest + 1
    if needed <= most:  # else so much does not fit into the other limits
        refused[f"all may have {overall} bytes"] = {f"{start}{number}": "v" * widest for number in range(needed)}
    for why, headers in refused.items():
        container.put("too-much", headers=headers).expect(400, because=why)
    object_store.head(container.at("too-much")).expect(404, because="it was refused")


@pytest.mark.uuid("c94f9a3c-fed7-4626-b489-fddb6782810e")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")
def test_name_limits(object_store: Api, resources: Resources, container: Container, limits: dict[str, int]) -> None:
    """Names as long as the limits of /info are taken, and longer ones are refused."""
    longest = limit(limits, "max_object_name_length")
    container.put("o" * longest, b"").expect(201, because=f"a name may have {longest} bytes")
    container.put("o" * (longest + 1), b"").expect(400, because=f"a name may have {longest} bytes")
    longest = limit(limits, "max_container_name_length")
    name = resources.name("long").ljust(longest, "c")
    made = new_container(resources, object_store, "long", name=name)
    object_store.head(made.path).expect(204)
    too_long = Container(api=object_store, resources=resources, name=f"{name}c")
    put_container(too_long).expect(400, because=f"a name may have {longest} bytes")
