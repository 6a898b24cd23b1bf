"""No secret survives, in whatever shape it comes."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
import zlib
from dataclasses import replace
from urllib.parse import quote

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from defcore.errors import InputError, Problem
from defcore.run.exchange import KEEP_LIMIT, GuardedSession, Recorder, keep_body
from defcore.run.forms import encodings
from defcore.run.log import LogCleaner
from defcore.run.redaction import (
    REDACTED,
    Secrets,
    environment_secrets,
    holds_secret,
    redact_headers,
    redact_json,
    redact_text,
    redact_url,
)
from tests.fakes.cloud import Reply, serving

SECRET = "hunter2-S3cr3t"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow" + "A" * 60 + "\n-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "document",
    [
        {"auth": {"identity": {"password": {"user": {"name": "me", "password": SECRET}}}}},
        {"auth": {"identity": {"methods": ["token"], "token": {"id": SECRET}}}},
        {"auth": {"identity": {"application_credential": {"id": "x", "secret": SECRET}}}},
        {"server": {"adminPass": SECRET, "id": "1"}},
        {"server": {"user_data": SECRET}},
        {"keypair": {"private_key": SECRET, "name": "k"}},
        {"credential": {"access": SECRET, "secret": "other-S3cr3t"}},
        {"credential": {"blob": SECRET, "type": "ec2"}},
        {"transfer": {"auth_key": SECRET, "name": "t"}},
        {"connection_info": {"data": {"auth_password": SECRET}}},
        {"user": {"original_password": SECRET, "password": SECRET}},
        {"output": SECRET},
        {"rebuild": {"adminPass": SECRET}},
        {"secret": [SECRET, {"x": 1}]},
        {"a": [{"b": {"Temp-URL-Key": SECRET}}]},
        {"totp": {"passcode": SECRET}},
        {"url": f"https://c/v1/o?temp_url_sig={SECRET}&temp_url_expires=1"},
        {"console": {"url": f"http://c/vnc.html?token={SECRET}"}},
        {"message": json.dumps({"password": SECRET})},
    ],
    ids=lambda document: json.dumps(document)[:50],
)
def test_a_json_body_loses_its_secret(document: object) -> None:
    for indent in (None, 2):
        cleaned, _ = redact_json(json.dumps(document, indent=indent))
        assert SECRET not in cleaned
        assert REDACTED in cleaned


@pytest.mark.parametrize(
    "text",
    [
        f'{{"password": "{SECRET}"',
        f'{{"password": "{SECRET}',
        f'{{"password": "{SECRET}", "password": null}}',
        f"{{'adminPass': '{SECRET}'}}",
        f'"user_data" : "{SECRET}"}}]',
        f'garbage {{"a": "b"}} "secret":"{SECRET}" more',
        f'{{"password": "with \\" quote {SECRET}"}}',
        f'{{\\"password\\": \\"{SECRET}\\"}}',
        f"X-Auth-Token: {SECRET}",
        f"{{'X-Subject-Token': '{SECRET}'}}",
        f"username=me&password={SECRET}&x=1",
        f"password={SECRET}",
        f"https://me:{SECRET}@cloud.example/v3",
        f"https://s3/o?X-Amz-Signature={SECRET}&X-Amz-Credential={SECRET}",
        f"/v1/AUTH_x/c/o?temp_url_expires=9&temp_url_sig={SECRET}",
        f'--b\r\nContent-Disposition: form-data; name="signature"\r\n\r\n{SECRET}\r\n--b--',
        f'--b\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\n{SECRET}',
    ],
)
def test_text_loses_its_secret(text: str) -> None:
    cleaned, _ = redact_json(text)
    assert SECRET not in cleaned
    assert SECRET not in redact_text(text)


def test_numbers_are_passwords_too() -> None:
    assert "12345678" not in redact_json('{"password": 12345678}')[0]
    assert "12345678" not in redact_text('{"password": 12345678, ')


def test_private_keys_and_fernet_tokens_are_known_by_their_shape() -> None:
    token = "gAAAAABl" + "x" * 120
    for text in (KEY, json.dumps({"note": KEY}), KEY[:50], f"see {token}", json.dumps([token])):
        cleaned = redact_text(text)
        assert "MIIEow" not in cleaned
        assert "xxxx" not in cleaned


def test_what_is_no_secret_stays_as_it_is() -> None:
    text = '{ "server": {"name":"a",  "password_expires_at": null, "key_name": "k", "methods": ["password"]} }'
    assert redact_json(text) == (text, ())
    assert redact_url("https://c/v2.0/ports?device_id=1&limit=2") == "https://c/v2.0/ports?device_id=1&limit=2"


def test_headers_are_shown_by_allow_list() -> None:
    shown = dict(
        redact_headers(
            [
                ("Content-Type", "application/json"),
                ("X-Auth-Token", SECRET),
                ("X-Subject-Token", SECRET),
                ("Set-Cookie", SECRET),
                ("X-Account-Meta-Temp-URL-Key", SECRET),
                ("X-Container-Meta-Temp-Url-Key-2", SECRET),
                ("X-Container-Sync-Key", SECRET),
                ("X-Vendor-Thing", SECRET),
                ("X-Object-Meta-Colour", "blue"),
                ("Location", f"https://c/o?temp_url_sig={SECRET}"),
            ]
        )
    )
    assert SECRET not in json.dumps(shown)
    assert shown["Content-Type"] == "application/json"
    assert shown["X-Object-Meta-Colour"] == "blue"


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
@example("pass word/+&=", "user:", "@host")
@example("Ünïcødé-pass", "", "")
@example("a\\\"'b", "x", "y")
def test_own_secrets_are_found_in_every_encoding(secret: str, before: str, after: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    for form in encodings(secret):
        assert form not in secrets.redact(f"{before}\x00{form}\x00{after}").replace(REDACTED, "")
    joined = base64.b64encode(f"{before}:{secret}".encode("utf-8", "surrogatepass")).decode()
    if len(secret.encode()) >= 8:
        assert joined not in secrets.redact(joined)


def test_own_secrets_are_found_percent_encoded_in_an_address() -> None:
    secrets = Secrets()
    secrets.add("p&ss w/rd")
    assert "w%2Frd" not in secrets.clean(f"GET https://c/?q={quote('p&ss w/rd', safe='')}")


@given(st.text(max_size=300))
def test_any_text_is_cleaned_without_a_fault(text: str) -> None:
    redact_json(text)
    redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 40_000,
        "\\" * 70_000,
        '"' * 70_000,
        "x" * 70_000,
        "?" + "token" * 14_000,
        'name="token"\n' * 6000,
        "-----BEGIN " * 6000,
        '{"password": "' * 5000,
        "[" * 70_000,
        "://:@" * 14_000,
        "password is " * 6000,
        "<password " * 7000,
        "%25" * 23_000,
        "\\x1f\\x8b\\x08" * 6000,
        "H4sIAAAAAAAA" * 6000,
        "..." * 23_000,
    ],
    ids=lambda text: text[:14],
)
def test_hostile_text_takes_time_by_its_length_alone(text: str) -> None:
    """Four times the text takes about four times as long; sixteen times would be the square."""
    secrets = Secrets()
    secrets.add(*(f"known-value-{n}" for n in range(20)))

    def least(part: str) -> float:
        taken = []
        for _ in range(3):
            begun = time.process_time()
            redact_json(part, values=secrets.redact)
            taken.append(time.process_time() - begun)
        return min(taken)

    assert least(text) < 10 * least(text[: len(text) // 4])


def test_a_kept_body_has_size_and_digest_and_no_more_than_the_limit() -> None:
    body = keep_body(b"x" * 200_000, "text/plain", Secrets())
    assert (len(body.text), body.size, body.complete, body.encoded) == (KEEP_LIMIT, 200_000, False, False)
    assert body.digest.startswith("sha256:")


def test_a_binary_body_is_kept_as_base64_without_own_secrets() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    body = keep_body(b"\x00\xff" + SECRET.encode() + b"\xfe", "application/octet-stream", secrets)
    assert body.encoded
    assert SECRET.encode() not in base64.b64decode(body.text)


def test_a_secret_at_the_edge_of_what_is_kept_is_not_cut_in_two() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    body = keep_body(b" " * (KEEP_LIMIT - 5) + SECRET.encode() + b" " * 100_000, "text/plain", secrets)
    assert "hunter" not in body.text[-20:]


def test_a_large_json_body_loses_its_secret_too() -> None:
    document = {"padding": ["x" * 100] * 1000, "adminPass": SECRET}
    secrets = Secrets()
    body = keep_body(json.dumps(document).encode(), "application/json", secrets)
    assert SECRET not in body.text
    assert SECRET in secrets.learned


def test_the_digest_of_a_short_body_with_a_secret_is_not_kept() -> None:
    """It would let the secret be guessed."""
    assert keep_body(b'{"password": "1234"}', "application/json", Secrets()).digest == ""


def test_a_key_over_several_lines_of_output_is_taken_out() -> None:
    cleaner = LogCleaner(Secrets())
    assert "MIIEow" not in "".join(cleaner.clean(line) for line in f"before\n{KEY}after\n".splitlines(keepends=True))
    assert cleaner.clean("after\n") == "after\n"


@pytest.mark.parametrize("name", ["adminPass", "temp_url_key", "X-Account-Meta-Temp-URL-Key-2", "os-user_data"])
def test_names_that_hold_secrets(name: str) -> None:
    assert holds_secret(name)


@pytest.mark.parametrize("name", ["key_name", "password_expires_at", "token_type", "tokenized", "secretary"])
def test_names_that_hold_none(name: str) -> None:
    assert not holds_secret(name)


KNOWN = 'pä55 <word> "&+%/x'


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"%{byte:02X}" for byte in KNOWN.encode()),
        quote(quote(quote(KNOWN, safe=""), safe=""), safe=""),
        "".join(f"\\u{ord(one):04x}" for one in KNOWN),
        json.dumps(json.dumps(KNOWN)),
        repr(KNOWN.encode()),
        html.escape(KNOWN),
        "".join(f"&#{ord(one)};" for one in KNOWN),
        quote(html.escape(KNOWN)),
        KNOWN.encode().hex(),
        KNOWN.encode().decode("latin-1"),
        KNOWN.encode("latin-1").decode("utf-8", "replace"),
        base64.b64encode(gzip.compress(KNOWN.encode(), mtime=0)).decode(),
        base64.b64encode(zlib.compress(b"before " + KNOWN.encode())).decode(),
        repr(gzip.compress(KNOWN.encode(), mtime=0)),
        f"'{KNOWN[:9]}...",
        f"...{KNOWN[-8:]}'",
        KNOWN[:12],
    ],
    ids=lambda text: text[:20],
)
def test_a_known_value_is_found_however_it_is_wrapped(text: str) -> None:
    secrets = Secrets()
    secrets.add(KNOWN)
    cleaned = secrets.clean(f"before {text}")
    assert REDACTED in cleaned
    assert cleaned.startswith("before ")
    assert len(cleaned.replace(REDACTED, "")) < 16


@pytest.mark.parametrize("width", [76, 64, 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n    ", "\\n", "\\r\\n", "\\\\n", "%0A", "&#10;"])
def test_base64_that_is_broken_over_lines_gives_nothing_away(end: str, width: int) -> None:
    """As mail, `base64` and PEM break it, wherever the line ends within the value."""
    secrets = Secrets()
    secrets.add(KNOWN)
    for before in range(width + 2):
        whole = base64.b64encode(b"b" * before + KNOWN.encode() + b"after" * 20).decode()
        lines = [whole[n : n + width] for n in range(0, len(whole), width)]
        cleaned = secrets.redact(f"it says:{end}{end.join(lines)}{end}end")
        assert REDACTED in cleaned
        assert cleaned.startswith("it says:")
        assert cleaned.endswith(f"{end}end")
        left = "".join(cleaned.split(REDACTED)).replace(end, "")
        assert base64.b64encode(KNOWN.encode()).decode()[4:12] not in left
        assert len(left) < len(whole) - len(KNOWN) + 12


def test_lines_without_base64_are_left_as_they_are() -> None:
    secrets = Secrets()
    secrets.add("abcd")
    text = f"https://a.example/{'x' * 30}\nand more\n{'y' * 76}\n{'z' * 20}\n"
    assert secrets.redact(text) == text


def test_a_body_in_broken_base64_is_kept_without_a_known_value() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    content = base64.encodebytes(b"x" * 52 + SECRET.encode() + b"y" * 60)
    for data, kind in ((content, "text/plain"), (json.dumps({"data": content.decode()}).encode(), "application/json")):
        kept = keep_body(data, kind, secrets).text
        assert REDACTED in kept
        left = kept.replace("\\n", "").replace("\n", "")
        assert not any(form in left for form in encodings(SECRET))


def test_a_known_value_that_looks_like_a_name_is_not_torn_apart() -> None:
    secrets = Secrets()
    secrets.add("a <password> that-is-odd")
    assert secrets.clean("see a <password> that-is-odd!") == f"see {REDACTED}!"


def test_what_surrounds_an_escaped_value_stays() -> None:
    secrets = Secrets()
    secrets.add("p/ss word")
    assert secrets.redact("GET /a%20b?q=p%2Fss%20word&x=%41") == f"GET /a%20b?q={REDACTED}&x=%41"


def test_a_compressed_body_that_holds_a_known_value_is_not_kept() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    assert secrets.redact_bytes(b"head" + gzip.compress(b"x" * 99 + SECRET.encode(), mtime=0)) == REDACTED.encode()
    other = gzip.compress(b"nothing to hide", mtime=0)
    assert secrets.redact_bytes(other) == other


def test_every_text_of_a_value_is_cleaned() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    problem = Problem(code="x.y", message=f"no: {SECRET}", hint=None)
    assert secrets.cleaned((problem, 3, (SECRET,))) == (replace(problem, message=f"no: {REDACTED}"), 3, (REDACTED,))


def test_errors_come_out_without_secrets() -> None:
    secrets = Secrets()
    secrets.add(SECRET)
    with pytest.raises(InputError) as told, secrets.out_of_errors():
        raise InputError(Problem(code="x.y", message=f"no: {SECRET}"))
    assert SECRET not in str(told.value)
    with pytest.raises(RuntimeError) as other, secrets.out_of_errors():
        raise RuntimeError(SECRET, 1) from KeyError(SECRET)
    assert (other.value.args, other.value.__cause__ and other.value.__cause__.args) == ((REDACTED, 1), (REDACTED,))


def test_secrets_of_an_environment() -> None:
    found = set(
        environment_secrets(
            {
                "OS_PASSWORD": "abcd",
                "CI_SECRET": "true",
                "CI_TOKEN": "long-enough",
                "https_proxy": "http://me:p%40ss@proxy:8080",
                "HOME": "/home/me",
            }
        )
    )
    assert found == {"abcd", "long-enough", "p%40ss", "p@ss"}


def test_an_exchange_loses_what_only_a_later_one_calls_a_secret() -> None:
    with serving() as cloud:
        cloud.answer("GET", "/late", lambda _: Reply(200, {"adminPass": "late-s3cret"}))
        recorder = Recorder()
        session = GuardedSession(recorder)
        for path in ("/early?x=late-s3cret", "/late"):
            session.send(requests.Request("GET", cloud.url + path).prepare())
        early, late = recorder.take()
    assert "late-s3cret" not in str((early, late))
    assert early.url.endswith(f"/early?x={REDACTED}")
