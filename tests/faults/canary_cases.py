"""Tests that show secrets in every way a test can. They are run as a suite of their own, against the canary cloud."""

import json
import logging
import os
import signal
import sys
import threading
import warnings
from pathlib import Path

import pytest

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken
from defcore.model.capability import Service
from defcore.model.outcome import Finding

ABOUT = json.loads(Path(os.environ["CANARY_SUITE"]).read_text())
"""`uuids`: test -> its UUID; `values`: place -> secret; `url`: of the cloud; `odd`: names of its answers."""
OWN = ABOUT["values"]["in-the-redact-file"]


def case(test):
    return pytest.mark.uuid(ABOUT["uuids"][test.__name__])(test)


def ask(run, path, method="GET", body=None, **headers):
    about = {"X-Auth-Token": run.actor("primary").token()} | {n.replace("_", "-"): v for n, v in headers.items()}
    return run.actor("primary").request(method, ABOUT["url"] + path, headers=about, data=body, timeout=10)


def secrets_of(run):
    user = run.actor("primary")
    return user.token(), user.credentials["password"], OWN


def answer_of(name):
    def test(defcore_run):
        answer = ask(defcore_run, f"/odd/{name}")
        told = answer.text + str(dict(answer.headers)) + str(answer.reason)
        print(told, repr(answer.content))
        raise PromiseBroken(told[:900], expected=answer.content, seen=dict(answer.headers))

    test.__name__ = f"test_answer_{name}"
    return case(test)


for one in ABOUT["odd"]:
    globals()[f"test_answer_{one}"] = answer_of(one)


@case
def test_assertion(defcore_run):
    token, password, own = secrets_of(defcore_run)
    assert {"token": token, "list": [password, own]} == {"list": [], "token": own}


@case
def test_assertion_cut(defcore_run):
    token, password, own = secrets_of(defcore_run)
    for n in range(60, 120, 7):
        print(repr("x" * n + token + "y" * 200)[:119] + "...")
    assert "x" * 90 + token + "y" * 200 == "x" * 100 + password + own


@case
def test_assertion_long(defcore_run):
    token, _, own = secrets_of(defcore_run)
    raise PromiseBroken("x" * 3985 + token, expected="y" * 3990 + own, seen=own * 500)


@case
def test_crash_with_locals(defcore_run):
    token, password, own = secrets_of(defcore_run)
    raise RuntimeError(f"{token!r} {password!r} {own}")


@case
def test_chained(defcore_run):
    token, password, own = secrets_of(defcore_run)
    try:
        try:
            {}[token]
        except KeyError as error:
            raise ValueError(password) from error
    except ValueError:
        raise OSError(2, own, token)


@case
def test_output(defcore_run):
    token, password, own = secrets_of(defcore_run)
    for number, secret in enumerate((token, password, own), start=1):
        print(secret, file=sys.stderr if number == 2 else sys.stdout)
        os.write(1, f"{secret}\n".encode())
        os.write(2, f"{secret.encode().hex()}\n".encode())
        for name in ("keystoneauth.session", "urllib3", "own"):
            logging.getLogger(name).warning("curl -H 'X-Auth-Token: %s' %s", secret, {"password": secret})
    raise CannotTell("so that it is shown")


@case
def test_warnings(defcore_run):
    for secret in secrets_of(defcore_run):
        warnings.warn(f"look: {secret}", UserWarning, stacklevel=1)
        warnings.warn(f"look: {secret}", DeprecationWarning, stacklevel=1)


@case
def test_thread(defcore_run):
    token, _, _ = secrets_of(defcore_run)

    def crash():
        raise RuntimeError(token)

    thread = threading.Thread(target=crash, name=token)
    thread.start()
    thread.join()


@case
def test_unraisable(defcore_run):
    token, _, _ = secrets_of(defcore_run)

    class Ends:
        def __del__(self):
            raise RuntimeError(token)

    Ends()


@case
def test_findings(defcore_run):
    token, password, own = secrets_of(defcore_run)
    defcore_run.note(Finding(kind="extra", where=token, expected=password, seen=own))


@case
def test_absent(defcore_run):
    raise Absent(" ".join(secrets_of(defcore_run)))


@case
def test_prerequisite(defcore_run):
    raise Prerequisite(" ".join(secrets_of(defcore_run)))


@case
def test_skipped(defcore_run):
    pytest.skip(" ".join(secrets_of(defcore_run)))


@pytest.fixture
def broken_set_up(defcore_run):
    raise RuntimeError(" ".join(secrets_of(defcore_run)))


@pytest.fixture
def broken_clean_up(defcore_run):
    yield
    raise CannotTell(" ".join(secrets_of(defcore_run)))


@case
def test_set_up(broken_set_up):
    pass


@case
def test_clean_up(broken_clean_up):
    raise PromiseBroken("no")


@case
def test_requests(defcore_run):
    values = ABOUT["values"]
    told = [
        ask(defcore_run, "/echo", "POST", json.dumps({"server": {"adminPass": values["sent-json"]}}).encode()),
        ask(defcore_run, "/echo", "POST", f"a=1&password={values['sent-form']}".encode()),
        ask(defcore_run, "/echo", "POST", f'{{"secret": "{values["sent-broken"]}'.encode()),
        ask(defcore_run, "/echo", "PUT", b"\x00\xff" + OWN.encode(), Content_Type="application/octet-stream"),
        ask(defcore_run, "/echo", Authorization=f"Bearer {values['sent-authorization']}"),
        ask(defcore_run, "/echo", Cookie=f"session={values['sent-cookie']}; a=b"),
        ask(defcore_run, "/echo", X_Account_Meta_Temp_URL_Key=values["sent-temp-url-key"]),
        ask(defcore_run, "/echo", X_Service_Token=values["sent-service-token"]),
        ask(defcore_run, f"/echo?temp_url_sig={values['sent-signature']}&temp_url_expires=1"),
        ask(defcore_run, f"/echo?x=1&X-Amz-Credential={values['sent-credential']}"),
    ]
    raise PromiseBroken("\n".join(answer.text for answer in told))


@case
def test_refused_and_unreachable(defcore_run):
    user, secret = defcore_run.actor("primary"), ABOUT["values"]["sent-nowhere"]
    told = []
    for url in (f"http://u:{secret}@127.0.0.1:1/?token={secret}", f"http://127.0.0.1:1/x?signature={secret}"):
        for headers in ({}, {"X-Auth-Token": user.token()}):
            try:
                user.request("GET", url, headers=headers, data=None, timeout=2)
            except CannotTell as error:
                told.append(str(error))
    raise CannotTell("; ".join(told))


@case
def test_met_too_late(defcore_run):
    """An exchange that holds a secret which only a later one calls by its name."""
    late = ABOUT["values"]["met-late"]
    ask(defcore_run, "/echo", "POST", f"look: {late}".encode())
    ask(defcore_run, "/echo", "PUT", b"\x00\xff" + late.encode(), Content_Type="application/octet-stream")
    ask(defcore_run, "/echo", "POST", json.dumps({"adminPass": late}).encode(), Content_Type="application/json")
    raise PromiseBroken(f"it was {late}")


@case
def test_made_user(defcore_run):
    secret = ABOUT["values"]["made-user"]
    defcore_run.log_in("made", user_id="made", password=secret, project_id="project-1")


@case
def test_private_key(defcore_run):
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{ABOUT['values']['printed-key']}\n-----END RSA PRIVATE KEY-----\n"
    print(key)
    print(json.dumps(key))
    raise RuntimeError(key)


@case
def test_leaves(defcore_run):
    name = "defcore-left-behind"
    defcore_run.ledger.intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name=name)
    defcore_run.actor("primary").ask("POST", Service.NETWORK, "/v2.0/networks", json={"network": {"name": name}})


@case
def test_dies(defcore_run):
    for secret in secrets_of(defcore_run):
        print(secret, file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
