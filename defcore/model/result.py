"""What a run measured, as a document that stands on its own."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.outcome import TestRecord
from defcore.model.plan import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    id: str
    """UUID; its first eight characters stand in the names of resources."""
    started: str
    finished: str | None
    seconds: float
    complete: bool
    """True iff the journal has its footer and every planned test ended."""
    target: str | None
    settings: tuple[Setting, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    run: RunInfo
    guideline: str
    guideline_digest: str
    suite_version: str
    suite_digest: str
    cloud: CloudInfo
    tests: tuple[TestRecord, ...]
    leftovers: tuple[Leftover, ...] = ()
