"""What a run made and did not write down is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.creations import unwritten

BEFORE, NOW, AFTER = (f"2026-01-01T00:00:0{n}+00:00" for n in range(3))


def exchange(method: str, path: str, status: int = 201, body: Any = None, **headers: str) -> dict[str, Any]:
    content = {"text": json.dumps(body)} if body is not None else {}
    sent = [{"name": name, "value": value} for name, value in headers.items()]
    return {
        "startedDateTime": NOW,
        "request": {"method": method, "url": f"http://cloud{path}", "headers": sent},
        "response": {"status": status, "headers": sent, "content": content},
    }


def run_of(folder: Path, at: str, id: str | None, *exchanges: dict[str, Any]) -> Path:
    (folder / "evidence").mkdir()
    (folder / "evidence" / "x.har").write_text(json.dumps({"log": {"entries": exchanges}}))
    events: list[dict[str, Any]] = [{"event": "intend", "key": "k", "kind": "x", "name": None, "id": None, "at": at}]
    if id is not None:
        events.append({"event": "created", "key": "k", "id": id})
    (folder / "ledger.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


RESERVED = exchange("POST", "/compute/v2.1/servers", 202, {"reservation_id": "r"})
RESERVED["request"]["postData"] = {"text": json.dumps({"server": {"name": "n"}})}
NETWORK = exchange("POST", "/network/v2.0/networks", body={"network": {"id": "n"}})


@pytest.mark.parametrize(
    ("exchanged", "id"),
    [
        (NETWORK, "n"),
        (exchange("POST", "/v2.0/networks", body={"networks": [{"id": "n"}]}), "n"),
        (exchange("POST", "/compute/v2.1/os-keypairs", 200, {"keypair": {"name": "n"}}), "n"),
        (exchange("PUT", "/v1/AUTH_x/box/a%20b"), "box/a%20b"),
        (exchange("PUT", "/v1/AUTH_x/box"), "AUTH_x"),
        (exchange("COPY", "/v1/AUTH_x/box/a", Destination="/box/b"), "box/b"),
        (exchange("POST", "/servers/s/action", 202, {"image_id": "i"}), "i"),
        (exchange("POST", "/volumes/v/action", 202, {"os-volume_upload_image": {"image_id": "i"}}), "i"),
        (RESERVED, "n"),
        (exchange("POST", "/unheard-of", body={}), "/unheard-of"),
    ],
)
def test_each_way_to_make_something_is_told(tmp_path: Path, exchanged: dict[str, Any], id: str) -> None:
    for number, (at, name, count) in enumerate([(BEFORE, id, 0), (AFTER, id, 1), (BEFORE, None, 1)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert len(unwritten(run_of(folder, at, name, exchanged))) == count


@pytest.mark.parametrize(
    "exchanged",
    [
        exchange("POST", "/v2.0/networks", 409, {}),
        exchange("GET", "/v2.0/networks", 200, {}),
        exchange("POST", "/v3/auth/tokens", 201, {"token": {}}),
        exchange("PUT", "/v2.0/routers/r/add_router_interface", 200, {"id": "r"}),
        exchange("PUT", "/v2.0/networks/n", 200, {"network": {"id": "n"}}),
        exchange("POST", "/v1/AUTH_x/box", 202),
    ],
)
def test_what_makes_nothing_of_its_own_need_not_be_written_down(tmp_path: Path, exchanged: dict[str, Any]) -> None:
    assert unwritten(run_of(tmp_path, BEFORE, None, exchanged)) == []
