"""Key pairs."""

import pytest

from defcore.suite.support import Api, PromiseBroken, Resources
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_schemas import (
    KEYPAIR,
    KEYPAIR_BRIEF,
    KEYPAIR_CREATED,
    KEYPAIR_IMPORTED,
    SERVER_BODY,
    keypair_body,
    keypairs_body,
    typed,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#keypairs-keypairs")

# The public half of a key made for this test; nobody kept the private one.
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLI31rhAe9jHch4tIgwa48WqKgiisuqX0is+AJaCm/E defcore"
FINGERPRINT = "1a:f9:e4:09:ad:35:2e:18:07:9c:bd:e7:20:d1:40:87"


@pytest.mark.uuid("02d967d4-b986-4505-9fcf-7f8eb71c0d74")
@pytest.mark.covers("f9e15296-d7f9-4e62-b53f-a04e89160833")
@pytest.mark.needs("image", "flavor")
def test_server_carries_a_generated_keypair(compute: Api, servers: Servers, resources: Resources) -> None:
    """A key pair is generated with its private key, is listed, and a server created with it shows its name."""
    name = resources.name("key")
    answer = resources.create(compute, "keypair", "/os-keypairs", name=name, json={"keypair": {"name": name}})
    made = answer.expect(200).check(keypair_body(KEYPAIR_CREATED)).json["keypair"]
    assert made["name"] == name, f"{answer.where}: expected the name {name}, seen {made['name']}"
    answer = compute.get("/os-keypairs").expect(200).check(keypairs_body(KEYPAIR_BRIEF))
    entries = [entry["keypair"] for entry in answer.json["keypairs"] if entry["keypair"]["name"] == name]
    expected = [{key: made[key] for key in ("fingerprint", "name", "public_key")}]
    seen = [{key: entry[key] for key in ("fingerprint", "name", "public_key")} for entry in entries]
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    created = servers.post(resources.name("with-key"), key_name=name).setup(202).json["server"]["id"]
    servers.wait(created, "ACTIVE")
    answer = servers.show(created).expect(200).check(SERVER_BODY)
    key = answer.json["server"].get("key_name")
    assert key == name, f"{answer.where}: expected the key_name {name}, seen {key}"


@pytest.mark.uuid("8f5b158d-4cea-4575-9b95-acf3b22f563a")
@pytest.mark.covers("89d59d43-f735-441a-abcf-0601727f47b6")
def test_x509_keypair_keeps_its_type(compute: Api, resources: Resources) -> None:
    """A key pair of the type x509 can be generated, and shows that type when made, shown and listed.

    Microversion 2.2; 2.92 no longer generates keys.
    """
    compute.need_microversion("2.2")
    name = resources.name("x509")
    answer = resources.create(
        compute,
        "keypair",
        "/os-keypairs",
        name=name,
        json={"keypair": {"name": name, "type": "x509"}},
        microversion="2.2",
    )
    made = answer.expect(201).check(keypair_body(typed(KEYPAIR_CREATED))).json["keypair"]
    shown_answer = compute.get(f"/os-keypairs/{name}", microversion="2.2").expect(200)
    shown = shown_answer.check(keypair_body(typed(KEYPAIR))).json["keypair"]
    list_answer = compute.get("/os-keypairs", microversion="2.2").expect(200)
    list_answer.check(keypairs_body(typed(KEYPAIR_BRIEF)))
    entries = [entry["keypair"] for entry in list_answer.json["keypairs"] if entry["keypair"]["name"] == name]
    assert len(entries) == 1, f"{list_answer.where}: {name} is listed {len(entries)} times"
    for where, keypair in ((answer.where, made), (shown_answer.where, shown), (list_answer.where, entries[0])):
        assert keypair["name"] == name, f"{where}: expected the name {name}, seen {keypair['name']}"
        assert keypair["type"] == "x509", f"{where}: expected the type x509, seen {keypair['type']}"
        assert keypair["fingerprint"] == made["fingerprint"], f"{where}: the fingerprint differs"
    compute.delete(f"/os-keypairs/{name}", microversion="2.2").expect(204)
    compute.get(f"/os-keypairs/{name}", microversion="2.2").expect(404, because="it was deleted")


@pytest.mark.uuid("f1077f56-d962-47e7-ac37-c0a3615ce6c9")
def test_imported_keypair_returns_no_private_key(compute: Api, resources: Resources) -> None:
    """A key pair made from a public key shows that key and its MD5 fingerprint, and no private key."""
    name = resources.name("import")
    body = {"keypair": {"name": name, "public_key": PUBLIC_KEY}}
    answer = resources.create(compute, "keypair", "/os-keypairs", name=name, json=body)
    made = answer.expect(200).check(keypair_body(KEYPAIR_IMPORTED)).json["keypair"]
    shown = compute.get(f"/os-keypairs/{name}").expect(200).check(keypair_body(KEYPAIR)).json["keypair"]
    for keypair in (made, shown):
        assert keypair["public_key"] == PUBLIC_KEY, f"expected {PUBLIC_KEY}, seen {keypair['public_key']}"
        assert keypair["fingerprint"] == FINGERPRINT, f"expected {FINGERPRINT}, seen {keypair['fingerprint']}"
        if "private_key" in keypair:
            raise PromiseBroken(f"{answer.where}: an imported key pair has a private key", expected="none", seen="one")


@pytest.mark.uuid("fe065247-8ac1-454a-911e-1e3d2911bc0b")
def test_keypair_requests_that_make_no_sense_are_refused(compute: Api, resources: Resources) -> None:
    """A key pair is refused with 409 if its name is taken, and with 400 if its key or its name is not valid."""
    name = resources.name("taken")
    first = {"keypair": {"name": name, "public_key": PUBLIC_KEY}}
    resources.create(compute, "keypair", "/os-keypairs", name=name, json=first).setup(200)
    compute.post("/os-keypairs", json=first).expect(409, because="the name is taken")
    refused = (
        {"name": resources.name("bad-key"), "public_key": "ssh-rsa this is no key"},
        {"name": resources.name("long").ljust(256, "k"), "public_key": PUBLIC_KEY},
        {"name": "", "public_key": PUBLIC_KEY},
    )
    for keypair in refused:
        answer = resources.create(
            compute, "keypair", "/os-keypairs", name=keypair["name"] or None, json={"keypair": keypair}
        )
        answer.expect(400, because=f"the key pair is not valid: {keypair}")


@pytest.mark.uuid("47711a99-f739-44e4-8037-b2c382f98d55")
def test_deleted_keypair_is_gone(compute: Api, resources: Resources) -> None:
    """A deleted key pair is neither found nor listed, and cannot be deleted again."""
    name = resources.name("gone")
    body = {"keypair": {"name": name, "public_key": PUBLIC_KEY}}
    resources.create(compute, "keypair", "/os-keypairs", name=name, json=body).setup(200)
    compute.delete(f"/os-keypairs/{name}").expect(202)
    compute.get(f"/os-keypairs/{name}").expect(404, because="it was deleted")
    compute.delete(f"/os-keypairs/{name}").expect(404, because="it was deleted")
    answer = compute.get("/os-keypairs").expect(200).check(keypairs_body(KEYPAIR_BRIEF))
    names = [entry["keypair"]["name"] for entry in answer.json["keypairs"]]
    assert name not in names, f"{answer.where}: the deleted key pair {name} is still listed"
