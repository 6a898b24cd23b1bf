"""Evidence is read from the run's own folder, whole and unchanged, or it is missing."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace

import pytest

from defcore.cli import stored
from defcore.cli.stored import evidence_loader
from defcore.reading.document import Limits
from defcore.report.evidence import exchanges, remark
from defcore.run.evidence import write_evidence
from defcore.run.exchange import Body, Exchange

HAR = {"log": {"entries": [{"request": {"method": "GET", "url": "http://c/"}, "response": {"status": 200}}]}}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run" / "evidence").mkdir(parents=True)
    return tmp_path / "run"


def keep(folder, content: bytes, name: str | None = None) -> str:
    path = f"evidence/{name or hashlib.sha256(content).hexdigest()}.har"
    (folder / path).write_bytes(content)
    return path


def test_what_the_run_kept_is_read(folder):
    assert evidence_loader(folder)(keep(folder, json.dumps(HAR).encode())) == HAR


def test_a_file_that_was_changed_is_missing(folder):
    path = keep(folder, json.dumps(HAR).encode())
    (folder / path).write_bytes(json.dumps(HAR).encode() + b" ")
    assert evidence_loader(folder)(path) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"1"])
def test_a_broken_file_is_missing(folder, content):
    assert evidence_loader(folder)(keep(folder, content)) is None


@pytest.mark.parametrize(
    "path",
    [
        "evidence/../secret.har",
        "../secret.har",
        "/etc/passwd",
        "secret.har",
        "evidence/none.har",
        "evidence/a\x00.har",
        "evidence/.har",
        "evidence",
        "",
    ],
)
def test_a_path_elsewhere_is_missing(folder, path):
    (folder / "secret.har").write_text(json.dumps(HAR))
    (folder.parent / "secret.har").write_text(json.dumps(HAR))
    assert evidence_loader(folder)(path) is None


def test_a_link_is_not_followed(folder, tmp_path):
    (tmp_path / "secret").write_text(json.dumps(HAR))
    (folder / "evidence" / "link.har").symlink_to(tmp_path / "secret")
    assert evidence_loader(folder)("evidence/link.har") is None


def test_a_linked_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.har").write_text(json.dumps(HAR))
    (folder / "evidence").rmdir()
    (folder / "evidence").symlink_to(tmp_path / "elsewhere")
    assert evidence_loader(folder)("evidence/a.har") is None


def test_a_pipe_does_not_make_us_wait(folder):
    os.mkfifo(folder / "evidence" / "pipe.har")
    assert evidence_loader(folder)("evidence/pipe.har") is None


def test_a_file_beyond_the_cap_is_missing(folder, monkeypatch):
    monkeypatch.setattr(stored, "HAR_LIMITS", Limits(size=10))
    assert evidence_loader(folder)(keep(folder, json.dumps(HAR).encode())) is None


@pytest.mark.parametrize("har", [None, {}, {"log": []}, {"log": {"entries": None}}, {"log": {"entries": [1, "x", []]}}])
def test_a_har_document_without_entries_has_no_exchanges(har):
    assert exchanges(har) == ()


def test_a_body_with_a_repeated_name_stays_as_it_came():
    body = '{"a":1,"a":2}'
    content = {"mimeType": "application/json", "text": body}
    (one,) = exchanges({"log": {"entries": [{"response": {"content": content}}]}})
    assert one.response_body == body
    (one,) = exchanges({"log": {"entries": [{"response": {"content": content | {"text": '{"a":1}'}}}]}})
    assert one.response_body == '{\n  "a": 1\n}'


def test_what_the_run_writes_is_what_the_report_reads(tmp_path, monkeypatch):
    """The two rooms agree on the HAR document, though neither may import the other. It is on disk under its name."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    body = Body(text='{"a": 1}', encoded=False, size=8, digest="", complete=True)
    written = Exchange(
        started="2026-01-31T12:00:00Z",
        seconds=0.5,
        method="GET",
        url="http://cloud/v3",
        request_headers=(("Accept", "*/*"),),
        request_body=replace(body, text="", size=0),
        status=None,
        reason="",
        response_headers=(("x-openstack-request-id", "req-1"), ("Content-Type", "application/json")),
        response_body=replace(body, complete=False),
        error="ConnectionError: refused",
    )
    path = write_evidence(tmp_path, [written], dropped=3)
    assert (tmp_path / path).stat().st_size in synced
    har = evidence_loader(tmp_path)(path)
    (one,) = exchanges(har)
    assert (one.method, one.url, one.status, one.request_id) == ("GET", "http://cloud/v3", 0, "req-1")
    assert (one.milliseconds, one.response_body) == (500.0, '{\n  "a": 1\n}')
    assert one.note == "ConnectionError: refused; not all of the body is kept"
    assert remark(har) == "3 exchanges in the middle were not kept"


def test_no_more_than_a_gigabyte_is_read_for_one_result(folder, monkeypatch):
    monkeypatch.setattr(stored, "MOST_EVIDENCE", 1)
    load, path = evidence_loader(folder), keep(folder, json.dumps(HAR).encode())
    assert load(path) == HAR
    assert load(path) is None
