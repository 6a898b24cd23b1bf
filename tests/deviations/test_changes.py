"""What each kind of change does to a call and to its reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from multidict import CIMultiDict

from defcore.model.capability import Service
from defcore.suite.support.compute_guest import finished
from tests.deviations import changes
from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply
from tests.deviations.tokens import Tokens

Answer = Callable[[Call], Reply]


def made(answer: Answer, **about: Any) -> tuple[Call, list[Call]]:
    """A call, and those that reach the cloud."""
    sent: list[Call] = []

    async def send(call: Call) -> Reply:
        sent.append(call)
        return answer(call)

    body = json.dumps(about.pop("document")).encode() if "document" in about else b""
    usual: dict[str, Any] = {"method": "GET", "path": "/v2/images", "query": "", "tokens": Tokens(), "memory": {}}
    headers = CIMultiDict(about.pop("headers", {}))
    return Call(service=Service.IMAGE, headers=headers, body=body, send=send, **usual | about), sent


def run(change: Change, answer: Answer = lambda _: ok({}), **about: Any) -> tuple[Reply, list[Call]]:
    call, sent = made(answer, **about)
    reply: Coroutine[Any, Any, Reply] = change(call)  # type: ignore[assignment]
    return finished(reply), sent


def ok(document: Any, status: int = 200, **headers: str) -> Reply:
    reply = Reply(status=status, headers=CIMultiDict(headers))
    reply.document = document
    return reply


def test_query_parameters_are_left_out_or_changed() -> None:
    _, sent = run(changes.without_query("limit"), query="limit=1&name=a%26b&limit=2&empty=")
    assert sent[0].query == "name=a%26b&empty="
    _, sent = run(changes.without_query("limit"), query="name=a+b%20c")
    assert sent[0].query == "name=a+b%20c", "what has nothing to lose stays letter by letter"
    _, sent = run(changes.with_query("limit", lambda value: str(int(value) + 1)), query="limit=1")
    assert sent[0].query == "limit=2"


def test_headers_are_left_out_by_name_or_beginning() -> None:
    headers = {"X-Object-Meta-A": "1", "x-object-meta-b": "2", "ETag": "e"}
    _, sent = run(changes.without_headers("x-Object-Meta-*"), headers=headers)
    assert {*sent[0].headers} == {"ETag"}
    _, sent = run(changes.without_headers("etag"), headers=headers)
    assert "ETag" not in sent[0].headers


def test_properties_of_a_request_are_changed() -> None:
    _, sent = run(changes.with_json("server.name", str.upper), document={"server": {"name": "a", "x": 1}})
    assert sent[0].document == {"server": {"name": "A", "x": 1}}
    _, sent = run(changes.with_json("server.name", "b", when=lambda call: call.query == "yes"), document={"server": {}})
    assert sent[0].document == {"server": {}}
    _, sent = run(changes.without_json("server.name", "no.where"), document={"server": {"name": "a", "x": 1}})
    assert sent[0].document == {"server": {"x": 1}}
    _, sent = run(changes.without_json("server.name"), document=None)
    assert sent[0].document is None


def test_method_and_path_are_changed() -> None:
    _, sent = run(changes.as_method("POST"))
    assert sent[0].method == "POST"
    _, sent = run(changes.at_path(lambda path: path.rstrip("/")), path="/v2/images/")
    assert sent[0].path == "/v2/images"


def test_an_answer_of_its_own_reaches_no_cloud() -> None:
    reply, sent = run(changes.respond(204, X_One="1"))
    assert (reply.status, reply.body, dict(reply.headers), sent) == (204, b"", {"X-One": "1"}, [])
    reply, sent = run(changes.respond(204, when=lambda call: call.method == "PUT"))
    assert (reply.status, len(sent)) == (200, 1)
    assert run(changes.respond(200, {"a": 1}))[0].document == {"a": 1}


@pytest.mark.parametrize(("seen", "told"), [(404, 204), (409, 409)])
def test_a_status_is_exchanged(seen: int, told: int) -> None:
    reply, _ = run(changes.status(404, 204, empty=True), lambda _: ok({"error": 1}, seen))
    assert (reply.status, reply.body == b"") == (told, told == 204)


def test_properties_of_a_reply_are_changed() -> None:
    images = {"images": [{"size": 1}, {"size": None}], "next": "x"}
    assert run(changes.told("images.*.size", str), lambda _: ok(images))[0].document == {
        "images": [{"size": "1"}, {"size": "None"}],
        "next": "x",
    }
    reply, _ = run(changes.untold("next", "images.*.size", headers=("ETag",)), lambda _: ok(images, ETag="e"))
    assert (reply.document, "ETag" in reply.headers) == ({"images": [{}, {}]}, False)
    reply, _ = run(changes.told("next", "y"), lambda _: ok(images, 404))
    assert reply.document == images, "only good replies, unless others are named"
    reply, _ = run(changes.told("next", "y", on=(404,)), lambda _: ok(images, 404))
    assert reply.document["next"] == "y"


def test_a_header_is_changed_where_it_is() -> None:
    assert run(changes.with_header("ETag", str.upper), lambda _: ok({}, ETag="e"))[0].headers["ETag"] == "E"
    assert "ETag" not in run(changes.with_header("ETag", "e"))[0].headers


def test_a_refusal_is_tried_again() -> None:
    def answer(call: Call) -> Reply:
        return ok({}, 200 if call.query == "again" else 401)

    def again(call: Call) -> None:
        call.query = "again"

    reply, sent = run(changes.retry(401, again), answer)
    assert (reply.status, [call.query for call in sent]) == (200, ["", "again"])
    reply, sent = run(changes.retry(403, again), answer)
    assert (reply.status, len(sent)) == (401, 1)
    assert run(changes.retry(401, lambda _: None), answer)[0].status == 401, "what is refused again stays refused"


def test_a_change_is_acknowledged_only() -> None:
    reply, sent = run(
        changes.acknowledge("network"),
        lambda _: ok({"network": {"id": "1", "name": "old"}}),
        method="PUT",
        document={"network": {"name": "new"}},
    )
    assert reply.document == {"network": {"id": "1", "name": "new"}}
    assert [call.method for call in sent] == ["GET"]


def test_something_is_invented_where_it_was_refused() -> None:
    reply, _ = run(changes.invent("rule", on=409), lambda _: ok({}, 409), document={"rule": {"port": 1}})
    assert reply.status == 201
    assert reply.document["rule"].keys() == {"port", "id"}


def test_the_first_answer_is_given_ever_after() -> None:
    number = iter(range(10))
    memory: dict[Any, Any] = {}
    change = changes.stale()
    for path, expected in (("/a", 0), ("/a", 0), ("/b", 1), ("/a", 0)):
        assert run(change, lambda _: ok(next(number)), path=path, memory=memory)[0].document == expected


def test_what_is_of_others_is_shown_as_to_its_owner() -> None:
    tokens, memory = Tokens(), dict[Any, Any]()
    for token, project in (("mine", "p1"), ("mine too", "p1"), ("theirs", "p2")):
        tokens.issued(token, {"token": {"project": {"id": project, "name": project}}})
    know = {"tokens": tokens, "memory": memory}
    run(changes.note_owner(), lambda _: ok({"network": {"id": "1"}}), headers={"X-Auth-Token": "mine"}, **know)

    def answer(call: Call) -> Reply:
        return ok({}, 200 if call.token == "mine" else 404)

    for token, path, status in (("theirs", "/1", 200), ("theirs", "/2", 404), ("mine too", "/1", 404)):
        reply, _ = run(changes.as_owner(), answer, path=path, headers={"X-Auth-Token": token}, **know)
        assert reply.status == status, (token, path)
