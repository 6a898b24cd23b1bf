"""What a run measured, as a document that stands on its own."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.outcome import Outcome, TestRecord
from defcore.model.plan import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    id: str
    """UUID; its first eight characters stand in the names of resources."""
    started: str
    """ISO 8601, UTC; empty where another program's result does not say."""
    finished: str | None
    seconds: float
    complete: bool
    """True iff the journal has its footer and every planned test ended."""
    target: str | None
    settings: tuple[Setting, ...]
    challenge: str | None = None
    """What a board gave, to see that the run was made after it was asked for; it stands in the names of resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudInfo:
    name: str
    """Name in clouds.yaml."""
    cpid: str
    """Id of the identity service in the catalog, else md5 hex of the auth URL's host name (RefStack)."""
    region: str | None
    endpoints: tuple[tuple[str, str], ...]
    """(service type, address)."""
    microversions: tuple[tuple[str, str, str], ...]
    """(service type, minimum, maximum)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A resource that the run made and could not remove."""

    kind: str
    id: str | None
    name: str | None
    cloud: str
    reason: str


OWN = "defcore"
MERGED = "merged"
FORMATS = (OWN, "refstack", "subunit", "junit", "scs")
"""Of files that results are read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginFile:
    """A file that a result was read from."""

    name: str
    format: str
    """One of FORMATS."""
    digest: str
    """`sha256:<hex>` of its bytes; of a run of ours, of its result document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFixture:
    """A set-up or clean-up of a whole test class that did not pass, so that its tests may be missing."""

    class_name: str
    """Dotted name of the class, or of the module; its tests' names begin with it and a dot."""
    reason: str
    outcome: Outcome = Outcome.ERROR
    """ERROR, or SKIPPED where the class was left out for want of a prerequisite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A test on which files disagree."""

    test: str
    """Id of the record."""
    outcomes: tuple[Outcome, ...]
    """One for each of `files`: the worst that it says."""
    files: tuple[str, ...]
    taken: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a result comes from. The default stands for a run of ours."""

    format: str = OWN
    """One of FORMATS; MERGED where files of several formats came together."""
    passes_only: bool = False
    """The source names passed tests alone: what is absent may have failed, been skipped, or never run."""
    files: tuple[OriginFile, ...] = ()
    broken_fixtures: tuple[BrokenFixture, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    remarks: tuple[str, ...] = ()
    """What a reader of the verdict should know; none of it decides."""

    @property
    def foreign(self) -> bool:
        """Another program made at least a part of it."""
        return self.format != OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    run: RunInfo
    guideline: str
    """Empty, as its digest, where no guideline is on record: another program's result."""
    guideline_digest: str
    suite_version: str
    """Empty, as its digest, for another program's result."""
    suite_digest: str
    cloud: CloudInfo
    tests: tuple[TestRecord, ...]
    leftovers: tuple[Leftover, ...] = ()
    origin: Origin = Origin()
