"""Objects at signed addresses, without a token.

The guideline's key is one of the account. A key that the account has already is left as it is and used, so
that nobody's own addresses stop working; one that is set for a test is removed after it, or by a sweep. Our further
tests have keys of their own container.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from defcore.suite.support import Api, CannotTell, PromiseBroken, Resources
from defcore.suite.support.object_store import Container, account_name, new_container, same, shown_account
from defcore.suite.support.object_store_headers import object_headers, stored_headers
from defcore.suite.support.temporary_urls import Signer, signer

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")

ACCOUNT_KEY = "X-Account-Meta-Temp-URL-Key"


def account_key(object_store: Api, resources: Resources) -> Signer:
    """Signs with the key of the account, which is set if it has none, and then removed after the test."""
    former = shown_account(object_store).headers.get(ACCOUNT_KEY)
    made = signer(object_store, former or secrets.token_urlsafe(32))
    headers = {ACCOUNT_KEY: made.key}
    if former is None:
        account = account_name(object_store)
        answer = resources.create(object_store, "account_key", "", method="POST", id=account, headers=headers)
    else:
        answer = object_store.post("", headers=headers)
    answer.expect(204, because="an account takes a key")
    shown = shown_account(object_store).header(ACCOUNT_KEY)
    if shown != made.key:  # a plain assert would tell the keys
        raise PromiseBroken("the account must show the key that was set", expected="that key", seen="another")
    return made


@contextlib.contextmanager
def key_is_kept(signs: Signer) -> Iterator[None]:
    """What goes wrong within it is the cloud's fault only if the account still has our key: others may set one."""
    try:
        yield
    except AssertionError:
        if shown_account(signs.api).headers.get(ACCOUNT_KEY) != signs.key:
            raise CannotTell("somebody else has changed the account's key while it was used") from None
        raise


@pytest.mark.uuid("730040fd-2fab-4665-b787-563356bc5454")
@pytest.mark.covers("f91c96d4-1230-4bba-8eb9-84476d18d991")
@pytest.mark.exclusive("account")
def test_read_at_temporary_url(object_store: Api, container: Container, resources: Resources) -> None:
    """An object is read and shown without a token at an address signed for reading with the account's key."""
    path = container.has("signed", b"signed")
    signs = account_key(object_store, resources)
    with key_is_kept(signs):
        same(object_headers(signs.use("GET", path).expect(200)), b"signed")
        answer = object_headers(signs.use("HEAD", path, by="GET").expect(200))
        assert answer.header("Content-Length") == "6"


@pytest.mark.uuid("9e07f5f6-c5ee-4ce8-b4a3-1c62dfa4ef34")
@pytest.mark.covers("9b08dade-3571-4152-8a4f-a4f2a873a735")
@pytest.mark.exclusive("account")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")
def test_store_at_temporary_url(object_store: Api, container: Container, resources: Resources) -> None:
    """An object is stored and shown without a token at an address signed for storing with the account's key."""
    path = container.has("signed", b"old")
    signs = account_key(object_store, resources)
    with key_is_kept(signs):
        stored_headers(signs.use("PUT", path, data=b"new content").expect(201))
        answer = object_headers(signs.use("HEAD", path, by="PUT").expect(200))
        assert answer.header("Content-Length") == "11"
        same(signs.use("GET", path).expect(200), b"new content")


@pytest.fixture
def keyed(object_store: Api, resources: Resources) -> tuple[Container, Signer, Signer]:
    """A container with two keys of its own."""
    first = signer(object_store, secrets.token_urlsafe(32))
    second = signer(object_store, secrets.token_urlsafe(32))
    keys = {"X-Container-Meta-Temp-URL-Key": first.key, "X-Container-Meta-Temp-URL-Key-2": second.key}
    return new_container(resources, object_store, "signed", headers=keys), first, second


@pytest.mark.uuid("552e8828-2ec0-46a9-812f-6497a65347ca")
def test_both_keys_of_a_container_sign(keyed: tuple[Container, Signer, Signer]) -> None:
    """Each of the two keys of a container signs addresses of its objects, which are sent as files to be saved."""
    container, first, second = keyed
    path = container.has("a signed object", b"signed")
    for one in (first, second):
        answer = same(one.use("GET", path).expect(200), b"signed")
        assert answer.header("Content-Disposition").startswith("attachment"), answer.header("Content-Disposition")


@pytest.mark.uuid("22f8a489-aaaf-41e4-a881-ecde5b956d46")
def test_temporary_url_is_for_one_thing_only(object_store: Api, keyed: tuple[Container, Signer, Signer]) -> None:
    """A signed address lets nobody do what it was not signed for: another method, object, key, or a later time."""
    container, signs, _ = keyed
    path, other = container.has("signed", b"signed"), container.has("other", b"other")
    same(signs.use("GET", path).expect(200), b"signed")  # the key is known, what fails below fails for its own reason
    good = next(url for url in signs.addresses("GET", path) if _status(object_store, "GET", url) == 200)
    forged = good.replace("temp_url_sig=", "temp_url_sig=0", 1)
    late = signs.sign("GET", path, lifetime=-60)
    stranger = replace(signs, key=secrets.token_urlsafe(32)).sign("GET", path)
    for why, method, url in (
        ("it was signed for GET", "PUT", good),
        ("it was signed for GET", "POST", good),
        ("it was signed for GET", "DELETE", good),
        ("it was signed for another object", "GET", good.replace(path, other)),
        ("the signature is forged", "GET", forged),
        ("the time was changed", "GET", _later(good)),
        ("it has expired", "GET", late),
        ("it has expired", "HEAD", late),
        ("it was signed with another key", "GET", stranger),
        ("it has no signature", "GET", good.split("?")[0]),
    ):
        answer = object_store.request(method, url, data=b"", authenticated=False)
        answer.expect(401, because=why)
    same(object_store.get(path).expect(200), b"signed")
    same(object_store.get(other).expect(200), b"other")


def _status(object_store: Api, method: str, url: str) -> int:
    return object_store.request(method, url, authenticated=False).status


def _later(url: str) -> str:
    """The address with its time moved by a day, and the old signature."""
    start, _, expires = url.rpartition("temp_url_expires=")
    return f"{start}temp_url_expires={int(expires) + 86400}"


@pytest.mark.uuid("efe3be68-d91c-4e38-9f51-7c5e1c588e8c")
def test_signed_file_has_the_name_asked_for(object_store: Api, keyed: tuple[Container, Signer, Signer]) -> None:
    """An object at a signed address is to be saved under the name that the address asks for."""
    container, signs, _ = keyed
    path = container.has("signed", b"signed")
    same(signs.use("GET", path).expect(200), b"signed")  # the key is known
    good = next(url for url in signs.addresses("GET", path) if _status(object_store, "GET", url) == 200)
    answer = object_store.get(f"{good}&filename=chosen.txt", authenticated=False).expect(200)
    seen = answer.header("Content-Disposition")
    assert seen.startswith("attachment"), f"{answer.where}: expected an attachment, seen {seen}"
    assert "chosen.txt" in seen, f"{answer.where}: expected the name chosen.txt, seen {seen}"


@pytest.mark.uuid("8d61a07b-42e5-43b0-b138-92e7a50948bf")
def test_address_is_signed_for_a_prefix_or_until_a_day(
    object_store: Api, keyed: tuple[Container, Signer, Signer]
) -> None:
    """The time at which an address expires may be given by ISO 8601. An address signed for a prefix, where the cloud
    knows such, opens no object whose name begins otherwise.

    The API reference does not name prefixes, so that a cloud may do without.
    """
    container, signs, _ = keyed
    path, other = container.has("folder/signed", b"signed"), container.has("other", b"other")
    same(signs.use("GET", path).expect(200), b"signed")  # the key is known
    whole = next(url for url in signs.addresses("GET", path) if _status(object_store, "GET", url) == 200)
    expires = int(whole.rpartition("temp_url_expires=")[2])
    day = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    until = whole.replace(f"temp_url_expires={expires}", f"temp_url_expires={day}")
    same(object_store.get(until, authenticated=False).expect(200, because=f"it expires at {day}"), b"signed")
    begins = signs.for_prefix("GET", path, "folder/")
    good = next((url for url in begins if _status(object_store, "GET", url) == 200), None)
    if good is None:  # the rest of the test has shown its promise
        return
    same(object_store.get(good, authenticated=False).expect(200), b"signed")
    wrong = good.replace(path, other)
    object_store.get(wrong, authenticated=False).expect(401, 403, because="the prefix is another")
