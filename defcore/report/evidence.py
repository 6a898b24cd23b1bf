"""The HTTP exchanges behind an outcome, out of the HAR document that the run kept.

A HAR file of a stored run is input like any other: what is missing or of the wrong type is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

EvidenceLoader = Callable[[str], Mapping[str, Any] | None]
"""Path of a HAR file, relative to the run folder -> the document; None if it is missing or broken."""
PRETTY = 64 << 10
"""Characters up to which a JSON body is laid out in lines."""


def no_evidence(path: str) -> None:
    """The loader of a result that came without its run folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange:
    method: str
    url: str
    status: int
    """0: no answer came."""
    status_text: str
    request_id: str
    started: str
    milliseconds: float | None
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    note: str
    """What the run remarked: the error of the transport, that a body was cut."""


def exchanges(har: Mapping[str, Any] | None) -> tuple[HttpExchange, ...]:
    """The exchanges of a HAR document in their order."""
    log = _object((har or {}).get("log"))
    return tuple(_exchange(entry) for entry in _list(log.get("entries")) if isinstance(entry, dict))


def remark(har: Mapping[str, Any] | None) -> str:
    """What the document says of itself: exchanges that were not kept."""
    return _text(_object((har or {}).get("log")).get("comment"))


def _exchange(entry: Mapping[str, Any]) -> HttpExchange:
    request, response = _object(entry.get("request")), _object(entry.get("response"))
    sent, received = _object(request.get("postData")), _object(response.get("content"))
    notes = [_text(one.get(key)) for one in (entry, response, received, sent) for key in ("_error", "comment")]
    status = response.get("status")
    time = entry.get("time")
    return HttpExchange(
        method=_text(request.get("method")),
        url=_text(request.get("url")),
        status=status if isinstance(status, int) and not isinstance(status, bool) else 0,
        status_text=_text(response.get("statusText")),
        request_id=_text(entry.get("_requestId")),
        started=_text(entry.get("startedDateTime")),
        milliseconds=float(time) if isinstance(time, int | float) and 0 <= time < 1e12 else None,
        request_headers=_headers(request),
        request_body=_body(sent),
        response_headers=_headers(response),
        response_body=_body(received),
        note="; ".join(dict.fromkeys(note for note in notes if note)),
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = (header for header in _list(message.get("headers")) if isinstance(header, dict))
    return tuple((_text(header.get("name")), _text(header.get("value"))) for header in headers)


def _body(content: Mapping[str, Any]) -> str:
    text = _text(content.get("text"))
    if content.get("encoding") == "base64":
        return f"[base64] {text}"
    if "json" not in _text(content.get("mimeType")) or len(text) > PRETTY:
        return text
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_unique), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members as an object; a name that stands twice keeps the body as it came."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError
    return found


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
