"""Trouble on the way to the cloud: asked again where that does no harm, on record, and never a "no" of the cloud."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
import yaml

from defcore.errors import CannotTell, Prerequisite, PromiseBroken, UnknownError
from defcore.model.capability import Service
from defcore.model.outcome import Cause, Outcome
from defcore.run import contact, repeating
from defcore.run.access import usable
from defcore.run.contact import CloudUser, open_user
from defcore.run.evidence import write_evidence
from defcore.run.exchange import Recorder
from defcore.run.ledger import Entry
from defcore.run.outcomes import Phase, doubted
from defcore.run.repeating import Trouble, pause_before_next, retry_after, trouble_with_answer, trouble_without_answer
from defcore.run.sweep import sweep
from defcore.suite.support import Api, wait_for
from defcore.suite.support.answer import TRANSPORT_TROUBLE
from tests.fakes.cloud import PASSWORDS, Asked, FakeCloud, Reply, serving

pytest_plugins = ["pytester"]
SERVERS = "/compute/v2.1/servers"
RESET = 0


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "FIRST_PAUSE", 0.01)


@pytest.fixture
def user(cloud: FakeCloud) -> CloudUser:
    opened = open_user("primary", "user", Recorder(), reference_file=None)
    opened.open()
    opened.http.recorder.take()
    cloud.asked.clear()
    return opened


def in_turn(*replies: Reply | int | None) -> Callable[[Asked], Reply | None]:
    """One after the other, then as usual. A number is a status."""
    left = [Reply(one) if isinstance(one, int) else one for one in replies]
    return lambda asked: left.pop(0) if left else None


def ask(user: CloudUser, method: str, path: str = "/servers") -> requests.Response:
    return user.ask(method, Service.COMPUTE, path, json={"server": {"name": "x"}} if method == "POST" else None)


# --- what is sent again


@pytest.mark.parametrize("status", [RESET, 408, 421, 425, 502, 503, 504, 511, 520, 522, 524, 529])
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_what_may_be_done_twice_is_asked_again_and_each_try_is_evidence(
    cloud: FakeCloud, user: CloudUser, tmp_path: Path, method: str, status: int
) -> None:
    id = cloud.put(SERVERS, name="x")
    cloud.answer(method, "/servers/", in_turn(status, status))
    answer = ask(user, method, f"/servers/{id}")
    assert (answer.status_code, answer.tries) == (204 if method == "DELETE" else 200, 3)  # type: ignore[attr-defined]
    assert [one.status for one in user.http.recorder.exchanges] == [status or None, status or None, answer.status_code]
    assert [one.attempt for one in user.http.recorder.exchanges] == [1, 2, 3]
    path = write_evidence(tmp_path, user.http.recorder.take())
    assert path is not None
    assert '"_attempt":3' in (tmp_path / path).read_text()


@pytest.mark.parametrize("status", [RESET, 502, 504, 503, 520, 524])
def test_what_may_have_been_made_is_not_asked_for_again(cloud: FakeCloud, user: CloudUser, status: int) -> None:
    cloud.answer("POST", "/servers$", in_turn(status, status))
    with pytest.raises(CannotTell, match=rf"POST {cloud.url}{SERVERS}.*(no answer|answered {status or '-'})"):
        Api(user, Service.COMPUTE, print).post("/servers", json={"server": {}})  # type: ignore[arg-type]
    assert len(cloud.asked) == 1
    assert [one.startswith(f"POST {cloud.url}{SERVERS}: ") for one in user.http.recorder.unsure] == [True]


@pytest.mark.parametrize("status", [429, 503, 413])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_told_to_come_later_does(cloud: FakeCloud, user: CloudUser, method: str, status: int) -> None:
    later = Reply(status, None, {"Retry-After": "0"})
    cloud.answer(method, "/servers$", in_turn(later, later))
    assert ask(user, method).status_code in (200, 201)
    assert len(cloud.asked) == 3
    assert user.http.recorder.unsure == []


@pytest.mark.parametrize("status", [408, 421, 425, 511])
def test_what_was_not_taken_is_asked_again_whatever_it_is(cloud: FakeCloud, user: CloudUser, status: int) -> None:
    cloud.answer("POST", "/servers$", in_turn(status))
    assert ask(user, "POST").status_code == 201
    assert (len(cloud.asked), user.http.recorder.unsure) == (2, [])


def test_a_proxy_that_wants_to_know_who_asks_is_on_the_way(cloud: FakeCloud, user: CloudUser) -> None:
    cloud.answer("GET", "/servers$", lambda asked: Reply(407))
    with pytest.raises(CannotTell, match="answered 407"):
        Api(user, Service.COMPUTE, print).get("/servers").expect(200)  # type: ignore[arg-type]
    assert len(cloud.asked) == 1, "it will say so again"


def test_a_service_that_is_away_is_waited_for_once(
    cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "LONGEST_PAUSE", 0.02)
    nobody = {"url": "http://127.0.0.1:1/", "headers": {}, "data": None, "timeout": 5}
    recorder, user.http.patience = user.http.recorder, 0.5
    with pytest.raises(CannotTell, match="no answer"):
        user.request("GET", **nobody)  # type: ignore[arg-type]
    assert recorder.away == "GET http://127.0.0.1:1/"
    assert len(recorder.take()) > 2 * repeating.MOST_TRIES
    with pytest.raises(CannotTell):
        user.request("POST", **nobody)  # type: ignore[arg-type]
    assert (len(recorder.exchanges), recorder.unsure) == (repeating.MOST_TRIES, [])
    recorder.take()
    assert ask(user, "GET").status_code == 200
    assert recorder.away is None


def test_much_later_is_not_waited_for(cloud: FakeCloud, user: CloudUser) -> None:
    cloud.answer("GET", "/servers$", in_turn(Reply(503, None, {"Retry-After": "3600"})))
    assert ask(user, "GET").status_code == 503
    assert len(cloud.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 413, 500, 501])
def test_the_services_own_answer_is_taken_at_once(cloud: FakeCloud, user: CloudUser, status: int) -> None:
    cloud.answer("GET", "/servers$", in_turn(status))
    compute = Api(user, Service.COMPUTE, print)  # type: ignore[arg-type]
    with pytest.raises(PromiseBroken, match=f"answered {status}, not 200"):
        compute.get("/servers").expect(200)
    assert len(cloud.asked) == 1


def test_trouble_that_stays_cannot_be_told_whatever_the_test_does_with_the_status(
    cloud: FakeCloud, user: CloudUser
) -> None:
    cloud.answer("GET", "/servers$", lambda asked: Reply(503))
    compute = Api(user, Service.COMPUTE, print)  # type: ignore[arg-type]
    with pytest.raises(CannotTell, match=rf"GET {cloud.url}{SERVERS} .*answered 503 \(5 tries\)"):
        assert compute.get("/servers").status == 200
    with pytest.raises(CannotTell, match="503"):
        wait_for(lambda: compute.get("/servers"), lambda seen: seen.status == 200, because="it is", promised=True)


def test_a_quota_that_is_answered_with_429_is_one(cloud: FakeCloud, user: CloudUser) -> None:
    cloud.answer("POST", "/servers$", lambda asked: Reply(429, {"overLimit": {"message": "Quota exceeded for x"}}))
    with pytest.raises(Prerequisite):
        Api(user, Service.COMPUTE, print).post("/servers", json={}).expect(202)  # type: ignore[arg-type]
    assert len(cloud.asked) == 1


def test_a_connection_that_is_refused_is_tried_again_whatever_is_asked(user: CloudUser) -> None:
    with serving() as gone:
        url = gone.url
    for method in ("GET", "POST"):
        with pytest.raises(CannotTell, match=rf"{method} {url}.*no answer.*refused.*\(5 tries\)"):
            user.request(method, url, headers={}, data=None, timeout=2)
    assert user.http.recorder.unsure == []


def test_who_does_not_answer_in_time_is_asked_again(cloud: FakeCloud, user: CloudUser) -> None:
    pauses = [0.6, 0.0]

    def late(asked: Asked) -> None:
        time.sleep(pauses.pop(0) if pauses else 0)

    cloud.answer("GET", "/servers$", late)
    answer = user.request("GET", cloud.url + SERVERS, headers={"X-Auth-Token": user.token()}, data=None, timeout=0.3)
    assert (answer.status_code, answer.tries) == (200, 2)  # type: ignore[attr-defined]


def test_a_certificate_does_not_get_better() -> None:
    error = requests.exceptions.SSLError("certificate verify failed: [SSL: CERTIFICATE_VERIFY_FAILED]")
    assert trouble_without_answer(error).lasting


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("-1", None),
        ("soon", None),
        ("9" * 400, None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize("hours", [-26, 0, 26])
def test_when_to_come_again_is_told_by_the_clouds_clock(hours: int) -> None:
    sent = NOW + timedelta(hours=hours)
    headers = {"Date": format_datetime(sent), "Retry-After": format_datetime(sent + timedelta(seconds=5))}
    assert trouble_with_answer(503, headers, now=NOW) == Trouble(done=False, after=5.0)
    trouble = trouble_with_answer(429, {"Date": "yesterday", "Retry-After": str(3 * 86400)}, now=NOW)
    assert trouble == Trouble(done=False, after=3 * 86400.0)
    assert pause_before_next("GET", "/", trouble, tries=1, elapsed=0) is None


def test_an_end_comes_by_number_and_by_time() -> None:
    trouble = Trouble(done=False)
    pauses = [pause_before_next("GET", "/", trouble, tries=tries, elapsed=0) for tries in range(1, 6)]
    assert pauses == [0.01, 0.02, 0.04, 0.08, None]
    assert pause_before_next("GET", "/", trouble, tries=1, elapsed=repeating.ALL_TRIES) is None
    nobody = Trouble(done=False, unreached=True)
    assert pause_before_next("POST", "/", nobody, tries=40, elapsed=100) is None
    assert pause_before_next("POST", "/", nobody, tries=40, elapsed=100, patient=True) == repeating.LONGEST_PAUSE
    assert pause_before_next("POST", "/", nobody, tries=40, elapsed=repeating.ALL_TRIES, patient=True) is None
    assert pause_before_next("PATCH", "/", Trouble(done=True), tries=1, elapsed=0) is None
    assert pause_before_next("POST", "http://c/v3/auth/tokens?nocatalog", Trouble(done=True), tries=1, elapsed=0)
    assert pause_before_next("GET", "/", Trouble(done=False, lasting=True), tries=1, elapsed=0) is None


def test_only_the_answers_of_the_way_are_trouble() -> None:
    troubled = {status for status in range(200, 600) if trouble_with_answer(status, {}, now=NOW)}
    assert troubled == {407, 408, 421, 425, 429, 502, 503, 504, 511, *range(520, 530)}
    assert troubled == TRANSPORT_TROUBLE


# --- what stays unknown is no "no"


def phase(outcome: Outcome, **more: object) -> Phase:
    return Phase(when="call", outcome=outcome, reason="GET /x answered 404, not 200", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "before", [phase(Outcome.FAILED), phase(Outcome.ERROR), phase(Outcome.SKIPPED, cause=Cause.ABSENT)]
)
def test_after_a_request_of_unknown_effect_a_no_is_not_known(before: Phase) -> None:
    after = doubted(before, ["POST /x: no answer: reset"])
    assert (after.outcome, after.cause) == (Outcome.ERROR, None)
    assert after.reason == f"it is not known what became of POST /x: no answer: reset; after it: {before.reason}"
    assert doubted(before, []) is before


def test_an_error_that_tells_the_trouble_itself_stays() -> None:
    own = Phase(when="call", outcome=Outcome.ERROR, reason="POST /x (no request id) answered 503: busy")
    assert doubted(own, ["POST /x: answered 503"]) is own
    other = Phase(when="call", outcome=Outcome.ERROR, reason="set-up: PUT /x answered 409, not 204")
    assert doubted(other, ["PUT /x: answered 503"]).reason == (
        "it is not known what became of PUT /x: answered 503; after it: set-up: PUT /x answered 409, not 204"
    )


@pytest.mark.parametrize("kept", [phase(Outcome.PASSED), phase(Outcome.SKIPPED, cause=Cause.PREREQUISITE)])
def test_what_is_no_no_stays(kept: Phase) -> None:
    assert doubted(kept, ["POST /x: no answer: reset"]) is kept


SUITE = """
import pytest
from defcore.model.capability import Service
from defcore.suite.support import Api

@pytest.fixture
def compute(defcore_run):
    return Api(defcore_run.actor("primary"), Service.COMPUTE, defcore_run.note)

@pytest.mark.uuid("00000000-0000-4000-8000-000000000001")
def test_deletes(compute):
    compute.delete("/servers/cut").expect(204)

@pytest.mark.uuid("00000000-0000-4000-8000-000000000002")
def test_deletes_what_is_not_there(compute):
    compute.delete("/servers/never").expect(204)

@pytest.mark.uuid("00000000-0000-4000-8000-000000000003")
def test_lists(compute):
    compute.get("/servers").expect(200)
"""


def test_a_repeated_deletion_that_finds_nothing_is_not_the_clouds_fault(
    cloud: FakeCloud, pytester: pytest.Pytester
) -> None:
    """The first try has done it, and nobody heard of it."""
    cloud.put(SERVERS, id="cut", name="x")

    def cut(asked: Asked) -> Reply | None:
        return Reply(RESET) if cloud.store[SERVERS].pop("cut", None) else None

    cloud.answer("DELETE", "/servers/cut", cut)
    cloud.answer("GET", "/servers$", in_turn(503))
    pytester.makepyfile(test_suite=SUITE)
    pytester.runpytest_subprocess("test_suite.py", "--defcore-cloud=user", "--defcore-run=run", "-p", "no:xdist")
    lines = [json.loads(line) for line in (pytester.path / "run" / "journal.jsonl").read_text().splitlines()]
    outcomes = {line["nodeid"].rpartition("::")[2]: line for line in lines if "nodeid" in line}
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        "test_deletes": "ERROR",
        "test_deletes_what_is_not_there": "FAILED",
        "test_lists": "PASSED",
    }
    assert f"what became of DELETE {cloud.url}{SERVERS}/cut: no answer" in outcomes["test_deletes"]["reason"]


def test_a_late_answer_is_of_the_time_when_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 50.0])  # the end, and when each probe begins
    monkeypatch.setattr("defcore.suite.support.wait.time.monotonic", lambda: next(clock))
    seen = iter(["old, and slow to come", "new"])
    value = wait_for(
        lambda: next(seen), lambda one: one == "new", because="it is new", timeout=40, pause=0, promised=True
    )
    assert value == "new"


# --- logging in, and the token


@pytest.mark.parametrize("status", [RESET, 502, 503, 504])
def test_logging_in_is_tried_again(cloud: FakeCloud, status: int) -> None:
    cloud.answer("GET", "^/v3/?$", in_turn(status))
    cloud.answer("POST", "/auth/tokens$", in_turn(status, status))
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    assert user.token() in cloud.tokens
    assert user.http.recorder.unsure == []


def test_a_login_that_never_gets_through_is_unknown(cloud: FakeCloud) -> None:
    cloud.answer("POST", "/auth/tokens$", lambda asked: Reply(503))
    with pytest.raises(UnknownError, match="503"):
        open_user("primary", "user", Recorder(), reference_file=None).open()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_has_expired_early_is_renewed_once(cloud: FakeCloud, user: CloudUser, method: str) -> None:
    old = user.token()
    del cloud.tokens[old]
    assert ask(user, method).status_code in (200, 201)
    assert user.token() != old
    assert [asked.path for asked in cloud.asked] == [SERVERS, "/v3/auth/tokens", SERVERS]


def test_a_token_of_the_tests_own_is_not_renewed(cloud: FakeCloud, user: CloudUser) -> None:
    identity = Api(user, Service.IDENTITY, print)  # type: ignore[arg-type]
    assert identity.get("/v3/x", token="revoked").status == 401
    assert len(cloud.asked) == 1


def test_a_401_that_no_token_mends_stands(cloud: FakeCloud, user: CloudUser) -> None:
    """Not asked for without end either."""
    cloud.answer("GET", "/servers$", lambda asked: Reply(401))
    assert [ask(user, "GET").status_code for _ in range(3)] == [401, 401, 401]
    assert sum(asked.path == "/v3/auth/tokens" for asked in cloud.asked) == 1


def test_a_new_token_that_is_refused_says_nothing_about_what_was_asked_for(cloud: FakeCloud, user: CloudUser) -> None:
    """As where every other request meets a node that lacks the keys, or whose clock is ahead."""
    turns = itertools.cycle([Reply(401), None])
    cloud.answer("GET", "/servers$", lambda asked: next(turns))
    compute = Api(user, Service.COMPUTE, print)  # type: ignore[arg-type]
    assert compute.get("/servers").expect(200).status == 200, "the first refusal gets another token"
    for claim in (
        lambda answer: answer.expect(200),
        lambda answer: answer.expect(404),
        lambda answer: answer.check({"type": "object", "required": ["servers"]}),
        lambda answer: answer.header("X-Here"),
    ):
        with pytest.raises(CannotTell, match=r"the cloud refuses a token that it issued \d s ago"):
            claim(compute.get("/servers"))
        assert compute.get("/servers").expect(200).status == 200
    assert sum(asked.path == "/v3/auth/tokens" for asked in cloud.asked) == 1


def test_a_refusal_that_the_test_expects_is_one(cloud: FakeCloud, user: CloudUser) -> None:
    cloud.answer("GET", "^/v3/", lambda asked: Reply(401))
    identity = Api(user, Service.IDENTITY, print)  # type: ignore[arg-type]
    assert identity.get("/v3/x").expect(401, 403).status == 401
    with pytest.raises(PromiseBroken, match="answered 401, not 404"):
        identity.get("/v3/auth/tokens", headers={"X-Subject-Token": "ended"}).expect(404)
    with pytest.raises(CannotTell, match="the cloud refuses a token"):
        identity.get("/v3/auth/tokens", headers={"X-Subject-Token": "alive"}).expect(200)
    with pytest.raises(PromiseBroken, match="answered 401, not 200"):
        identity.get("/v3/x", token="of-the-test").expect(200)
    with pytest.raises(PromiseBroken, match="answered 401, not 200"):
        identity.get("/v3/x", authenticated=False).expect(200)


def test_the_token_is_kept_if_there_is_no_other(
    cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PASSWORDS, "user", "changed-meanwhile")
    old = user.token()
    cloud.answer("GET", "/servers$", in_turn(401))
    with pytest.raises(CannotTell):
        ask(user, "GET")
    assert user.token() == old
    assert ask(user, "GET").status_code == 200


def test_who_is_locked_out_meanwhile_cannot_tell(
    cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked then is answered 401, of which no test may make a no."""
    cloud.tokens.clear()
    with monkeypatch.context() as meanwhile:
        meanwhile.setitem(PASSWORDS, "user", "changed-meanwhile")
        for _ in range(3):
            with pytest.raises(CannotTell, match=r"refuses the token, and no other is to be had: .*401"):
                ask(user, "GET")
        assert sum(asked.path == "/v3/auth/tokens" for asked in cloud.asked) == 1
    user._renewed_at -= contact.RENEWAL_PAUSE
    assert ask(user, "GET").status_code == 200


def test_a_token_that_was_all_there_was_may_be_revoked(cloud: FakeCloud, user: CloudUser, tmp_path: Path) -> None:
    clouds = yaml.safe_load((tmp_path / "clouds.yaml").read_text())
    auth = {"auth_url": f"{cloud.url}/v3", "token": user.token(), "project_id": "project-1"}
    clouds["clouds"]["user"] |= {"auth_type": "v3token", "auth": auth}
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump(clouds))
    other = open_user("primary", "user", Recorder(), reference_file=None)
    other.open()
    cloud.tokens.clear()
    with pytest.raises(CannotTell, match="no other is to be had"):
        ask(other, "GET")


def test_the_tests_of_a_disposable_user_revoke_its_tokens_themselves(cloud: FakeCloud) -> None:
    user = open_user("disposable", "user", Recorder(), reference_file=None)
    user.open()
    cloud.tokens.clear()
    assert ask(user, "GET").status_code == 401


@pytest.mark.parametrize("hours", [-30, -1, 0, 1, 30])
def test_whatever_the_clouds_clock_says_one_login_is_enough(cloud: FakeCloud, hours: int) -> None:
    issued = datetime.now(UTC) + timedelta(hours=hours)

    def by_its_clock(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        assert isinstance(made.body, dict)
        made.body["token"] |= {
            "issued_at": f"{issued:%Y-%m-%dT%H:%M:%S.000000Z}",
            "expires_at": f"{issued + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.000000Z}",
        }
        return made

    cloud.answer("POST", "/auth/tokens$", by_its_clock)
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    assert [ask(user, "GET").status_code for _ in range(3)] == [200, 200, 200]
    assert sum(asked.method == "POST" for asked in cloud.asked) == 1


def test_a_token_lasts_as_long_as_the_cloud_says_from_now_on() -> None:
    body = {"token": {"issued_at": "2020-01-01T00:00:00Z", "expires_at": "2020-01-01T02:00:00Z"}}
    assert usable(body, now=NOW)["token"]["expires_at"] == "2026-01-01T02:00:00+00:00"


def test_it_is_renewed_before_it_expires(cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch) -> None:
    first = user.token()
    assert user.token() == first
    monkeypatch.setattr(type(user._auth.auth_ref), "will_expire_soon", lambda self, soon=0: self.auth_token == first)
    second = user.token()
    assert second != first
    assert user.token() == second
    assert ask(user, "GET").status_code == 200


def test_a_renewal_that_never_gets_through_cannot_be_told(
    cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(user._auth.auth_ref), "will_expire_soon", lambda self, soon=0: True)
    cloud.answer("POST", "/auth/tokens$", lambda asked: Reply(503))
    with pytest.raises(CannotTell, match=rf"POST {cloud.url}/v3: logging in again: .*503"):
        user.token()


# --- the clean-up


def test_the_sweep_is_patient(cloud: FakeCloud, user: CloudUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defcore.run.sweep.LONGEST_PAUSE", 0.01)
    id = cloud.put(SERVERS, name="x")
    cloud.answer("DELETE", "/servers/", in_turn(*[RESET] * 7, 503))
    cloud.answer("GET", "/servers/", in_turn(503, 502))
    entry = Entry(key="1", kind="server", cloud="user", path="/servers/{id}", name="x", id=id)
    gone: list[Entry] = []
    left = sweep([entry], open_cloud=lambda name: user, gone=gone.append, listener=lambda event: None)
    assert (left, gone, cloud.store[SERVERS]) == ((), [entry], {})


def test_a_cut_creation_is_found_by_its_name(cloud: FakeCloud, user: CloudUser) -> None:
    def cut(asked: Asked) -> Reply:
        cloud._create(asked, SERVERS)
        return Reply(RESET)

    cloud.answer("POST", "/servers$", cut)
    with pytest.raises(CannotTell):
        user.ask("POST", Service.COMPUTE, "/servers", json={"server": {"name": "defcore-cut"}})
    assert [row["name"] for row in cloud.rows(SERVERS)] == ["defcore-cut"]
    entry = Entry(key="1", kind="server", cloud="user", path="/servers/{id}", name="defcore-cut", id=None)
    assert sweep([entry], open_cloud=lambda name: user, gone=lambda one: None, listener=lambda event: None) == ()
    assert cloud.rows(SERVERS) == []
