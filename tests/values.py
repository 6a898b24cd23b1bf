"""Guidelines and results in a short notation, for tests of what is made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from defcore.model.guideline import (
    Component,
    Flag,
    Guideline,
    GuidelineCapability,
    OfficialTest,
    Platform,
    Status,
)
from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord, settled
from defcore.model.plan import Setting
from defcore.model.result import CloudInfo, Leftover, Result, RunInfo

FLAG = Flag(code="D401", date="2017-09-20", reason="the test has a bug")
DATE = "2026-01-31"


def guideline(
    components: Mapping[str, Mapping[str, str]],
    capabilities: Mapping[str, Sequence[str]],
    platforms: Mapping[str, Sequence[str]] | None = None,
) -> Guideline:
    """Components as {name: {capability: status}}; tests by id, a leading `~` flags one."""
    return Guideline(
        id="2020.06",
        status="approved",
        source="",
        releases=(),
        replaces=None,
        approval=None,
        cutoff=74,
        criteria=(),
        platforms=tuple(
            Platform(name=f"OpenStack Powered {name.title()}", target=name, description="", components=tuple(own))
            for name, own in (platforms or {"platform": list(components)}).items()
        ),
        components=tuple(
            Component(
                name=name,
                capabilities=tuple((capability, Status(status)) for capability, status in own.items()),
            )
            for name, own in components.items()
        ),
        capabilities=tuple(
            GuidelineCapability(
                id=name,
                description=f"What {name} is",
                project="nova",
                admin=False,
                required_since=None,
                achievements=(),
                tests=tuple(official(test) for test in tests),
            )
            for name, tests in capabilities.items()
        ),
        digest="sha256:" + "a" * 64,
    )


def official(notation: str) -> OfficialTest:
    name = notation.removeprefix("~")
    return OfficialTest(id=name, name=f"tempest.{name}", flag=FLAG if notation.startswith("~") else None)


def record(test: str, outcome: Outcome | Cause, *covers: str, **more: object) -> TestRecord:
    """A record of the test; a cause stands for SKIPPED with that cause."""
    skipped = isinstance(outcome, Cause)
    own = Outcome.SKIPPED if skipped else outcome
    values: dict[str, object] = {
        "id": test,
        "nodeid": f"compute/test_servers.py::test_{test}",
        "name": f"test_{test}",
        "promise": f"The promise of {test}.",
        "reference": "https://docs.openstack.org/api-ref/compute/#servers-servers",
        "capability": "compute-servers",
        "covers": covers or (test,),
        "outcome": own,
        "cause": outcome if skipped else None,
        "reason": None if own is Outcome.PASSED else f"why {test}",
        "attempts": ()
        if own is Outcome.NOT_RUN
        else (Attempt(n=1, outcome=own, started="2026-01-31T12:00:00Z", seconds=0.5),),
    }
    return TestRecord(**(values | more))  # type: ignore[arg-type]


def tried(test: str, outcomes: Sequence[Outcome | Cause], *covers: str, **more: object) -> TestRecord:
    """A record of a test that was tried once for each of the outcomes."""
    each = [record(test, outcome) for outcome in outcomes]
    attempts = tuple(
        Attempt(n=n, outcome=one.outcome, cause=one.cause, started="2026-01-31T12:00:00Z", seconds=0.5)
        for n, one in enumerate(each, start=1)
        if one.outcome is not Outcome.NOT_RUN
    )
    own = settled(one.outcome for one in each)
    first = next(one for one in each if one.outcome is own)
    return record(test, first.cause or own, *covers, **{"attempts": attempts} | more)


def result(*records: TestRecord, complete: bool = True, target: str | None = "platform") -> Result:
    return Result(
        run=RunInfo(
            id="0f4f2f8e-1111-4222-8333-944444444444",
            started="2026-01-31T12:00:00Z",
            finished="2026-01-31T12:10:00Z" if complete else None,
            seconds=600.0,
            complete=complete,
            target=target,
            settings=(Setting(name="image", value="cirros", reason="the smallest active one"),),
        ),
        guideline="2020.06",
        guideline_digest="sha256:" + "a" * 64,
        suite_version="0.1.0",
        suite_digest="sha256:" + "b" * 64,
        cloud=CloudInfo(
            name="defcore-ref",
            cpid="c" * 32,
            region="RegionOne",
            endpoints=(("compute", "http://127.0.0.1:8774/v2.1"),),
            microversions=(("compute", "2.1", "2.100"),),
        ),
        tests=records,
        leftovers=(Leftover(kind="server", id="s-1", name="defcore-0f4f2f8e-x", cloud="defcore-ref", reason="409"),),
    )
