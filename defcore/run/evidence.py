"""The HTTP exchanges of a test as a HAR 1.2 file, named by its SHA-256.

The exchanges come without secrets (`defcore.run.exchange`); nothing is taken out here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from defcore import __version__
from defcore.run.durable import sync_folder, write_whole
from defcore.run.exchange import Body, Exchange

FOLDER = "evidence"
REQUEST_IDS = ("x-openstack-request-id", "x-compute-request-id", "x-trans-id")


def write_evidence(run_folder: Path, exchanges: Iterable[Exchange], *, dropped: int = 0) -> str | None:
    """Write the file and return its path relative to the run folder; None if nothing was exchanged.

    It is on disk when this returns, as the line of the journal that names it will be.
    """
    entries = [_entry(exchange) for exchange in exchanges]
    if not entries:
        return None
    document = har(entries, dropped=dropped)
    content = (json.dumps(document, ensure_ascii=True, separators=(",", ":")) + "\n").encode()
    name = f"{FOLDER}/{hashlib.sha256(content).hexdigest()}.har"
    path = run_folder / name
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(run_folder)
    write_whole(path, content)
    return name


def har(entries: list[dict[str, Any]], *, dropped: int = 0) -> dict[str, Any]:
    log: dict[str, Any] = {"version": "1.2", "creator": {"name": "defcore", "version": __version__}, "entries": entries}
    if dropped:
        log["comment"] = f"{dropped} exchanges in the middle were not kept"
    return {"log": log}


def _entry(exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(exchange.seconds * 1000, 3)
    entry: dict[str, Any] = {
        "startedDateTime": exchange.started,
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }
    request_id = next((value for name, value in exchange.response_headers if name.lower() in REQUEST_IDS), None)
    if request_id:
        entry["_requestId"] = request_id
    if exchange.attempt > 1:
        entry |= {"_attempt": exchange.attempt, "comment": f"try {exchange.attempt} at the same request"}
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.request_headers),
        "queryString": _pairs(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        kind = _content_type(exchange.request_headers)
        request["postData"] = {"mimeType": kind, "text": exchange.request_body.text} | _about(exchange.request_body)
    return request


def _response(exchange: Exchange) -> dict[str, Any]:
    body = exchange.response_body
    content: dict[str, Any] = {
        "size": body.size,
        "mimeType": _content_type(exchange.response_headers),
        "text": body.text,
    }
    response = {
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": content | _about(body),
        "redirectURL": next((v for n, v in exchange.response_headers if n.lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": body.size,
    }
    if exchange.error:
        response["_error"] = exchange.error
    return response


def _about(body: Body) -> dict[str, Any]:
    """What there is to say of a body beside its text."""
    about: dict[str, Any] = {"encoding": "base64"} if body.encoded else {}
    if body.digest:
        about["_digest"] = body.digest
    if not body.complete or body.cut:
        about["comment"] = "not all of the body is kept" + ("; there was more than is read" if body.cut else "")
    return about


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _content_type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")
