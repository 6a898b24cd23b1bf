"""What one project owns is open to another: seen in its lists, changed, deleted, used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import OBJECT
from tests.deviations.changes import as_owner, note_owner, respond, retry, status
from tests.deviations.deviation import Book, Change, Deviation
from tests.deviations.message import Call, Reply

BOOKS = {service: Book(service) for service in Service}
COMPUTE, NETWORK, IMAGE, STORE = (
    BOOKS[service] for service in (Service.COMPUTE, Service.NETWORK, Service.IMAGE, Service.OBJECT_STORE)
)


def with_owners(collection: str, id_of: Callable[[Any], Any] = lambda one: one.get("id")) -> Change:
    """A list holds what the owners noted by `note_owner` see in theirs, too."""

    async def change(call: Call) -> Reply:
        reply = await call.forward()
        document = reply.document
        if not reply.good or not isinstance(document, dict) or collection not in document:
            return reply
        for owner in {token for token in call.memory.values() if call.tokens.project_of(token) != call.project}:
            second = call.again()
            second.headers["X-Auth-Token"] = owner
            theirs = await second.forward()
            here = [id_of(one) for one in document[collection]]
            more = theirs.document[collection] if theirs.good else []
            document[collection] += [one for one in more if id_of(one) not in here]
        reply.document = document
        return reply

    return change


def kind(
    service: Service,
    name: str,
    capability: str,
    path: str,
    *,
    lists: str = "",
    collection: str = "",
    change: str = "PUT",
    id_of: Callable[[Any], Any] = lambda one: one.get("id"),
    refusal: int = 404,
) -> None:
    """Three deviations of a kind of resource: listed, changed (or shown) and deleted by others."""
    book = BOOKS[service]
    noted = book.at("POST", path, note_owner(id_of))
    one = f"{path}/{{id}}"
    words = f"{'an' if name[0] in 'aeiou' else 'a'} {name.replace('-', ' ')}"
    if collection:
        book.add(
            f"others-{name}-listed",
            f"{words} of another project is listed",
            capability,
            noted,
            book.at("GET", lists or path, with_owners(collection, id_of)),
        )
    for verb, methods in (("shown" if change == "GET" else "changed", change), ("deleted", "DELETE")):
        if methods:
            book.add(
                f"others-{name}-{verb}",
                f"{words} of another project is {verb}",
                capability,
                noted,
                book.at(methods, one, as_owner(refusal)),
            )


def _key(entry: Any) -> Any:
    """A key pair's name; in a list it is wrapped once more."""
    return entry.get("keypair", entry)["name"]


kind(Service.COMPUTE, "server", "compute-servers-get", "/servers")
COMPUTE.add(
    "others-server-listed",
    "a server of another project is listed",
    "compute-servers-list",
    COMPUTE.at("POST", "/servers", note_owner()),
    COMPUTE.at("GET", "/servers(?:/detail)?", with_owners("servers")),
)
kind(
    Service.COMPUTE,
    "key-pair",
    "compute-keypairs-create",
    "/os-keypairs",
    collection="keypairs",
    change="",
    id_of=_key,
)
kind(
    Service.COMPUTE,
    "server-group",
    "compute-servers-create",
    "/os-server-groups",
    collection="server_groups",
    change="",
)
kind(
    Service.COMPUTE,
    "group",
    "compute-security-groups-CRUD",
    "/os-security-groups",
    collection="security_groups",
)
kind(
    Service.BLOCK_STORAGE,
    "volume",
    "volumes-v3-get",
    "/volumes",
    lists="/volumes(?:/detail)?",
    collection="volumes",
)
kind(
    Service.BLOCK_STORAGE,
    "snapshot",
    "volumes-v3-snapshot-create-delete",
    "/snapshots",
    lists="/snapshots(?:/detail)?",
    collection="snapshots",
)
kind(
    Service.BLOCK_STORAGE,
    "transfer",
    "volumes-v3-get",
    "/os-volume-transfer",
    lists="/os-volume-transfer(?:/detail)?",
    collection="transfers",
    change="GET",
)
kind(Service.IMAGE, "image", "images-v2-index", "/images", collection="images", change="PATCH")
for name, capability in (
    ("network", "networks-l2-CRUD"),
    ("subnet", "networks-l2-CRUD"),
    ("port", "networks-l2-CRUD"),
    ("router", "networks-l3-CRUD"),
    ("security-group", "networks-security-groups-CRUD"),
    ("floatingip", "networks-floating-ips-CRUD"),
    ("subnetpool", "networks-subnet-pools-CRUD"),
):
    kind(Service.NETWORK, name, capability, f"/{name}s", collection=f"{name.replace('-', '_')}s")
kind(
    Service.NETWORK,
    "security-group-rule",
    "networks-security-groups-CRUD",
    "/security-group-rules",
    collection="security_group_rules",
    change="",
)
kind(
    Service.IDENTITY,
    "application-credential",
    "identity-v3-application-credentials",
    "/users/{id}/application_credentials",
    change="GET",
    refusal=403,
)

# --- what another project has, used as one's own -------------------------------------------------------------


def _without(envelope: str, *names: str, **instead: Any) -> Callable[[Call], None]:
    """The request without these attributes."""

    def edit(call: Call) -> None:
        document = call.document
        if isinstance(document, dict) and isinstance(document.get(envelope), dict):
            kept = {key: value for key, value in document[envelope].items() if key not in names}
            call.document = {envelope: kept | (instead if len(kept) < len(document[envelope]) else {})}

    return edit


COMPUTE.add(
    "others-key-ignored",
    "a key pair that only another user has is passed over when a server is made",
    "compute-servers-create",
    COMPUTE.at("POST", "/servers", retry(400, _without("server", "key_name"))),
)
COMPUTE.add(
    "others-network-taken",
    "a server on a network of another project is reported as made",
    "compute-servers-create",
    COMPUTE.at("POST", "/servers", status(400, 202)),
)
NETWORK.add(
    "others-group-on-port",
    "a port is reported to have a security group of another project",
    "networks-security-groups-CRUD",
    NETWORK.at("PUT", "/ports/{id}", status(404, 200)),
)
NETWORK.add(
    "others-group-in-rule",
    "a remote group of another project is passed over in a rule",
    "networks-security-groups-CRUD",
    NETWORK.at("POST", "/security-group-rules", retry(404, _without("security_group_rule", "remote_group_id"))),
)
NETWORK.add(
    "others-pool-allocates",
    "a subnet that is to come from a pool of another project is made",
    "networks-subnet-pools-CRUD",
    NETWORK.at("POST", "/subnets", retry(404, _without("subnet", "subnetpool_id", "prefixlen", cidr="10.94.0.0/26"))),
)
IMAGE.add(
    "others-image-staged",
    "data for an image of another project is staged",
    "images-v2-index",
    IMAGE.at("PUT", "/images/{id}/stage", status(404, 204, empty=True)),
)
IMAGE.add(
    "others-image-imported",
    "an import into an image of another project is accepted",
    "images-v2-index",
    IMAGE.at("POST", "/images/{id}/import", status(404, 202, empty=True)),
)
STORE.add(
    "others-object-copied",
    "an object of another account is reported as copied without an ACL",
    "objectstore-container-acl",
    STORE.at("PUT", OBJECT, respond(201, when=lambda call: "X-Copy-From-Account" in call.headers)),
)
STORE.add(
    "others-object-overwritten",
    "an object is reported as copied over one of another account without an ACL",
    "objectstore-container-acl",
    STORE.at("COPY", OBJECT, respond(201, when=lambda call: "Destination-Account" in call.headers)),
)
DEVIATIONS: tuple[Deviation, ...] = tuple(one for book in BOOKS.values() for one in book.deviations)
