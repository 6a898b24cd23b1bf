"""What a run made in the cloud according to its evidence, held against its ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from defcore.model.resources import KINDS
from defcore.run.ledger import FILE

MADE = (200, 201, 202)
COLLECTIONS = {kind.path.rpartition("/{id}")[0]: kind for kind in KINDS.values() if kind.path.endswith("s/{id}")} | {
    kind.path.rpartition("/{id}")[0].replace("/volume-transfers", "/os-volume-transfer"): kind
    for kind in (KINDS["volume_transfer"],)
}
"""Path of a collection, `{owner}` being a user, whose POST makes a thing."""
ID = r"[^/]+"
MAKE_NOTHING = re.compile(
    rf"/auth/tokens|/users/{ID}/password|/roles/{ID}|/tags(/.+)?|/file|/(add|remove)_router_interface|/metadata(/.+)?"
    rf"|/os-volume_attachments|/os-interface|/accept|/members(/{ID})?|/actions/{ID}"
)
"""End of the path of what makes no thing of its own: tokens, and what ends with the thing that it belongs to."""
IMAGE = re.compile(r"/images/([0-9a-f-]{36})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a ledger says was intended."""

    since: Mapping[str, str]
    """Id, or name of what is named instead -> when it was first written down, ISO 8601."""


def written(run_folder: Path) -> Written:
    intended: dict[str, str] = {}
    since: dict[str, str] = {}
    for event in map(json.loads, (run_folder / FILE).read_text().splitlines()):
        if event["event"] == "intend":
            intended[event["key"]] = event["at"]
            for name in (event["id"], event["name"]):
                if name is not None:
                    since.setdefault(name, event["at"])
        elif event["event"] == "created":
            since.setdefault(event["id"], intended[event["key"]])
    return Written(since=since)


def unwritten(run_folder: Path) -> list[str]:
    """Requests of a run that made something which its ledger does not hold, or was told of too late."""
    ledger, found = written(run_folder), []
    for file in sorted((run_folder / "evidence").iterdir()):
        for entry in json.loads(file.read_text())["log"]["entries"]:
            for id in _made(entry):
                since = ledger.since.get(id) or ledger.since.get(_account(entry))
                if since is None or since > entry["startedDateTime"]:
                    found.append(f"{entry['request']['method']} {entry['request']['url']}: {id} since {since}")
    return found


def _account(entry: Mapping[str, Any]) -> str:
    """Of an object or container; that of a user made for a test is in the ledger as a whole."""
    found = re.match(r"/v1/(AUTH_[^/]+)/", urlsplit(entry["request"]["url"]).path)
    return found[1] if found else ""


def _made(entry: Mapping[str, Any]) -> Iterator[str]:
    """The ids of what an exchange made; the request itself if it cannot be told."""
    request, response = entry["request"], entry["response"]
    if response["status"] not in MADE or request["method"] not in ("POST", "PUT", "COPY"):
        return
    path = urlsplit(request["url"]).path
    account = re.fullmatch(r"/v1/(AUTH_[^/]+)/(.+)", path)
    if account:
        target = _header(request, "destination") if request["method"] == "COPY" else account[2]
        if request["method"] != "POST":  # which changes headers
            yield target.lstrip("/")
    elif path.endswith("/action"):
        yield from _image(response)
    elif request["method"] == "PUT" or MAKE_NOTHING.search(path):
        if not (MAKE_NOTHING.search(path) or re.search(rf"s/{ID}$", path)):
            yield path
    else:
        yield from _things(path, request, response)


def _things(path: str, request: Mapping[str, Any], response: Mapping[str, Any]) -> Iterator[str]:
    kind = next((kind for end, kind in COLLECTIONS.items() if _ends(path, end)), None)
    body = _json(response)
    several = body.get(f"{kind.envelope}s") if kind else None
    if kind is None:
        yield path
    elif isinstance(several, list):
        yield from (str(one[kind.id_key]) for one in several)
    elif "reservation_id" in body:  # of servers, none of which is told
        yield json.loads(request["postData"]["text"])[kind.envelope]["name"]
    else:
        yield str((body[kind.envelope] if kind.envelope else body)[kind.id_key])


def _ends(path: str, collection: str) -> bool:
    return re.search(re.escape(collection).replace(r"\{owner\}", ID) + "$", path) is not None


def _image(response: Mapping[str, Any]) -> Iterator[str]:
    """Of a server or a volume."""
    location = IMAGE.search(_header(response, "location"))
    if location:
        yield location[1]
    told = _json(response)
    for body in (told, told.get("os-volume_upload_image")):
        if isinstance(body, dict) and "image_id" in body:
            yield str(body["image_id"])


def _json(response: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(response["content"].get("text") or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _header(message: Mapping[str, Any], name: str) -> str:
    return next((one["value"] for one in message["headers"] if one["name"].lower() == name), "")
