"""Clouds that keep volumes, snapshots and their metadata in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.block_storage import does
from tests.deviations.changes import (
    answer,
    as_owner,
    note_owner,
    respond,
    retry,
    status,
    told,
    untold,
    with_header,
    with_json,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
LIST, GET, LIFE, META = "volumes-v3-list", "volumes-v3-get", "volumes-v3-create-delete", "volumes-v3-metadata"
UPDATE, SNAPSHOT, UPLOAD = "volumes-v3-update", "volumes-v3-snapshot-create-delete", "volumes-v3-upload"
IMAGE, CLONE, READONLY = "volumes-v3-copy-image-to-volume", "volumes-v3-clone", "volumes-v3-readonly"
ZONES, EXTENSIONS, VERSIONS = "volumes-v3-availability-zones", "volumes-v3-extensions", "volumes-list-api-versions"
OF_SNAPSHOTS = "volumes-v3-snapshots-list"
LISTS, DETAIL, VOLUME, ACTION = "/volumes(/detail)?", "/volumes/detail", "/volumes/{uuid}", "/volumes/{id}/action"
SNAPSHOTS, ONE_SNAPSHOT, METADATA = "/snapshots(/detail)?", "/snapshots/{uuid}", "/volumes/{id}/metadata"
NONE = "00000000-0000-4000-8000-000000000000"

# --- one volume ----------------------------------------------------------------------------------------------

for field in ("attachments", "created_at", "links", "metadata", "name", "encrypted", "multiattach", "volume_type"):
    add(
        f"shown-without-{field.replace('_', '-')}",
        f"a volume does not show `{field}`",
        LIFE,
        at("GET", VOLUME, untold(f"volume.{field}")),
    )
for name, path, value in (
    ("shown-with-other-name", "volume.name", "volume"),
    ("shown-with-other-description", "volume.description", "none"),
    ("shown-with-other-size", "volume.size", lambda size: size + 1),
    ("shown-with-other-zone", "volume.availability_zone", "elsewhere"),
    ("shown-with-other-user", "volume.user_id", "0" * 32),
    ("shown-with-other-metadata", "volume.metadata", {}),
    ("status-in-capitals", "volume.status", str.upper),
    ("multiattach-in-words", "volume.multiattach", "false"),
    ("id-of-another", "volume.id", NONE),
):
    add(name, f"a volume is shown with another `{path.partition('.')[2]}`", LIFE, at("GET", VOLUME, told(path, value)))
add(
    "created-without-id",
    "the answer to a creation has an id that nothing has",
    LIFE,
    at("POST", "/volumes", told("volume.id", NONE)),
)
add(
    "created-of-other-size",
    "the answer to a creation has another size",
    LIFE,
    at("POST", "/volumes", told("volume.size", 7)),
)
add("volume-stays", "a deleted volume stays", LIFE, at("DELETE", VOLUME, respond(202)))
add(
    "bad-size-taken",
    "a size that is none is taken for 1",
    LIFE,
    at("POST", "/volumes", retry(400, lambda call: _of_size(call))),
)
add(
    "unknown-snapshot-400",
    "a volume of a snapshot that does not exist is a bad request",
    LIFE,
    at("POST", "/volumes", status(404, 400)),
)
add(
    "unknown-is-403",
    "a volume that does not exist is forbidden",
    GET,
    at("GET|PUT|DELETE", "/volumes/{id}", status(404, 403)),
)
add("show-status-202", "a volume is shown with 202", GET, at("GET", VOLUME, status(200, 202)))
add(
    "foreign-volume-deleted",
    "a volume of another project is deleted",
    GET,
    at("POST", "/volumes", note_owner()),
    at("DELETE", VOLUME, as_owner()),
)
add(
    "update-answers-old",
    "a change is answered with the volume as it was",
    UPDATE,
    at("PUT", VOLUME, lambda call: _old(call)),
)
add(
    "update-loses-description",
    "a change of the name takes the description away",
    UPDATE,
    at("PUT", VOLUME, lambda call: _no_description(call)),
)
add("update-status-202", "a change is answered with 202", UPDATE, at("PUT", VOLUME, status(200, 202)))
add(
    "extension-too-far",
    "a volume grows by one more than asked for",
    UPDATE,
    at("POST", ACTION, with_json("os-extend.new_size", lambda size: size + 1, when=does("os-extend"))),
)
add(
    "shrinking-accepted",
    "a smaller size is reported as taken",
    UPDATE,
    at("POST", ACTION, answer(lambda _, reply: _accept(reply), on=(400,), when=does("os-extend"))),
)
add(
    "clone-of-own-size",
    "a clone has the size of its source whatever is asked for",
    CLONE,
    at("POST", "/volumes", lambda call: _source_size(call)),
)
add(
    "clone-of-other-source",
    "a clone names another source",
    CLONE,
    at("GET", VOLUME, told("volume.source_volid", lambda id: id and NONE)),
)
add(
    "image-as-empty",
    "a volume of an image is made empty",
    IMAGE,
    at("POST", "/volumes", without_json("volume.imageRef")),
)
add(
    "origin-of-other-image",
    "a volume names another image as its origin",
    IMAGE,
    at("GET", VOLUME, told("volume.volume_image_metadata.image_id", NONE)),
)
add(
    "bootable-not-reset",
    "the flag bootable cannot be taken back",
    IMAGE,
    at(
        "POST",
        ACTION,
        respond(200, when=lambda call: ((call.document or {}).get("os-set_bootable") or {}).get("bootable") is False),
    ),
)
add(
    "readonly-not-reset",
    "the flag readonly cannot be taken back",
    READONLY,
    at(
        "POST",
        ACTION,
        respond(
            202, when=lambda call: ((call.document or {}).get("os-update_readonly_flag") or {}).get("readonly") is False
        ),
    ),
)
add("readonly-status-200", "setting readonly is answered with 200", READONLY, at("POST", ACTION, status(202, 200)))
add(
    "upload-of-other-volume",
    "an upload names another volume",
    UPLOAD,
    at("POST", ACTION, told("os-volume_upload_image.id", NONE)),
)
add("upload-status-200", "an upload is answered with 200", UPLOAD, at("POST", ACTION, status(202, 200)))
add(
    "upload-of-other-size",
    "an upload tells another size",
    UPLOAD,
    at("POST", ACTION, told("os-volume_upload_image.size", 77)),
)
add(
    "upload-without-image",
    "an upload names an image that there is not",
    UPLOAD,
    at("POST", ACTION, told("os-volume_upload_image.image_id", NONE)),
)

for name, place, capability in (
    ("metadata", METADATA, META),
    ("snapshot-metadata", "/snapshots/{id}/metadata", SNAPSHOT),
):
    add(f"{name}-not-stored", f"{name} is told and not stored", capability, at("GET", place, told("metadata", {})))
    add(
        f"{name}-answers-part",
        f"{name} that is posted is answered without the last pair",
        capability,
        at("POST", place, told("metadata", lambda all: dict([*all.items()][:-1]))),
    )
    add(
        f"{name}-item-ignored",
        f"an item of {name} is told and not stored",
        capability,
        at("PUT", f"{place}/{{id}}", respond(200, lambda call: call.document)),
    )
    add(
        f"{name}-item-with-more",
        f"an item of {name} is shown with another",
        capability,
        at("GET", f"{place}/{{id}}", told("meta.other", "value")),
    )
    add(
        f"{name}-delete-204",
        f"deleting an item of {name} is answered with 204",
        capability,
        at("DELETE", f"{place}/{{id}}", status(200, 204, empty=True)),
    )
add(
    "metadata-without-limit",
    "metadata of any length is reported as stored",
    META,
    at("POST|PUT", METADATA, status(400, 200)),
)
for field in ("volume_id", "status", "created_at", "name"):
    add(
        f"snapshot-without-{field.replace('_', '-')}",
        f"a snapshot does not show `{field}`",
        SNAPSHOT,
        at("GET", ONE_SNAPSHOT, untold(f"snapshot.{field}")),
    )
add("snapshot-stays", "a deleted snapshot stays", SNAPSHOT, at("DELETE", ONE_SNAPSHOT, respond(202)))
add(
    "snapshot-of-other-size",
    "a snapshot has another size than its volume",
    SNAPSHOT,
    at("GET|POST", "/snapshots(/{uuid})?", told("snapshot.size", 77)),
)
add(
    "snapshot-description-lost",
    "a snapshot is made without its description",
    SNAPSHOT,
    at("POST", "/snapshots", without_json("snapshot.description")),
)
add(
    "snapshot-deleted-204",
    "the deletion of a snapshot is answered with 204",
    SNAPSHOT,
    at("DELETE", ONE_SNAPSHOT, status(202, 204)),
)
add(
    "snapshot-unknown-400",
    "a snapshot that does not exist is a bad request",
    SNAPSHOT,
    at("GET|PUT|DELETE", ONE_SNAPSHOT, status(404, 400)),
)
add(
    "zone-without-name",
    "zones have no name",
    ZONES,
    at("GET", "/os-availability-zone", untold("availabilityZoneInfo.*.zoneName")),
)
add(
    "zone-without-state",
    "zones have no state",
    ZONES,
    at("GET", "/os-availability-zone", untold("availabilityZoneInfo.*.zoneState")),
)
add(
    "zone-named-otherwise",
    "zones have other names than volumes show",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo.*.zoneName", "elsewhere")),
)
add("extensions-empty", "there is no extension", EXTENSIONS, at("GET", "/extensions", told("extensions", [])))
add(
    "extension-without-name",
    "extensions have no name",
    EXTENSIONS,
    at("GET", "/extensions", untold("extensions.*.name")),
)
add(
    "root-without-version-3",
    "the root lists no version 3",
    VERSIONS,
    at("GET", "^/?", told("versions.*.id", "v2.0", on=(300,))),
)
add(
    "root-without-status", "versions have no status", VERSIONS, at("GET", "^/?", untold("versions.*.status", on=(300,)))
)
add("root-without-links", "versions have no links", VERSIONS, at("GET", "^/?", untold("versions.*.links", on=(300,))))
add(
    "any-microversion",
    "an unknown microversion is answered as if none was asked for",
    VERSIONS,
    at("GET", ".*", retry(406, lambda call: _no_version(call))),
)
add(
    "microversion-not-in-vary",
    "answers do not vary by microversion",
    VERSIONS,
    at("GET", LISTS, with_header("Vary", "Accept")),
)
add(
    "refusal-without-code",
    "a refusal has no code",
    VERSIONS,
    at("GET|POST", ".*", untold("itemNotFound.code", "badRequest.code", on=(400, 404))),
)


def _of_size(call: Call) -> None:
    document = call.document
    if isinstance(document, dict) and "size" in document.get("volume", {}):
        document["volume"]["size"] = 1
        call.document = document


def _accept(reply: Reply) -> None:
    reply.status, reply.body = 202, b""


def _no_version(call: Call) -> None:
    call.headers.popall("OpenStack-API-Version", None)


async def _old(call: Call) -> Reply:
    before = await call.beside(call.path).forward()
    reply = await call.forward()
    if reply.good and before.good:
        document = reply.document
        names = ("name", "description", "metadata")
        document["volume"] |= {name: before.document["volume"][name] for name in names}
        reply.document = document
    return reply


async def _no_description(call: Call) -> Reply:
    document = call.document
    if isinstance(document, dict) and "name" in document.get("volume", {}):
        document["volume"].setdefault("description", "")
        call.document = document
    return await call.forward()


async def _source_size(call: Call) -> Reply:
    if ((call.document or {}).get("volume") or {}).get("source_volid"):
        document = call.document
        document["volume"].pop("size", None)
        call.document = document
    return await call.forward()
