"""The pytest plugin that runs conformance tests against a cloud. Inert without `--defcore-cloud`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from defcore.errors import Absent, Prerequisite
from defcore.model.outcome import Finding
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder

ROLES = ("primary", "alt", "reader", "admin")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("defcore", "conformance of OpenStack clouds")
    group.addoption("--defcore-cloud", metavar="NAME", help="the cloud, as clouds.yaml names it")
    for role in ROLES[1:]:
        group.addoption(f"--defcore-{role}-cloud", metavar="NAME", help=f"the same cloud as {role} user")
    group.addoption("--defcore-set", action="append", default=[], metavar="NAME=VALUE", help="such as image=ID")


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "uuid(id): the lasting identity of a conformance test",
        "covers(*ids): the official tests that the test answers for",
        "needs(*names): what the test needs beyond one ordinary user",
        "exclusive(*kinds): the test must be alone in the project for these kinds of resource",
        "reference(url): the section of the API reference that makes the promise",
    ):
        config.addinivalue_line("markers", line)


class MemoryLedger:
    """Stands in until the run keeps a ledger on disk."""

    def intend(self, *, kind: str, cloud: str, path: str, name: str | None, id: str | None = None) -> str:  # noqa: ARG002
        return uuid.uuid4().hex

    def created(self, key: str, *, id: str) -> None: ...

    def removed(self, key: str) -> None: ...


class RunContext:
    """What the run hands to the suite."""

    def __init__(self, config: pytest.Config) -> None:
        self.run8 = uuid.uuid4().hex[:8]
        self.recorder = Recorder()
        self.ledger = MemoryLedger()
        self.findings: list[Finding] = []
        self._clouds = {"primary": config.getoption("--defcore-cloud")} | {
            role: config.getoption(f"--defcore-{role}-cloud") for role in ROLES[1:]
        }
        self._users: dict[str, CloudUser] = {}
        self.settings: dict[str, str | None] = dict.fromkeys(
            (
                "image",
                "alt_image",
                "flavor",
                "alt_flavor",
                "network",
                "external_network",
                "volume_type",
                "availability_zone",
                "ssh_user",
            )
        )
        self.settings |= dict(pair.split("=", 1) for pair in config.getoption("--defcore-set"))
        self._choose()

    def actor(self, role: str) -> CloudUser:
        name = self._clouds[role]
        if not name:
            raise Prerequisite(f"no {role} user (--{role}-cloud NAME)")
        if role not in self._users:
            user = open_user(role, name, self.recorder, reference_file=None)
            user.open()
            self._users[role] = user
        return self._users[role]

    def note(self, finding: Finding) -> None:
        self.findings.append(finding)

    def _choose(self) -> None:
        session = self.actor("primary").session

        def ask(service: str, path: str, key: str) -> list[Any]:
            try:
                return list(session.get(path, endpoint_filter={"service_type": service}).json()[key])
            except Exception:
                return []

        images = [one["id"] for one in ask("image", "/v2/images?status=active&sort=created_at:asc", "images")]
        flavors = [
            one["id"]
            for one in sorted(ask("compute", "/flavors/detail", "flavors"), key=lambda f: (f["ram"], f["disk"]))
        ]
        networks = ask("network", "/v2.0/networks", "networks")
        external = [one["id"] for one in networks if one.get("router:external")]
        own = [
            one["id"]
            for one in networks
            if not one.get("router:external") and one["subnets"] and "defcore" not in one["name"].split("-ref")[0]
        ]
        for name, found in (
            ("image", images[:1]),
            ("alt_image", images[1:2]),
            ("flavor", flavors[:1]),
            ("alt_flavor", flavors[1:2]),
            ("network", own[:1]),
            ("external_network", external[:1]),
        ):
            self.settings[name] = self.settings[name] or (found[0] if found else None)


@pytest.fixture(scope="session")
def defcore_run(pytestconfig: pytest.Config) -> RunContext:
    """The run: users, settings, ledger."""
    return RunContext(pytestconfig)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[Any]:
    outcome: Any = yield
    report = outcome.get_result()
    if call.excinfo and isinstance(call.excinfo.value, (Absent, Prerequisite)):
        report.outcome = "skipped"
        cause = "absent" if isinstance(call.excinfo.value, Absent) else "prerequisite"
        report.longrepr = (str(Path(str(item.fspath))), 0, f"{cause}: {call.excinfo.value}")
