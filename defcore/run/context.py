"""What a run is told (`Orders`) and what it hands to the suite (`RunContext`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from defcore.errors import InputError, Prerequisite
from defcore.model.budget import read_budget
from defcore.model.capability import NEEDS
from defcore.model.outcome import Finding
from defcore.run.allowance import Allowance
from defcore.run.capacity import Room
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.run.exclusive import Gate
from defcore.run.ledger import Ledger
from defcore.run.redact_file import read_redact_file

ROLES = ("primary", "alt", "reader", "admin", "disposable")
SETTINGS = (
    "image",
    "alt_image",
    "flavor",
    "alt_flavor",
    "network",
    "external_network",
    "volume_type",
    "availability_zone",
    "ssh_user",
    "ssh_port",
)
PATIENCE = 120.0
"""Seconds that tests wait for a service that is away."""
MOST_FINDINGS = 200
"""Kept of one test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The same for the controller and every worker."""

    run: str
    """UUID."""
    folder: str
    """Holds the ledger and the locks; the run folder if there is one."""
    keeps_evidence: bool
    users: Mapping[str, str]
    """Role -> name in clouds.yaml."""
    settings: Mapping[str, str | None]
    reference_file: str | None
    limit: float
    """Seconds that a phase of a test may take."""
    room: str | None = None
    """Where the project has little room: a `capacity.Room` as text."""
    finished: Mapping[str, int] = field(default_factory=dict)
    """Node id -> attempts that an earlier part of the run has finished: so many rounds leave the test out."""
    challenge: str | None = None
    """Of a board; it goes into the names of resources."""
    redact_file: str | None = None
    """Holds what is to be kept out of everything; it is read where it is needed, and its values go nowhere."""
    budget: Mapping[str, int] = field(default_factory=dict)
    """A `Budget` as document; empty for the defaults."""
    started_in: str | None = None
    """Folder that relative paths are of: those of the environment, and those in clouds.yaml."""

    def document(self) -> dict[str, Any]:
        """As it travels to a worker."""
        return asdict(self)


class GatedLedger:
    """Writes to the ledger once no other test is alone with the kind, and the budget has room for it."""

    def __init__(self, ledger: Ledger, gate: Gate, allowance: Allowance) -> None:
        self._ledger, self._gate, self._allowance = ledger, gate, allowance

    def intend(
        self, *, kind: str, cloud: str, path: str, name: str | None, id: str | None = None, gigabytes: int = 0
    ) -> str:
        self._gate.share(kind)
        about = {"kind": kind, "cloud": cloud, "path": path, "name": name, "id": id, "gigabytes": gigabytes}

        def write() -> str:
            return self._ledger.intend(**about)  # type: ignore[arg-type]

        return self._allowance.spend(kind, gigabytes, write, there=id is not None)

    def created(self, key: str, *, id: str) -> None:
        self._ledger.created(key, id=id)

    def removed(self, key: str) -> None:
        self._ledger.removed(key)
        self._allowance.returned(key)

    def abandoned(self, key: str) -> None:
        self._ledger.abandoned(key)


class RunContext:
    """The run as one worker has it; `defcore.suite.support.actor.RunContext` as the suite sees it."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.tag = "-".join(filter(None, (orders.run[:8], orders.challenge)))
        self.settings = {name: orders.settings.get(name) for name in SETTINGS}
        self.recorder = Recorder(*read_redact_file(Path(orders.redact_file) if orders.redact_file else None))
        self.gate = Gate(Path(orders.folder) / "locks", Room.parse(orders.room) if orders.room else None)
        self.allowance = Allowance(Path(orders.folder), read_budget(orders.budget))
        self.findings: list[Finding] = []
        self._ledger: GatedLedger | None = None
        self._users: dict[str, CloudUser] = {}

    def begin_test(self) -> None:
        """What the test before could not remove is nobody's any more until the sweep."""
        for key in self.allowance.begin():
            self.ledger.abandoned(key)

    @property
    def ledger(self) -> GatedLedger:
        """Opened when the first test asks for it."""
        if self._ledger is None:
            self._ledger = GatedLedger(Ledger(Path(self.orders.folder), run=self.orders.run), self.gate, self.allowance)
        return self._ledger

    def actor(self, role: str) -> CloudUser:
        """The logged-in user. Raises Prerequisite if none was named for the role."""
        name = self.orders.users.get(role)
        if not name:
            raise Prerequisite(f"needs {NEEDS[role]}")
        if role == "disposable":
            return self._disposable(name)
        if role not in self._users:
            self._users[role] = self._open(role, name)
        return self._users[role]

    def _open(self, role: str, name: str) -> CloudUser:
        reference = self.orders.reference_file
        user = open_user(role, name, self.recorder, reference_file=Path(reference) if reference else None)
        user.http.patience = PATIENCE
        user.open()
        return user

    def _disposable(self, name: str) -> CloudUser:
        """Logged in anew for each test: the one before may have revoked its tokens, or locked it out."""
        try:
            return self._open("disposable", name)
        except InputError as error:
            raise Prerequisite(f"the disposable user cannot log in any more: {error}") from None

    def log_in(self, role: str, *, user_id: str, password: str, project_id: str) -> CloudUser:
        """A user that a test made, at the primary user's cloud. Raises InputError if it is refused."""
        self.recorder.secrets.add(password)
        user = self.actor("primary").other(role, user_id=user_id, password=password, project_id=project_id)
        user.open()
        return user

    def keep_secret(self, value: str) -> None:
        """Let the value show nowhere: not in evidence, not in the journal, not in pytest's output."""
        self.recorder.secrets.add(value)

    def note(self, finding: Finding) -> None:
        """Take a finding down, once."""
        if finding not in self.findings and len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def take_findings(self) -> tuple[Finding, ...]:
        """What was noted since the last call."""
        taken, self.findings = tuple(self.findings), []
        return taken
