"""Hostile files in a short form, and that the measurement notices what must not be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from defcore.results.canonical import canonical
from tests.faults.confined import MEMORY, Confined, Said, in_child
from tests.faults.hostile import BESIDE, KINDS, Ground, Input, confine, open_pages, prepare
from tests.faults.hostile_checks import wrong
from tests.faults.hostile_collection import COLLECTION
from tests.faults.hostile_submissions import KINDS as SUBMITTED
from tests.faults.hostile_submissions import STATEMENTS
from tests.faults.hostile_values import CANARY

SHORT = 400
SOAK = Path(__file__).parents[2] / "scripts" / "soak"


@pytest.mark.browser
def test_hostile_files_are_refused_or_shown_inert(tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    command = [sys.executable, SOAK, "--only", "hostile", "--times", f"{SHORT}", "--seed", "20261126", "--rows", rows]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # it forks, which threads do not like
    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads(rows.read_text())
    assert (measured["times"], measured["broken"]) == (SHORT, [])
    figures = dict(measured["figures"])
    assert figures["exit code 2"] < SHORT * 0.8
    assert all(figures[f"exit code {code}"] > 0 for code in (0, 1, 2))
    assert int(figures["reports in the browser"]) > 5


def test_the_collection_is_part_of_the_short_form() -> None:
    assert len(COLLECTION) < SHORT / 2


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_changes_each_kind_of_document(kind: str, tmp_path: Path) -> None:
    made = set()
    for what in range(1, 30):
        prepare(Input(kind, ((what, what * 7, what * 11),), ""), tmp_path)
        made.add((tmp_path / KINDS[kind].path).read_bytes())
    assert len(made) > 10


@pytest.mark.parametrize("kind", SUBMITTED)
def test_an_honest_document_gets_past_the_digests(kind: str, tmp_path: Path) -> None:
    """What is made around a document of a submission is right: so what is refused is refused for the document."""
    one = SUBMITTED[kind]
    ground = Ground(tmp_path)
    honest = BESIDE.get(one.path, b"net-prod-7\n")
    content = canonical(STATEMENTS[one.path]) if kind.startswith("statement") else honest

    def work(tell: Callable[[Any], None]) -> None:
        confined = confine(8 * MEMORY)  # a child of pytest, which may be large by now
        with ground.laid_out() as (given, out):
            for path, beside in {one.path: content, **one.around(content)}.items():
                (given / path).write_bytes(beside)
            for verb in one.verbs[:1]:
                answer = confined.call(ground.arguments(verb, given, out), out)
                tell([answer.code, answer.err.decode() + answer.out.decode()])

    [(code, words)], death = in_child(work)
    assert death is None
    assert code == (2 if kind == "values to redact" else 0), words


def said(**changes: object) -> Said:
    values: dict[str, object] = {"code": 0, "out": b"", "err": b"", "seconds": 0.1, "forbidden": ()}
    return Said(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verb", "answer", "told"),
    [
        ("score x", said(code=70), "exit code 70"),
        ("score x", said(code=-1), "exit code -1"),
        ("score x", said(code=2), "without a reason"),
        ("score x", said(err=b"Traceback (most recent call last)"), "a traceback"),
        ("score x", said(seconds=1000.0), "s of the processor"),
        ("score x", said(forbidden=("open /etc/x",)), "open /etc/x"),
        ("score x", said(out=f"a {CANARY}".encode()), "holds what lies outside"),
        ("score x", said(out=b"\x1b[2J"), "the character"),
        ("score x", said(err="a\u202eb".encode()), "the character"),
        ("score x", said(out=b"\xff"), "not UTF-8"),
        ("score x --format json", said(out=b'{"a": NaN}'), "NaN"),
        ("report x --format md", said(out=b"a <script>"), "markup"),
        ("report x --format md", said(out=b"[a](javascript:b)"), "a link"),
        ("report x --format junit", said(out=b"<a>&b;</a>"), "undefined entity"),
        ("export x --format csv", said(out=b"a, =1+1\n"), "a formula"),
        ("export x --format csv", said(out="\uff1d1+1".encode()), "a formula"),
        ("gate x --format github", said(out=b"::set-output name=a::b"), "a command"),
        ("gate x --format github", said(out=b"fine\n::error title=x::y"), ""),
        ("export x --format csv", said(out=b"-1,-,+5%,a=b\n"), ""),
    ],
)
def test_what_must_not_be_is_noticed(verb: str, answer: Said, told: str) -> None:
    found = list(wrong(verb, answer, {}))
    assert (told in " ".join(found)) if told else found == []


def test_a_call_is_watched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()

    def misbehaves(arguments: list[str]) -> int:
        match arguments[0]:
            case "write":
                (tmp_path / "taken").write_text("x")
            case "start":
                __import__("subprocess").run(["true"], check=True)
            case "connect":
                __import__("socket").create_connection(("127.0.0.1", 9))
            case "memory":
                return len(bytearray(2 << 30))
            case "good":
                (out / "a").write_text("x")
                click.echo("done")
        return 0

    def work(tell: object) -> None:
        confined = Confined(misbehaves)
        for argument in ("write", "start", "connect", "memory", "good"):
            answer = confined.call([argument], out)
            tell([argument, answer.code, list(answer.forbidden), answer.out.decode()])  # type: ignore[operator]

    told, death = in_child(work)
    assert death is None
    by_name = {name: (code, forbidden, printed) for name, code, forbidden, printed in told}
    assert by_name["write"][1] == [f"open {tmp_path / 'taken'}"]
    assert by_name["start"][1][0].startswith("subprocess.Popen")
    assert by_name["connect"][1]
    assert by_name["memory"][0] == -2
    assert by_name["good"] == (0, [], "done\n")


def test_a_child_that_dies_is_told() -> None:
    assert in_child(lambda _: os.kill(os.getpid(), signal.SIGKILL))[1] == "the process ended with -9"


@pytest.mark.browser
def test_a_page_that_acts_is_noticed(tmp_path: Path, chromium: Any) -> None:
    ground = Ground(tmp_path)
    for n, body in enumerate(("<p>fine", "<script>alert(1)</script>", '<img src="http://127.0.0.1:9/x">')):
        (ground.pages / f"{n}.html").write_text(f"<!doctype html><meta charset=utf-8><title>x</title>{body}")
    acted = open_pages(chromium, sorted(ground.pages.iterdir()))
    assert any("1.html: 1" in one for one in acted)
    assert any("2.html asks for http://127.0.0.1:9/x" in one for one in acted)
    assert not any("0.html" in one for one in acted)
