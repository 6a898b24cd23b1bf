"""What the exchanges of a submission tell of the run that they are said to be of."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.outcome import Outcome
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
    return {"startedDateTime": at, "request": {"method": method, "url": url, "postData": {"text": text}}}


def submission(handing: Handing, *entries: dict[str, Any], content: bytes | None = None, run: str = RUN) -> Path:
    """Of a run for the challenge; at its first test went these exchanges."""
    handing.run({0: Outcome.FAILED}, challenge=CHALLENGE, run=run)
    content = content if content is not None else json.dumps(har(list(entries))).encode()
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
    assert handing.verify(submission(handing, *entries), "--challenge", CHALLENGE) == 0, capsys.readouterr().out


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
