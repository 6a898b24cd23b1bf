"""Hostile files: valid documents of every kind that is read from strangers, changed to do harm, and a collection.

Each is given to a verb, within a child that has a gigabyte of memory, and is watched. Nothing may come out but an exit
code from 0 to 3 with a reason, and formats that are inert; nothing may be written or read elsewhere. Reports that hold
what hostile files said are opened in a browser, where no script may run and no request go out.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.conftest import BROWSER_ARGUMENTS, CHROMIUM
from tests.faults.confined import MEMORY, Confined, in_child
from tests.faults.hostile_checks import wrong
from tests.faults.hostile_collection import COLLECTION, HTML, Attack, placed
from tests.faults.hostile_documents import BESIDE as DOCUMENTS
from tests.faults.hostile_documents import CATALOG, GUIDELINE_DOCUMENT, HAR, OFTEN, RESULT, WAIVERS
from tests.faults.hostile_documents import KINDS as OF_DOCUMENTS
from tests.faults.hostile_edits import with_text_everywhere
from tests.faults.hostile_submissions import BESIDE as SUBMISSIONS
from tests.faults.hostile_submissions import KINDS as OF_SUBMISSIONS
from tests.faults.hostile_values import CANARY
from tests.faults.measured import Measured, Say
from tests.report.hostile import BIDI, SCRIPT, TERMINAL, har

KINDS = {**OF_DOCUMENTS, **OF_SUBMISSIONS}
BESIDE = {**DOCUMENTS, **SUBMISSIONS}
HOLDS = "refused with the reason, or shown inert: no traceback, nothing outside, no script, under 1 GB"
BATCH = 500
"""Inputs of one child."""
LONG = 2_000
"""Inputs from which on every text of the documents is tried."""
WITHOUT_CATALOG = ("pack", "disclose", "check")
MARKED = f"{SCRIPT}{TERMINAL}{BIDI}"
PAGES = 400
"""Reports that are opened in the browser, at most."""


@dataclass(frozen=True, slots=True)
class Input:
    kind: str
    edits: tuple[tuple[int, int, int], ...]
    verb: str

    def __str__(self) -> str:
        return f"{self.kind} {list(self.edits)} {self.verb!r}"


EDIT = st.tuples(st.integers(0, 1_000), st.integers(0, 10_000), st.integers(0, 10_000))


@st.composite
def inputs(draw: st.DrawFn) -> Input:
    kind = draw(st.sampled_from([*sorted(KINDS), *OFTEN]))
    edits = draw(st.lists(EDIT, min_size=1, max_size=4))
    return Input(kind, tuple(edits), draw(st.sampled_from(KINDS[kind].verbs)))


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """`times` inputs: the collection once, the rest from the fuzzer. No cloud is needed; `clouds` is not used."""
    codes: Counter[str] = Counter()
    broken: list[str] = []
    done, slowest = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="defcore-hostile-") as folder:
        ground = Ground(Path(folder))
        rounds = _rounds(ground, times, seed)
        for count, work in rounds:
            known = len(broken)
            told, death = in_child(work)
            for one in told:
                if "started" in one:
                    continue
                codes[str(one["code"])] += 1
                slowest = max(slowest, one["seconds"])
                broken += one["wrong"]
            done += count
            if death:
                last = next((one["started"] for one in reversed(told) if "started" in one), "nothing")
                broken.append(f"{death} after {last}")
            for one in broken[known:]:
                say(one[:2_000])
            say(f"hostile: {done} of {times} inputs, {len(broken)} did not hold")
        opened, acted = _opened(sorted(ground.pages.iterdir())[:PAGES])
        broken += acted
    figures = [(f"exit code {code}", count) for code, count in sorted(codes.items())]
    figures += [("slowest, s of the processor", round(slowest, 1)), ("reports in the browser", opened)]
    return Measured(
        fault="hostile",
        times=sum(codes.values()),
        unit="inputs",
        holds=HOLDS,
        figures=tuple(figures),
        broken=tuple(dict.fromkeys(broken)),
    )


Work = Callable[[Callable[[Any], None]], None]


def _rounds(ground: Ground, times: int, first: int) -> Iterator[tuple[int, Work]]:
    """How many inputs, and what a child does with them."""
    attacks = dict(list((COLLECTION | everywhere() if times >= LONG else COLLECTION).items())[:times])
    own = len(attacks)
    yield own, lambda tell: _collected(ground, attacks, tell)
    for batch, start in enumerate(range(own, times, BATCH)):
        count = min(BATCH, times - start)
        yield count, lambda tell, count=count, batch=batch: _fuzzed(ground, count, first * 1_000_000 + batch, tell)


@dataclass(slots=True)
class Ground:
    """The folders on disk: the stranger's, one for output, good ones to hold it against, and what lies outside."""

    root: Path
    good: Path = field(init=False)
    pages: Path = field(init=False)

    def __post_init__(self) -> None:
        self.good = self.root / "good" / "result.json"
        self.pages = self.root / "pages"
        self.pages.mkdir()
        _put(self.good, json.dumps(RESULT).encode())
        for name, text in CATALOG.items():
            _put(self.root / "catalog" / name, text.encode())
        for name in ("canary.har", "work/canary.har"):
            _put(self.root / name, json.dumps(har(CANARY)).encode())

    @contextmanager
    def laid_out(self) -> Iterator[tuple[Path, Path]]:
        """The stranger's folder with all that is good in it, and a folder for output."""
        work = self.root / "work"
        given_, out = work / "in", work / "out"
        for name, content in BESIDE.items():
            _put(given_ / name, content)
        out.mkdir()
        try:
            yield given_, out
        finally:
            shutil.rmtree(given_)
            shutil.rmtree(out)

    def arguments(self, verb: str, given_: Path, out: Path) -> list[str]:
        places = {"{in}": str(given_), "{out}": str(out), "{good}": str(self.good)}
        words = verb.split()
        for mark, place in places.items():
            words = [word.replace(mark, place) for word in words]
        return (
            words
            if "--catalog" in words or words[0] in WITHOUT_CATALOG
            else [*words, "--catalog", str(self.root / "catalog")]
        )


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def confine(memory: int = MEMORY) -> Confined:
    """The command line, with everything imported; the suite that a catalog goes with is the catalog's own small one."""
    from defcore import cli
    from defcore.catalog import folders

    def named(root: Path, origin: str) -> folders.Data:
        data = named_before(root, origin)
        return folders.Data(root=data.root, suite=data.root / "suite")

    named_before = folders._named
    folders._named = named
    for verb in cli.VERBS:
        __import__(f"defcore.cli.{verb}")
    return Confined(cli.call, memory)


def _run(confined: Confined, ground: Ground, verb: str, prepare: Callable[[Path], None], name: str) -> dict[str, Any]:
    with ground.laid_out() as (given_, out):
        prepare(given_)
        said = confined.call(ground.arguments(verb, given_, out), out)
        files = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
        found = [f"{name}: {one}" for one in wrong(verb, said, files)]
        html = files.get("report.html") or (said.out if "--format html" in verb else b"")
        if html:
            (ground.pages / f"{len(list(ground.pages.iterdir())):05}.html").write_bytes(html)
    return {"code": said.code, "seconds": said.seconds, "wrong": found}


def everywhere() -> dict[str, Attack]:
    """A report for each text of a result, its evidence, a guideline and waivers: markup and controls stand there."""
    attacks = {}
    for kind, document, verb in (
        ("result", RESULT, HTML),
        ("evidence", HAR, HTML),
        (
            "guideline",
            GUIDELINE_DOCUMENT,
            HTML.replace("{in}/run", "{good} --guideline {in}/mine.yaml"),
        ),
        ("waivers", WAIVERS, HTML.replace("{in}/run", "{good} --waivers {in}/waivers.yaml")),
    ):
        for n, content in enumerate(with_text_everywhere(document, MARKED)):
            attacks[f"{kind}, text {n}"] = Attack(verb, placed(KINDS[kind].path, content))
    return attacks


def _collected(ground: Ground, attacks: Mapping[str, Attack], tell: Callable[[Any], None]) -> None:
    confined = confine()
    for name, one in attacks.items():
        tell({"started": name})
        tell(_run(confined, ground, one.verb, one.prepare, name))


def _fuzzed(ground: Ground, count: int, number: int, tell: Callable[[Any], None]) -> None:
    confined = confine()
    done = 0

    def one(example: Input) -> None:
        nonlocal done
        if done < count:
            done += 1
            tell({"started": str(example)})
            tell(_run(confined, ground, example.verb, lambda folder: prepare(example, folder), str(example)))

    for again in range(10):
        if done < count:
            fuzz = settings(
                max_examples=count - done,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )(given(inputs())(one))
            seed(number * 10 + again)(fuzz)()


def prepare(example: Input, folder: Path) -> None:
    """Put the input into the stranger's folder."""
    kind = KINDS[example.kind]
    content = kind.make(list(example.edits))
    for path, beside in {kind.path: content, **kind.around(content)}.items():
        _put(folder / path, beside)


def _opened(pages: list[Path]) -> tuple[int, list[str]]:
    """How many of the pages were opened in a browser, and what they did that they must not."""
    if CHROMIUM is None or not pages:
        return 0, ["no Chromium on PATH: no report was opened"] if pages else []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(BROWSER_ARGUMENTS))
        acted = open_pages(browser, pages)
        browser.close()
    return len(pages), acted


def open_pages(browser: Any, pages: list[Path]) -> list[str]:
    """What the pages did that they must not: dialogs, requests, errors, words on the console."""
    acted: list[str] = []
    address = ""
    page = browser.new_page()
    page.on("dialog", lambda dialog: (acted.append(f"{address}: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: request.url == address or acted.append(f"{address} asks for {request.url}"))
    page.on("pageerror", lambda error: acted.append(f"{address}: {error}"))
    page.on("console", lambda message: acted.append(f"{address}: {message.text}"))
    for path in pages:
        address = path.as_uri()
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(20)
    page.close()
    return acted
