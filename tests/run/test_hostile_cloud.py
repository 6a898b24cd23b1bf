"""A cloud that means harm: it gets no token it is not due, no more memory and time than there is to give, and no
terminal."""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import time
import tomllib
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from defcore.cli import call
from defcore.errors import CannotTell, InputError, UnknownError
from defcore.model.capability import Service
from defcore.run import exchange, repeating, wire
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.suite.support import Api
from tests.fakes.cloud import PASSWORDS, Asked, FakeCloud, Reply, serving
from tests.fakes.raw_server import Script, answering

pytest_plugins = ["pytester"]
Send = Callable[[bytes], None]
LIMIT = 1 << 20
MOST_MEMORY = 40 << 20


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(repeating, "MOST_TRIES", 2)
    monkeypatch.setattr(exchange, "READ_LIMIT", LIMIT)


@pytest.fixture
def user(cloud: FakeCloud) -> CloudUser:
    opened = open_user("primary", "user", Recorder(), reference_file=None)
    opened.open()
    return opened


@pytest.fixture
def foreign() -> Iterator[FakeCloud]:
    """Another origin: whatever it hears of a token is too much."""
    with serving() as other:
        yield other


def test_the_limits_that_hold_elsewhere() -> None:
    assert (wire.READ_LIMIT, exchange.KEEP_LIMIT) == (64 << 20, 64 << 10)
    assert exchange.ANSWER_SECONDS < 330


# --- bodies and heads without end


def get(user: CloudUser, script: Script, *, timeout: float = 5) -> requests.Response:
    with answering(script) as url:
        return user.request("GET", url, headers={}, data=None, timeout=timeout)


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def endless_chunks(send: Send) -> None:
    send(head("Transfer-Encoding: chunked"))
    while True:
        send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def endless_body(send: Send) -> None:
    send(head())
    while True:
        send(b"x" * 0x10000)


def one_enormous_chunk(send: Send) -> None:
    send(head("Transfer-Encoding: chunked") + b"7fffffffffff\r\n")
    while True:
        send(b"x" * 0x10000)


def an_enormous_length(send: Send) -> None:
    send(head("Content-Length: 99999999999999"))
    while True:
        send(b"x" * 0x10000)


@functools.cache
def zeros(layers: int) -> bytes:
    """256 MiB of them, packed so many times."""
    if layers > 1:
        return gzip.compress(zeros(layers - 1))
    packer, block = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16), b"\0" * (1 << 20)
    return b"".join([packer.compress(block) for _ in range(256)]) + packer.flush()


def bomb(layers: int, encoding: str) -> Script:
    def script(send: Send) -> None:
        data = zeros(layers)
        send(head(f"Content-Encoding: {encoding}", f"Content-Length: {len(data)}") + data)

    return script


BOMBS = {"gzip": bomb(1, "gzip"), "gzip twice": bomb(2, "gzip, gzip"), "gzip thrice": bomb(3, "gzip, gzip, gzip")}


@pytest.mark.parametrize(
    "script",
    [endless_chunks, endless_body, one_enormous_chunk, an_enormous_length, *BOMBS.values()],
    ids=["endless chunks", "endless body", "one chunk", "enormous length", *BOMBS],
)
def test_an_enormous_body_is_cut_and_takes_little_memory(user: CloudUser, script: Script) -> None:
    zeros(3)
    tracemalloc.start()
    try:
        answer = get(user, script, timeout=30)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(answer.content) == LIMIT
    assert user.http.recorder.take()[-1].response_body.cut
    assert peak < MOST_MEMORY


def test_the_urllib3_that_unpacks_a_body_no_further_than_asked_is_required() -> None:
    """Earlier ones unpack two kilobytes to any size before anybody can count."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    needed = next(one for one in project["dependencies"] if one.startswith("urllib3"))
    assert needed == "urllib3>=2.6,<3"


def test_a_body_that_does_not_fit_into_memory_is_trouble(
    user: CloudUser, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*_: object) -> Iterator[bytes]:
        yield b"x"
        raise MemoryError

    monkeypatch.setattr(requests.Response, "iter_content", too_much)
    with pytest.raises(CannotTell, match=r"GET .*: no answer: .*the body does not fit into memory"):
        user.request("GET", cloud.url, headers={}, data=None, timeout=5)
    error = user.http.recorder.take()[-1].error
    assert error is not None
    assert "does not fit into memory" in error


def test_a_flood_of_secrets_takes_no_time_and_no_body_is_kept_after_it(user: CloudUser, cloud: FakeCloud) -> None:
    """Whatever was kept before may hold one of them, under a name that says nothing."""
    recorder, secrets = user.http.recorder, user.http.recorder.secrets
    flood = [{"password": f"value-{number:06}-of-the-flood"} for number in range(20_000)]
    cloud.answer("GET", "/early", lambda asked: Reply(200, {"name": flood[7]["password"]}))
    cloud.answer("GET", "/flood", lambda asked: Reply(200, flood))
    recorder.take()
    began = time.monotonic()
    for path in ("/early", "/flood", "/early"):
        user.request("GET", cloud.url + path, headers={}, data=None, timeout=30)
    taken = recorder.take()
    assert time.monotonic() - began < 20
    assert [one.response_body.text for one in taken] == [exchange.TOO_MANY] * 3
    assert not any(one.response_body.complete or one.response_body.digest for one in taken)
    assert taken[0].request_body.text == ""
    secrets.forget_learned()
    user.request("GET", f"{cloud.url}/early", headers={}, data=None, timeout=30)
    assert flood[7]["password"] in recorder.take()[0].response_body.text, "the next test begins anew"


def test_as_many_secrets_as_a_service_tells_are_taken_out(user: CloudUser, cloud: FakeCloud) -> None:
    told = [{"password": f"value-{number:06}-of-many"} for number in range(900)]
    cloud.answer("GET", "/early", lambda asked: Reply(200, {"name": told[7]["password"]}))
    cloud.answer("GET", "/many", lambda asked: Reply(200, told))
    for path in ("/early", "/many"):
        user.request("GET", cloud.url + path, headers={}, data=None, timeout=30)
    early, many = user.http.recorder.take()[-2:]
    assert early.response_body.text == '{"name": "[redacted]"}'
    assert "of-many" not in many.response_body.text


SLOW_EVIDENCE = """
import time
import pytest
from defcore.model.capability import Service
from defcore.run.exchange import Recorder

take = Recorder.take

def slow(self):
    if self.exchanges:
        time.sleep(30)
    return take(self)

@pytest.mark.uuid("00000000-0000-4000-8000-000000000001")
def test_asks(defcore_run, monkeypatch):
    defcore_run.actor("primary").ask("GET", Service.COMPUTE, "/servers")
    Recorder.take = slow
"""


def test_evidence_that_takes_too_long_to_clean_is_given_up(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    """No deadline of a test holds by then; what the test has found out stands."""
    pytester.makepyfile(test_suite=SLOW_EVIDENCE)
    options = ("--defcore-cloud=user", "--defcore-run=run", "--defcore-limit=2", "-p", "no:xdist")
    began = time.monotonic()
    pytester.runpytest_subprocess("test_suite.py", *options)
    assert time.monotonic() - began < 25
    lines = [json.loads(line) for line in (pytester.path / "run" / "journal.jsonl").read_text().splitlines()]
    (line,) = [one for one in lines if one["type"] == "attempt"]
    assert (line["outcome"], line["evidence"]) == ("PASSED", None)
    (finding,) = line["findings"]
    assert (finding["kind"], finding["where"]) == ("hang", "the evidence")
    assert finding["seen"] == "cleaning the evidence took longer than 2 s: none is kept"


def slow_body(send: Send) -> None:
    send(head("Content-Length: 100000"))
    slowly(send, b"x" * 100000)


def slow_chunk(send: Send) -> None:
    send(head("Transfer-Encoding: chunked") + b"10000\r\n")
    slowly(send, b"x" * 0x10000)


def slow_chunk_size(send: Send) -> None:
    send(head("Transfer-Encoding: chunked"))
    slowly(send, b"0" * 60000)


def endless_trailer(send: Send) -> None:
    send(head("Transfer-Encoding: chunked") + b"0\r\n")
    while True:
        send(b"X-Trailer: 1\r\n")
        time.sleep(0.01)


def slow_head(send: Send) -> None:
    slowly(send, head("X-Long: " + "x" * 60000))


def endless_continue(send: Send) -> None:
    while True:
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


def silence(send: Send) -> None:
    time.sleep(3)


def slowly(send: Send, data: bytes) -> None:
    for number in range(len(data)):
        send(data[number : number + 1])
        time.sleep(0.05)


@pytest.mark.parametrize(
    "script", [slow_body, slow_chunk, slow_chunk_size, endless_trailer, slow_head, endless_continue, silence]
)
def test_a_byte_now_and_then_keeps_no_connection_open(
    user: CloudUser, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of requests for an answer begins anew with each of them."""
    monkeypatch.setattr(wire, "READ_SECONDS", 0.4)
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.4)
    began = time.monotonic()
    with pytest.raises(CannotTell, match=r"no answer: .*\(2 tries\)"):
        get(user, script, timeout=1)
    assert time.monotonic() - began < 8


def test_a_slow_handshake_ends(user: CloudUser) -> None:
    """Its limit is that for connecting, which Python keeps for all of it."""
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc" + b"x" * 16380
    began = time.monotonic()
    with answering(lambda send: slowly(send, record)) as url, pytest.raises(requests.Timeout):
        user.http.get(url.replace("http:", "https:"), timeout=(0.4, 60))
    assert time.monotonic() - began < 8


def endless_headers(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        send(f"X-{number}: 1\r\n".encode())


def an_endless_header(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        send(b"x" * 0x10000)


def an_endless_reason(send: Send) -> None:
    send(b"HTTP/1.1 200 ")
    while True:
        send(b"x" * 0x10000)


def not_http(send: Send) -> None:
    send(b"\x00\xff" * 5000)


def less_than_it_says(send: Send) -> None:
    send(head("Content-Length: 100") + b"x" * 99)


def no_gzip(send: Send) -> None:
    send(head("Content-Encoding: gzip", "Content-Length: 4") + b"none")


@pytest.mark.parametrize(
    "script", [endless_headers, an_endless_header, an_endless_reason, not_http, less_than_it_says, no_gzip]
)
def test_what_is_no_answer_is_none(user: CloudUser, script: Script) -> None:
    with pytest.raises(CannotTell, match="no answer"):
        get(user, script)
    assert user.http.recorder.take()[-1].error


# --- other origins


ELSEWHERE = (
    "http://{host}/next",
    "//{host}/next",
    "http://{ours}@{host}/next",
    "http://{host}\\@{ours}/next",
    "http://{host}#@{ours}/next",
    "http://{host}/{ours}",
    "HTTP://{host}/next",
    " http://{host}/next",
    "http://{host}:/next",
    "https://{ours}/next",
)


@pytest.mark.parametrize("link", ELSEWHERE)
def test_a_link_to_another_origin_gets_no_token(
    cloud: FakeCloud, foreign: FakeCloud, user: CloudUser, link: str
) -> None:
    """In a body (`next`, `self`, `file`, `direct_url`) or a header (`Location`, `Link`): tests follow both alike."""
    link = link.format(host=foreign.url.removeprefix("http://"), ours=cloud.url.removeprefix("http://"))
    cloud.answer("GET", "/images$", lambda _: Reply(200, {"images": [], "next": link}, {"Location": link}))
    image = Api(user, Service.IMAGE, print)  # type: ignore[arg-type]
    answer = image.get("/v2/images")
    for place in (image.follow(answer, answer.json["next"]), image.follow(answer, answer.header("Location")), link):
        if place.lower().lstrip().startswith("http"):
            try:
                image.get(place)
            except CannotTell:
                continue
    tokens = [asked.headers.get("x-auth-token") for asked in foreign.asked]
    assert tokens == []


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/v3/auth/tokens", "/v3/?$"], ids=["login", "versions"])
def test_a_redirect_while_logging_in_leads_nowhere(
    cloud: FakeCloud, foreign: FakeCloud, path: str, status: int
) -> None:
    reply = Reply(status, None, {"Location": f"{foreign.url}/v3/auth/tokens"})
    for method in ("GET", "POST"):
        cloud.answer(method, f"^{path}", lambda _: reply)
    try:
        open_user("primary", "user", Recorder(), reference_file=None).open()
    except (InputError, UnknownError):
        assert path == "/v3/auth/tokens", "who can log in at /v3 does"
    assert foreign.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
def test_a_redirect_of_a_service_is_not_followed(
    cloud: FakeCloud, foreign: FakeCloud, user: CloudUser, method: str, status: int
) -> None:
    cloud.answer(method, "/servers$", lambda _: Reply(status, None, {"Location": f"{foreign.url}/servers"}))
    assert user.ask(method, Service.COMPUTE, "/servers").status_code == status
    assert foreign.asked == []


def test_the_catalog_says_where_the_token_may_go_and_nothing_else_does(cloud: FakeCloud, foreign: FakeCloud) -> None:
    """The identity service has the password anyway; it is believed for the interface and region of clouds.yaml."""
    cloud.foreign = foreign.url
    foreign.answer("GET", "", lambda _: Reply(200, []))
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    user.ask("GET", Service.OBJECT_STORE, "")
    assert [asked.headers["x-auth-token"] for asked in foreign.asked] == [user.token()]


@pytest.mark.parametrize(("name", "value"), [("interface", "admin"), ("region_id", "Elsewhere")])
def test_an_endpoint_of_another_interface_or_region_gets_no_token(
    cloud: FakeCloud, foreign: FakeCloud, name: str, value: str
) -> None:
    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        assert isinstance(made.body, dict)
        for service in made.body["token"]["catalog"]:
            (one,) = service["endpoints"]
            service["endpoints"].append(one | {"region": value, name: value, "url": foreign.url})
        return made

    cloud.answer("POST", "/auth/tokens$", reply)
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    with pytest.raises(CannotTell, match="refused to send the token"):
        user.request("GET", foreign.url, headers={"X-Auth-Token": user.token()}, data=None, timeout=5)
    assert foreign.asked == []


# --- the terminal


ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\r\n\x08"
VISIBLE = [character for character in ESCAPES if character not in "gnp\r\n]0;owed[2J31m"]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        call(list(arguments))
        shown = capsys.readouterr()
        return shown.out + shown.err

    return run


def test_names_and_documents_of_the_cloud_are_inert_in_the_terminal(cloud: FakeCloud, told: Callable[..., str]) -> None:
    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        assert isinstance(made.body, dict)
        made.body["token"]["roles"] = [{"id": "1", "name": f"role{ESCAPES}"}]
        made.body["token"]["project"]["id"] = f"project{ESCAPES}"
        made.body["token"]["catalog"][1]["endpoints"][0]["url"] += f"/endpoint{ESCAPES}"
        return made

    cloud.answer("POST", "/auth/tokens$", reply)
    cloud.put("/image/v2/images", name=f"image{ESCAPES}", status="active", visibility="public", disk_format="qcow2")
    cloud.put("/network/v2.0/networks", name=f"network{ESCAPES}", subnets=["1"], project_id="project-1")
    shown = told("check", "--cloud", "user")
    assert "role" in shown
    assert [one for one in VISIBLE if one in shown] == []


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_refusal_is_inert_in_the_terminal(cloud: FakeCloud, told: Callable[..., str], status: int) -> None:
    error = {"error": {"code": status, "message": f"no{ESCAPES}", "title": f"title{ESCAPES}"}}
    cloud.answer("POST", "/auth/tokens$", lambda _: Reply(status, error))
    shown = told("check", "--cloud", "user")
    assert "[cloud." in shown
    assert [one for one in VISIBLE if one in shown] == []


def test_a_reason_phrase_is_inert_in_the_terminal(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Callable[..., str]
) -> None:
    def script(send: Send) -> None:
        send(b"HTTP/1.1 500 \x1b[2J\x9b31mowned\x07\r\nContent-Length: 0\r\n\r\n")

    with answering(script) as url:
        file = tmp_path / "hostile.yaml"
        file.write_text((tmp_path / "clouds.yaml").read_text().replace(cloud.url, url))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
        shown = told("check", "--cloud", "user")
    assert "[cloud.unreachable]" in shown
    assert [one for one in VISIBLE if one in shown] == []
    assert PASSWORDS["user"] not in shown
