"""What the exchanges of a submission tell of the run that they are said to be of."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.outcome import Outcome
from defcore.results.exchanges import MOST, read_exchanges
from defcore.run.evidence import har
from tests.submissions.handing_in import Handing
from tests.submissions.runs import RUN

KNOWN = load_catalog(find_data())
CHALLENGE = "7c1f2b"
AT = "2026-01-31T12:00:01.050+00:00"
"""In the time of the attempts of `make_run`."""


@pytest.fixture
def handing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handing:
    monkeypatch.setattr("defcore.cli.verify.load_catalog", lambda _: KNOWN)
    return Handing(tmp_path)


def reasons(capsys: pytest.CaptureFixture[str]) -> set[str]:
    captured = capsys.readouterr()
    return {*re.findall(r"\[([a-z]+\.[a-z-]+)\]$", captured.out + captured.err, re.MULTILINE)}


def entry(method: str, url: str, *, at: str = AT, text: str = "") -> dict[str, Any]:
    request = {"method": method, "url": url, "postData": {"text": text}}
    return {"startedDateTime": at, "request": request, "response": {"status": 200}}


ANSWERED = entry("GET", "https://swift.acme.example:443/v1/a")


def submission(handing: Handing, *entries: dict[str, Any], content: bytes | None = None, run: str = RUN) -> Path:
    """Of a run for the challenge; at its first test went these exchanges, after one that names nothing."""
    handing.run({0: Outcome.FAILED}, challenge=CHALLENGE, run=run)
    content = content if content is not None else json.dumps(har([ANSWERED, *entries])).encode()
    path = f"evidence/{hashlib.sha256(content).hexdigest()}.har"
    (handing.folder / path).write_bytes(content)
    document = json.loads((handing.folder / "result.json").read_text())
    for one in (document["tests"][0], *document["tests"][0]["attempts"]):
        one["evidence"] = path
    (handing.folder / "result.json").write_text(json.dumps(document))
    return handing.pack()


NAMED = f"defcore-{RUN[:8]}-{CHALLENGE}-container-1-a0b1c2"


@pytest.mark.parametrize(
    "entries",
    [
        (entry("PUT", f"https://swift.acme.example/v1/a/{NAMED}"),),
        (entry("POST", "https://x/", text=f'{{"server": {{"name": "{NAMED}"}}}}'),),
        (entry("GET", "https://x/?marker=defcore-77777777-other-1-a0b1c2"),),
        (
            entry("PUT", f"https://x/{NAMED}"),
            entry("POST", "https://x/", text='{"image": "defcore-77777777-image-1-a0b1c2"}'),
        ),
        (entry("POST", "https://x/", text=f"cut defcore-{RUN[:8]}-7c"),),
        (entry("POST", "https://x/", text=f"defcore-{RUN[:8]}-[redacted]-1-"),),
        ({}, {"startedDateTime": 7, "request": {"method": "PUT", "url": None, "postData": 5}}),
        ({"request": None},),
    ],
)
def test_what_a_run_names_bears_its_id_and_the_challenge(handing, capsys, entries):
    assert handing.verify(submission(handing, *entries)) == 0, capsys.readouterr().out


def test_a_challenge_that_exchanges_bear(handing):
    folder = submission(handing, entry("PUT", f"https://swift.acme.example/v1/a/{NAMED}"))
    assert handing.verify(folder, "--challenge", CHALLENGE) == 0


def test_a_challenge_that_nothing_bears_may_have_been_added_later(handing, capsys):
    folder = submission(handing, entry("GET", f"https://x/{NAMED}"))
    assert handing.verify(folder) == 0
    capsys.readouterr()
    assert handing.verify(folder, "--challenge", CHALLENGE) == 3
    assert reasons(capsys) == {"verify.challenge"}


@pytest.fixture
def liar(handing: Handing, monkeypatch: pytest.MonkeyPatch) -> Handing:
    """Whose tool does not look at what it hands in."""
    monkeypatch.setattr("defcore.cli.pack._check", lambda *_: None)
    return handing


def test_pack_refuses_what_a_reviewer_would(handing, capsys):
    with pytest.raises(AssertionError):
        submission(handing, entry("PUT", "https://x/defcore-77777777-container-1-a0b1c2"))
    told = capsys.readouterr().err
    assert told.count("[verify.evidence-run]") == 1
    assert not list(handing.base.rglob("submission.yaml"))


def test_exchanges_of_another_run(liar, capsys):
    folder = submission(liar, entry("PUT", f"https://x/defcore-77777777-{CHALLENGE}-container-1-a0b1c2"))
    assert liar.verify(folder) == 1
    assert reasons(capsys) == {"verify.evidence-run"}


@pytest.mark.parametrize("word", ["container", "888888"])
def test_an_old_run_that_is_said_to_be_made_for_a_new_challenge(liar, capsys, word):
    """The statement bears the challenge, and what was made in the cloud does not."""
    folder = submission(liar, entry("PUT", f"https://x/defcore-{RUN[:8]}-{word}-1-a0b1c2"))
    assert liar.verify(folder, "--challenge", CHALLENGE) == 1
    assert reasons(capsys) == {"verify.challenge"}


def test_exchanges_of_another_day(handing, capsys):
    folder = submission(handing, entry("GET", "https://x/", at="2026-01-30T12:00:01+00:00"))
    assert handing.verify(folder) == 3
    assert reasons(capsys) == {"verify.time"}


@pytest.mark.parametrize("content", [b"", b"{}", b'{"log": {"entries": [1]}}', b'{"log": {"entries": [{}], "a": NaN}}'])
def test_what_is_no_exchange(handing, capsys, content):
    assert handing.verify(submission(handing, content=content)) == 3
    assert reasons(capsys) == {"verify.evidence"}


def test_an_outcome_that_no_answer_shows(handing, capsys):
    unanswered = {key: own for key, own in ANSWERED.items() if key != "response"}
    assert handing.verify(submission(handing, content=json.dumps(har([unanswered])).encode())) == 3
    assert reasons(capsys) == {"verify.evidence"}


def test_exchanges_with_another_address_than_the_endpoints_that_are_stated(handing, capsys):
    other = json.dumps(har([entry("GET", "http://127.0.0.1:8080/v1/a"), {"request": None}])).encode()
    assert handing.verify(submission(handing, content=other)) == 3
    assert "was answered by none of the endpoints that are stated" in capsys.readouterr().out


def test_the_same_exchanges_for_two_tests(liar, capsys):
    folder = submission(liar)
    assert liar.verify(folder) == 0
    document = json.loads((liar.folder / "result.json").read_text())
    path = document["tests"][0]["evidence"]
    for one in (document["tests"][3], *document["tests"][3]["attempts"]):
        one["evidence"] = path
    (liar.folder / "result.json").write_text(json.dumps(document))
    shutil.rmtree(folder)
    capsys.readouterr()
    assert liar.verify(liar.pack()) == 1
    assert reasons(capsys) == {"verify.evidence"}


def test_all_evidence_of_a_run_that_has_none(handing, capsys):
    """Every exchange is to be here, and the result refers to none."""
    handing.run()
    document = json.loads((handing.folder / "result.json").read_text())
    for record in document["tests"]:
        for one in (record, *record["attempts"]):
            one["evidence"] = None
    (handing.folder / "result.json").write_text(json.dumps(document))
    assert handing.verify(handing.pack("--evidence", "all")) == 3
    assert reasons(capsys) == {"verify.evidence"}


def test_names_without_end_are_not_kept(handing, capsys):
    """A file of evidence may be of 64 MiB, and there may be many."""
    names = " ".join(f"defcore-{n:08x}-a-1" for n in range(MOST * 3))
    read = read_exchanges(json.dumps(har([entry("POST", "https://x/", text=names)])).encode(), "a.har")
    assert read is not None
    assert len(read.names) == MOST + 1
    assert liar_of_many(handing, names) == 3
    assert "not all are looked at" in capsys.readouterr().out


def liar_of_many(handing: Handing, names: str) -> int:
    own = " ".join(f"defcore-{RUN[:8]}-{CHALLENGE}-1" for _ in range(2))
    return handing.verify(submission(handing, entry("POST", "https://x/", text=f"{own} {names}")))
