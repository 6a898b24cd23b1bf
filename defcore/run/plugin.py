"""The pytest plugin that runs conformance tests against a cloud. Inert without `--defcore-cloud`.

    pytest --pyargs defcore.suite --defcore-cloud NAME [-n 4] [-k tokens]

Tests run in workers (`defcore.run.conduct`); the journal is written by the one process that hears of all of
them (`defcore.run.scribe`). Both get the same `Orders`, which the controller makes.
"""

from __future__ import annotations

import copy
import json
import os
import platform
import random
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from defcore import __version__
from defcore.errors import DefcoreError
from defcore.model.budget import Budget
from defcore.run import lifeline
from defcore.run.capacity import Room, allowed, room_for
from defcore.run.conduct import STOP, Conduct, Deadlines, mark_args
from defcore.run.contact import open_user
from defcore.run.context import ROLES, SETTINGS, Orders, RunContext
from defcore.run.exchange import Recorder
from defcore.run.facts import gather
from defcore.run.journal import FILE, Header, JournalWriter, read_journal
from defcore.run.ledger import index_folder, index_run, read_ledger, strike_run
from defcore.run.noise import Noise
from defcore.run.preflight import chosen_flavor
from defcore.run.redact_file import read_redact_file
from defcore.run.scribe import Scribe
from defcore.run.settings import choose

MARKS = (
    "uuid(id): the lasting identity of a conformance test",
    "covers(*ids): the official tests that the test answers for",
    "needs(*names): what the test needs beyond one ordinary user",
    "exclusive(*kinds): the test must be alone in the project for these kinds of resource",
    "reference(url): the section of the API reference that makes the promise",
)
LIMIT = 1200.0
"""Seconds that a phase of a test may take, unless told otherwise."""
CONDUCT = "defcore-conduct"
ORDERS = pytest.StashKey[Orders]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("defcore", "conformance of OpenStack clouds")
    group.addoption("--defcore-cloud", metavar="NAME", help="the cloud, as clouds.yaml names it")
    for role in ROLES[1:]:
        group.addoption(f"--defcore-{role}-cloud", metavar="NAME", help=f"the same cloud as {role} user")
    group.addoption("--defcore-set", action="append", default=[], metavar="NAME=VALUE", help="such as image=ID")
    group.addoption("--defcore-plan", metavar="FILE", help="run the tests of this plan.json only, with its settings")
    group.addoption("--defcore-run", metavar="DIR", help="keep journal, evidence and ledger in this run folder")
    group.addoption("--defcore-clouds", metavar="FILE", help="a clouds.yaml to ask for names not found elsewhere")
    group.addoption("--defcore-from", metavar="DIR", help="where clouds.yaml is looked for, and relative paths begin")
    group.addoption("--defcore-shuffle", metavar="SEED", type=int, help="run the tests in the order of this seed")
    group.addoption("--defcore-repeat", metavar="N", type=int, default=1, help="attempts at each test, in N rounds")
    group.addoption("--defcore-room", metavar="N:KIND,...", help="of tests that make these kinds, so many at a time")
    group.addoption("--defcore-resume", action="store_true", help="leave out what the run folder's journal has")
    group.addoption("--defcore-challenge", metavar="NONCE", help="of a board: goes into the names of resources")
    group.addoption(
        "--defcore-redact", metavar="FILE", help="keep the values in this file, one a line, out of everything"
    )
    group.addoption("--defcore-limit", metavar="SECONDS", type=float, default=LIMIT, help="for a phase of a test")


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKS:
        config.addinivalue_line("markers", line)
    if not config.getoption("--defcore-cloud") or config.getoption("collectonly"):
        return
    config.option.showlocals = False
    received = getattr(config, "workerinput", {}).get("defcore")
    started_in = received["started_in"] if received else config.getoption("--defcore-from")
    if started_in:  # only now: what else is there is no business of pytest's
        os.chdir(started_in)
    orders = Orders(**received) if received else _orders(config)
    config.stash[ORDERS] = orders
    if received is None:
        lifeline.hold()
        _register_scribe(config, orders)
    if received or not config.getoption("numprocesses", None):
        conduct = Conduct(orders)
        config.pluginmanager.register(conduct, CONDUCT)
        config.pluginmanager.register(Noise(conduct.context.recorder.secrets, in_worker=received is not None))
        config.pluginmanager.register(Deadlines(orders, conduct.context))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a new worker of xdist."""
    orders = node.config.stash.get(ORDERS, None)
    if orders:
        node.workerinput["defcore"] = orders.document()


@pytest.fixture(scope="session")
def defcore_run(pytestconfig: pytest.Config) -> RunContext:
    """The run: users, settings, ledger."""
    conduct = pytestconfig.pluginmanager.get_plugin(CONDUCT)
    if not isinstance(conduct, Conduct):
        raise pytest.UsageError("name the cloud: --defcore-cloud NAME, as clouds.yaml has it")
    return conduct.context


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    plan = config.getoption("--defcore-plan")
    if plan:
        wanted = set(_planned(plan).values())
        chosen = [item for item in items if set(mark_args(item, "uuid")) & wanted]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen
    rounds = [items, *([again(item) for item in items] for _ in range(config.getoption("--defcore-repeat") - 1))]
    seed = config.getoption("--defcore-shuffle")
    if seed is not None:  # every worker comes to the same order
        order = random.Random(seed)  # noqa: S311
        for one in rounds:
            order.shuffle(one)
    orders = config.stash.get(ORDERS, None)
    items[:] = list(_unfinished((item for one in rounds for item in one), orders.finished if orders else {}))


def _unfinished(items: Iterable[pytest.Item], finished: Mapping[str, int]) -> Iterator[pytest.Item]:
    """Without the first rounds of each test, as many as have been finished before."""
    met: Counter[str] = Counter()
    for item in items:
        met[item.nodeid] += 1
        if met[item.nodeid] > finished.get(item.nodeid, 0):
            yield item


def again(item: pytest.Item) -> pytest.Item:
    """The same test once more, with fixtures of its own."""
    other = copy.copy(item)
    if isinstance(other, pytest.Function):
        other._initrequest()  # as pytest does for an item that it makes
    return other


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """What is no answer of the cloud is shown as an error."""
    details = getattr(report, "defcore", None)
    if details and details["outcome"] == "ERROR" and report.when == "call":
        return "error", "E", "ERROR"
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    """A run that left nothing needs no sweep."""
    orders = config.stash.get(ORDERS, None)
    if orders is None or hasattr(config, "workerinput"):
        return
    ledger = read_ledger(Path(orders.folder))
    if ledger.left or ledger.damage:
        cloud, much = orders.users["primary"], "" if ledger.damage is None else f", or more: {ledger.damage}"
        count = f"{len(ledger.left)}{much}"
        print(f"left in the cloud: {count}; remove with: defcore sweep --cloud {cloud} --run {orders.run}")  # noqa: T201
        return
    strike_run(orders.run)
    if not orders.keeps_evidence:
        shutil.rmtree(orders.folder, ignore_errors=True)


def _plan(path: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        assert isinstance(document["tests"], list)
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise pytest.UsageError(f"--defcore-plan {path}: no plan: {error}") from None
    return dict(document)


def _planned(path: str) -> dict[str, str]:
    """nodeid -> UUID of the tests of a plan."""
    return {test["nodeid"]: test["id"] for test in _plan(path)["tests"]}


def _orders(config: pytest.Config) -> Orders:
    """What this run is to do, from the options and, without a plan, from a look at the cloud."""
    users = {"primary": config.getoption("--defcore-cloud")} | {
        role: name for role in ROLES[1:] if (name := config.getoption(f"--defcore-{role}-cloud"))
    }
    run_folder = config.getoption("--defcore-run")
    folder = Path(run_folder).resolve() if run_folder else None
    run, redact_file = _run_id(folder), config.getoption("--defcore-redact")
    try:
        settings, room = _settings(config, users)
    except DefcoreError as error:
        raise pytest.UsageError(str(error)) from None
    if folder is None:
        folder = index_folder() / run
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STOP).unlink(missing_ok=True)
    if not (index_folder() / f"{run}.json").exists():
        index_run(run, folder, tuple(users.values()))
    return Orders(
        run=run,
        folder=str(folder),
        keeps_evidence=run_folder is not None,
        users=users,
        settings=settings,
        reference_file=config.getoption("--defcore-clouds"),
        limit=config.getoption("--defcore-limit"),
        room=config.getoption("--defcore-room") or (str(room) if room else None),
        finished=dict(read_journal(folder).finished) if config.getoption("--defcore-resume") else {},
        challenge=config.getoption("--defcore-challenge"),
        redact_file=str(Path(redact_file).resolve()) if redact_file else None,
        budget=_budget(config.getoption("--defcore-plan")),
        started_in=config.getoption("--defcore-from"),
    )


def _budget(plan: str | None) -> dict[str, int]:
    """Of the plan; without one, or of an older one, the defaults."""
    found = _plan(plan).get("budget") if plan else None
    return found if isinstance(found, dict) else {}


def _run_id(folder: Path | None) -> str:
    """The id that the runner wrote into the journal, or a new one."""
    if folder and (folder / FILE).exists():
        try:
            return read_journal(folder).header.run
        except DefcoreError as error:
            raise pytest.UsageError(str(error)) from None
    return str(uuid.uuid4())


def _settings(config: pytest.Config, users: Mapping[str, str]) -> tuple[dict[str, str | None], Room | None]:
    """Of the plan; without one, chosen from what the cloud shows, whose quotas are looked at as well."""
    given = dict(pair.partition("=")[::2] for pair in config.getoption("--defcore-set"))
    unknown = sorted(given.keys() - set(SETTINGS))
    if unknown:
        raise pytest.UsageError(f"--defcore-set: no setting {unknown[0]!r}; valid: {', '.join(SETTINGS)}")
    plan = config.getoption("--defcore-plan")
    planned = _plan(plan).get("settings") if plan else None
    if planned:
        return {name: one["value"] for name, one in planned.items()} | given, None
    reference, redact_file = config.getoption("--defcore-clouds"), config.getoption("--defcore-redact")
    recorder = Recorder(*read_redact_file(Path(redact_file) if redact_file else None))
    with recorder.secrets.out_of_errors():
        user = open_user("primary", users["primary"], recorder, reference_file=Path(reference) if reference else None)
        user.open()
        facts = gather(user)
        settings = choose(facts, given)
    workers = config.getoption("numprocesses", None) or 1
    room = room_for((*facts.quotas, *allowed(Budget())), chosen_flavor(facts, settings), int(workers))
    return {one.name: one.value for one in settings}, room


def _register_scribe(config: pytest.Config, orders: Orders) -> None:
    run_folder, plan = config.getoption("--defcore-run"), config.getoption("--defcore-plan")
    if not run_folder:
        return
    folder = Path(orders.folder)
    before: dict[str, int] = {}
    if (folder / FILE).exists():
        for line in read_journal(folder).lines:  # of an attempt whose line cannot be read the number is not used again
            before[line.nodeid] = max(line.attempt.n, before.get(line.nodeid, 0))
        writer = JournalWriter(folder)
    else:
        writer = JournalWriter(folder)
        writer.header(_header(orders))
    scribe = Scribe(writer, _planned(plan) if plan else {}, before, folder=folder)
    config.pluginmanager.register(scribe, "defcore-scribe")


def _header(orders: Orders) -> Header:
    """Of a journal that the runner did not begin."""
    return Header(
        run=orders.run,
        started=datetime.now(UTC).isoformat(),
        plan=None,
        cloud=None,
        users=tuple(orders.users.items()),
        versions=versions(),
        challenge=orders.challenge,
    )


def versions() -> tuple[tuple[str, str], ...]:
    return (("defcore", __version__), ("python", platform.python_version()), ("pytest", pytest.__version__))
