"""Clouds that register, deliver and share images in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    note_owner,
    status,
    told,
    untold,
    with_header,
    with_json,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IMAGE)
add, at = book.add, book.at
LIST, GET, DELETE, UPDATE = "images-v2-list", "images-v2-get", "images-v2-delete", "images-v2-update"
IMPORT, INDEX, SHARE = "images-v2-import", "images-v2-index", "images-v2-share"
IMAGES, IMAGE, FILE = "/images", "/images/{uuid}", "/images/{uuid}/file"
MEMBERS, MEMBER, TAG = "/images/{uuid}/members", "/images/{uuid}/members/{id}", "/images/{uuid}/tags/{id}"
NOBODY = "0" * 32

# --- data and registration -----------------------------------------------------------------------------------

add("register-status-200", "a registration is answered with 200", IMPORT, at("POST", IMAGES, status(201, 200)))
add(
    "register-without-location",
    "a registration does not tell where the image is",
    IMPORT,
    at("POST", IMAGES, untold(headers=("Location",))),
)
add("register-other-id", "an id that was chosen is ignored", IMPORT, at("POST", IMAGES, without_json("id")))
add(
    "register-as-active",
    "an image without data is told as active",
    IMPORT,
    at("POST", IMAGES, told("status", "active")),
)
add(
    "register-as-private",
    "an image without visibility is private",
    IMPORT,
    at("POST", IMAGES, lambda call: _private(call)),
)
add("register-twice", "an id may be taken twice", IMPORT, at("POST", IMAGES, status(409, 201)))
add(
    "register-loses-format",
    "an image has another disk format than it was registered with",
    IMPORT,
    at("POST", IMAGES, with_json("disk_format", "raw", when=lambda call: "disk_format" in (call.document or {}))),
)
add(
    "name-cut",
    "a name ends at 64 characters",
    IMPORT,
    at(
        "POST",
        IMAGES,
        with_json("name", lambda name: str(name)[:64], when=lambda call: "name" in (call.document or {})),
    ),
)
add("any-property", "a property of any type is taken", IMPORT, at("POST", IMAGES, lambda call: _text_properties(call)))
add("upload-status-200", "an upload is answered with 200", IMPORT, at("PUT", FILE, status(204, 200)))
add("upload-as-anything", "data may come as any content", IMPORT, at("PUT", FILE, lambda call: _as_octets(call)))
add("upload-stays-queued", "an image with data waits for its data", IMPORT, at("GET", IMAGE, told("status", "queued")))
add("size-missing", "an image with data shows no size", IMPORT, at("GET", IMAGE, told("size", None)))
add("checksum-missing", "an image with data shows no checksum", IMPORT, at("GET", IMAGE, told("checksum", None)))
add(
    "hash-of-other-data",
    "the hash of an image is that of other data",
    IMPORT,
    at("GET", IMAGE, told("os_hash_value", lambda text: text and "0" * len(text))),
)
add(
    "hash-by-another-name",
    "the hash of an image is by another algorithm than it says",
    IMPORT,
    at("GET", IMAGE, told("os_hash_algo", lambda name: name and "sha256")),
)
add("download-type", "a download is no octet stream", IMPORT, at("GET", FILE, with_header("Content-Type", "text/html")))
add(
    "download-md5-of-other",
    "the checksum of a download is another one",
    IMPORT,
    at("GET", FILE, with_header("Content-MD5", "d41d8cd98f00b204e9800998ecf8427e")),
)
add("range-beyond-taken", "a range beyond the end gets nothing", IMPORT, at("GET", FILE, status(416, 204, empty=True)))
add("range-status-200", "a range is answered with 200", IMPORT, at("GET", FILE, status(206, 200)))


async def _private(call: Call) -> Reply:
    if isinstance(call.document, dict) and "visibility" not in call.document:
        call.document = call.document | {"visibility": "private"}
    return await call.forward()


async def _text_properties(call: Call) -> Reply:
    if isinstance(call.document, dict):
        known = ("min_disk", "min_ram", "protected", "tags", "os_hidden")
        call.document = {k: v if k in known or isinstance(v, str) else str(v) for k, v in call.document.items()}
    return await call.forward()


async def _as_octets(call: Call) -> Reply:
    call.headers["Content-Type"] = "application/octet-stream"
    return await call.forward()


# --- sharing -------------------------------------------------------------------------------------------------

add("member-status-200-missing", "a member is added with 201", SHARE, at("POST", MEMBERS, status(200, 201)))
add(
    "member-of-other-image",
    "a member names another image",
    SHARE,
    at("POST|GET", f"{MEMBERS}(/{{id}})?", told("image_id", NOBODY)),
)
add(
    "member-of-other-id",
    "a member is told by another id",
    SHARE,
    at("POST|GET", f"{MEMBERS}(/{{id}})?", told("member_id", NOBODY)),
)
add("acceptance-ignored", "an accepted image is not listed", SHARE, at("PUT", MEMBER, with_json("status", "pending")))
add("acceptance-not-told", "an acceptance is not told", SHARE, at("PUT", MEMBER, told("status", "pending")))
add("any-status-taken", "any word is taken for an answer", SHARE, at("PUT", MEMBER, status(400, 200)))
add("owner-accepts", "the owner accepts in the member's place", SHARE, at("PUT", MEMBER, status(403, 200)))
add("private-shared", "a private image can be shared", SHARE, at("POST", MEMBERS, status(403, 200)))
add(
    "member-deletes",
    "a member is told that it deleted the image",
    SHARE,
    at("DELETE", IMAGE, status(403, 204, empty=True)),
)
add("member-removed-200", "removing a member is answered with 200", SHARE, at("DELETE", MEMBER, status(204, 200)))
add(
    "pending-listed",
    "a pending image is listed with the member's own",
    SHARE,
    at("POST", IMAGES, note_owner()),
    at("GET", IMAGES, lambda call: _all_members(call)),
)


async def _all_members(call: Call) -> Reply:
    if call.param("member_status") is None:
        call.params = [*call.params, ("member_status", "all")]
    return await call.forward()
