"""The proxy changes nothing of what passes it but the addresses, and what the deviation says."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
import requests

from defcore.model.capability import Service
from tests.deviations.changes import Change, answer, respond, retry, told, without_query
from tests.deviations.cloud import CloudFile, Mount
from tests.deviations.deviation import Book, Deviation
from tests.deviations.fake_cloud import FakeCloud, fake_cloud
from tests.deviations.message import Call, Reply
from tests.deviations.proxy import Proxy

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with fake_cloud() as cloud:
        yield cloud


@pytest.fixture
def proxy(cloud: FakeCloud) -> Iterator[Proxy]:
    """An image service at the root, an identity and a network service below prefixes, at one origin."""
    mounts = [
        Mount(origin=cloud.origin, prefix=prefix, service=service)
        for prefix, service in (
            ("", Service.IMAGE),
            ("/identity", Service.IDENTITY),
            ("/net", Service.NETWORK),
            ("/swift", Service.OBJECT_STORE),
        )
    ]
    with Proxy(mounts) as proxy:
        yield proxy


def deviating(service: Service, methods: str, place: str, change: Change) -> Deviation:
    book = Book(service)
    book.add("one", "one", "one", book.at(methods, place, change))
    return book.deviations[0]


def ask(proxy: Proxy, method: str, path: str, **more: object) -> requests.Response:
    (address,) = proxy.origins.values()
    request = requests.Request(method, address, **more).prepare()  # type: ignore[arg-type]
    request.url = address + path  # as it is, unquoted again by nobody
    with requests.Session() as session:
        return session.send(request, allow_redirects=False, timeout=10)


@pytest.mark.parametrize(
    "path", ["/", "/v2/images/", "/v2//images", "/a%2Fb%20c%C3%BC/x?tag=a%26b&tag=&marker", "/a/./b/../c?q=1+2"]
)
def test_a_path_arrives_as_it_was_sent(proxy: Proxy, cloud: FakeCloud, path: str) -> None:
    assert ask(proxy, "GET", path).json()["path"] == path
    assert cloud.asked[0]["method"] == "GET"


def test_headers_and_body_arrive_as_they_were_sent(proxy: Proxy) -> None:
    data = gzip.compress(b"data")
    sent = {"X-Object-Meta-Name": "Grüße".encode(), "Content-Encoding": "gzip", "X-Empty": ""}
    seen = ask(proxy, "PUT", "/v2/x", data=data, headers=sent).json()
    assert seen["body"].encode("latin-1") == data
    assert seen["headers"]["x-object-meta-name"].encode("latin-1").decode() == "Grüße"
    assert (seen["headers"]["content-encoding"], seen["headers"]["x-empty"]) == ("gzip", "")
    assert "content-type" not in seen["headers"]


def test_an_answer_arrives_as_it_was_given(proxy: Proxy, cloud: FakeCloud) -> None:
    packed = gzip.compress(b"data")
    cloud.canned["GET /v2/x"] = (203, {"Content-Encoding": "gzip", "ETag": '"e"', "Content-Type": "text/x"}, packed)
    answered = ask(proxy, "GET", "/v2/x")
    assert (answered.status_code, answered.content, answered.headers["ETag"]) == (203, b"data", '"e"')
    assert answered.headers["Content-Encoding"] == "gzip"


def test_head_tells_the_length_of_what_it_does_not_send(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.canned["HEAD /v2/x"] = (200, {"Content-Length": "123"}, b"")
    answered = ask(proxy, "HEAD", "/v2/x")
    assert (answered.headers["Content-Length"], answered.content) == ("123", b"")


def test_an_answer_gains_and_loses_no_header(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.canned["GET /v2/x"] = (204, {"Content-Length": "0", "X-One": "1"}, b"")
    assert {*ask(proxy, "GET", "/v2/x").headers} == {"Content-Length", "X-One"}


def test_a_redirect_is_not_followed_but_leads_back_to_the_proxy(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.canned["GET /v2"] = (301, {"Location": f"{cloud.origin}/v2/"}, b"")
    answered = ask(proxy, "GET", "/v2")
    assert answered.status_code == 301
    assert answered.headers["Location"] == f"{proxy.origins[cloud.origin]}/v2/"


def test_the_addresses_of_the_catalog_lead_to_the_proxy(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.put("POST /identity/v3/auth/tokens", {"url": f"{cloud.origin}/net", "other": f"{cloud.origin}9/x"}, 201)
    told = ask(proxy, "POST", "/identity/v3/auth/tokens").json()
    assert told == {"url": f"{proxy.origins[cloud.origin]}/net", "other": f"{cloud.origin}9/x"}


def test_an_object_stays_as_it_is(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.put("GET /swift/v1/AUTH_a/c/o", {"url": cloud.origin})
    assert ask(proxy, "GET", "/swift/v1/AUTH_a/c/o").json() == {"url": cloud.origin}


def test_a_deviation_meets_only_its_own_calls(proxy: Proxy) -> None:
    proxy.disturb(deviating(Service.NETWORK, "GET|HEAD", "/ports/{id}", respond(418)))
    seen = [
        ask(proxy, method, path).status_code
        for method, path in (
            ("GET", "/net/v2.0/ports/1?fields=id"),
            ("HEAD", "/net/v2.0/ports/1"),
            ("PUT", "/net/v2.0/ports/1"),
            ("GET", "/net/v2.0/ports"),
            ("GET", "/v2.0/ports/1"),
        )
    ]
    assert seen == [418, 418, 200, 200, 200]
    assert proxy.changed == 2
    proxy.disturb(None)
    assert ask(proxy, "GET", "/net/v2.0/ports/1").status_code == 200


def test_only_calls_that_it_changes_count(proxy: Proxy, cloud: FakeCloud) -> None:
    cloud.put("GET /net/v2.0/ports", {"ports": []})
    for change, differs in (
        (respond(200), 1),
        (answer(lambda _, reply: setattr(reply, "status", 201)), 1),
        (answer(lambda *_: None), 0),
        (told("ports", [1]), 1),
        (told("ports", []), 0),
        (told("ports.*.id", "1"), 0),
        (without_query("name"), 1),
        (without_query("id"), 0),
        (retry(404, lambda call: None), 0),
    ):
        proxy.disturb(deviating(Service.NETWORK, "GET", "/ports", change))
        ask(proxy, "GET", "/net/v2.0/ports?name=a")
        assert proxy.changed == differs


def test_a_place_takes_a_project_in_front_or_none(proxy: Proxy) -> None:
    book = Book(Service.BLOCK_STORAGE)
    rule = book.at("GET", "/volumes(/detail)?", respond(418))
    paths = ("/v3/volumes", f"/v3/{'a' * 32}/volumes/detail", "/v3/volumes/", "/v3/volumes/1")
    assert [rule.fits("GET", path) for path in paths] == [True, True, False, False]


def test_what_breaks_in_a_deviation_is_no_verdict_and_is_told(proxy: Proxy) -> None:
    def broken(call: Call, reply: Reply) -> None:
        raise KeyError("id")

    proxy.disturb(deviating(Service.IMAGE, "GET", "/images", answer(broken)))
    assert ask(proxy, "GET", "/v2/images").status_code == 502
    assert "KeyError" in proxy.troubles[0]


def test_it_knows_whose_token_it_is(proxy: Proxy, cloud: FakeCloud) -> None:
    for project in ("p1", "p2"):
        cloud.put(
            "POST /identity/v3/auth/tokens",
            {"token": {"project": {"id": project}}},
            201,
            X_Subject_Token=f"of-{project}",
        )
        ask(proxy, "POST", "/identity/v3/auth/tokens")
    whose = respond(
        200, lambda call: [call.project, call.tokens.of_account("AUTH_p1"), call.tokens.other_project("p1")["id"]]
    )
    proxy.disturb(deviating(Service.IMAGE, "GET", "/images", whose))
    assert ask(proxy, "GET", "/v2/images", headers={"X-Auth-Token": "of-p2"}).json() == ["p2", "of-p1", "p2"]
    cloud.canned["DELETE /identity/v3/auth/tokens"] = (204, {}, b"")
    ask(proxy, "DELETE", "/identity/v3/auth/tokens", headers={"X-Subject-Token": "of-p2"})
    assert ask(proxy, "GET", "/v2/images", headers={"X-Auth-Token": "of-p2"}).json() == [None, "of-p1", "p2"]


def test_the_clouds_file_leads_to_the_proxy(tmp_path, proxy: Proxy, cloud: FakeCloud) -> None:
    (tmp_path / "clouds.yaml").write_text(f"clouds: {{a: {{auth: {{auth_url: '{cloud.origin}/identity'}}}}}}")
    CloudFile(path=tmp_path / "clouds.yaml").write(tmp_path / "ours.yaml", proxy.origins)
    assert CloudFile(path=tmp_path / "ours.yaml").clouds["a"]["auth"]["auth_url"] == (
        f"{proxy.origins[cloud.origin]}/identity"
    )
    assert (tmp_path / "ours.yaml").stat().st_mode & 0o777 == 0o600
