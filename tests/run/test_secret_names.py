"""Secrets that are known by a name or a place: options of logging in, addresses, forms, XML; and messages that stay."""

from __future__ import annotations

import pytest
import requests
from keystoneauth1 import loading

from defcore.run.redaction import (
    REDACTED,
    Secrets,
    environment_secrets,
    redact_json,
    redact_text,
    redact_url,
    secrets_in,
)
from defcore.run.wire import BoundedAdapter

SECRET = "Un4known-S3cr3t"


def test_every_secret_option_of_every_kind_of_login_is_known() -> None:
    options = {
        name
        for loader in loading.get_available_plugin_loaders().values()
        for option in loader.get_options()
        if option.secret
        for name in (option.dest, *(old.dest for old in option.deprecated or ()))
    }
    assert {"password", "token", "code", "client_secret"} <= options
    for name in options:
        assert SECRET in set(secrets_in({"auth": {name: SECRET}})), name
        assert SECRET in set(environment_secrets({f"OS_{name.upper()}": SECRET})), name


@pytest.mark.parametrize(
    "text",
    [
        f"grant_type=authorization_code&redirect_uri=http%3A%2F%2Fx&code={SECRET}",
        f"code={SECRET}&client_id=x&grant_type=authorization_code",
        f"client_id=x&device_code={SECRET}",
        f"code_verifier={SECRET}",
        f'{{"grant_type": "authorization_code", "code": "{SECRET}"}}',
        f'{{"device_code": "{SECRET}", "user_code": "shown"}}',
        f'{{"code_verifier": "{SECRET}", ',
        f"<o:Password>{SECRET}</o:Password>",
        f'<wsse:Password Type="x">{SECRET}</wsse:Password>',
        f"<ds:SignatureValue>{SECRET}</ds:SignatureValue>",
        f"<SignatureValue>{SECRET}</SignatureValue>",
    ],
)
def test_a_secret_of_an_unusual_login_is_taken_out(text: str) -> None:
    assert SECRET not in redact_json(text)[0]
    assert REDACTED in redact_json(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"error": {"code": 404, "message": "no token: not found", "title": "Not Found"}}',
        '{"code": "Un4known-C0de"}',
        "GET http://c/faults?code=Un4known-C0de&limit=1",
        '{"user_code": "WDJB-MJHT"}',
    ],
)
def test_a_code_of_something_else_stays(text: str) -> None:
    assert redact_json(text)[0] == text


@pytest.mark.parametrize(
    "password", ["S3cr3t@x", "S3cr3t/pw-x", "S3cr3t#pw-x", "S3cr3t?pw@x/y", "pa'ssw0rd-Xy9", "p@ssw0rd-Xy9", "1234!abc"]
)
def test_a_password_in_an_address_is_taken_whole(password: str) -> None:
    address = f"http://user:{password}@127.0.0.1:1/v3"
    told = f"http://user:{REDACTED}@127.0.0.1:1/v3"
    assert redact_url(address) == told
    assert redact_text(f"auth_url: {address} (see 'it')") == f"auth_url: {told} (see 'it')"
    assert redact_text(f'{{"url":"{address}","mail":"a@b"}}') == f'{{"url":"{told}","mail":"a@b"}}'
    for settings in ({"auth": {"auth_url": address}}, {"https_proxy": address}):
        assert password in set(secrets_in(settings))


@pytest.mark.parametrize(
    "text",
    [
        '["http://c:8080","a@b"]',
        "['http://c:8080','a@b']",
        '<a href="http://c:80">a@b</a>',
        "http://c:8080/a@b?x=c@d",
        "http://[fe80::1]:80/a@b",
        "http://c/a:b@c",
    ],
)
def test_a_port_is_no_password(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize("mark", ["/", "#", "?"])
def test_what_is_told_of_a_proxy_that_is_no_address_has_no_password(mark: str) -> None:
    proxy = f"http://u:S3cr3t{mark}pw-x@127.0.0.1:1"
    secrets = Secrets()
    secrets.add(*environment_secrets({"http_proxy": proxy, "ALL_PROXY": f"u:0th3r{mark}pw@h"}))
    assert secrets.clean("Failed to parse: 'u:S3cr3t' is not a valid host or port") == (
        f"Failed to parse: 'u:{REDACTED}' is not a valid host or port"
    )
    assert {"0th3r", f"0th3r{mark}pw"} <= secrets.own


def test_the_message_of_a_refused_connection_stays_readable() -> None:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", BoundedAdapter())
    with pytest.raises(requests.ConnectionError) as told:
        session.get("http://127.0.0.1:1/v3/auth/tokens")
    for message in (
        f"Unable to establish connection to http://127.0.0.1:1/v3/auth/tokens: {told.value}",
        "GET http://c/v3/auth/tokens: HTTPSConnectionPool(host='c', port=443): Read timed out. (read timeout=60)",
        "GET http://c/v3/auth/tokens: ('Connection aborted.', RemoteDisconnected('Remote end closed connection'))",
    ):
        assert redact_text(message) == message


@pytest.mark.parametrize("said", ["tokens: ", "token: ", "token=", "the token is ", "password: (", "token: '"])
def test_a_word_that_calls_it_a_secret_still_does(said: str) -> None:
    for value in (SECRET, "abcdef(host='1", "Pool(host=127"):
        assert value[:6] not in redact_text(f"{said}{value}")
