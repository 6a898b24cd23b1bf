"""What changed from one guideline to another, as a list of values.

A test is the same if its id is, whatever it is called. One that has no id on one side is found by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from defcore.model.guideline import Flag, Guideline, OfficialTest

DIFF_SCHEMA = "defcore/guideline-diff/1"
AREAS = ("head", "release", "criterion", "platform", "component", "capability", "test", "alias", "flag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    area: str
    """One of AREAS. `component` is about the status of a capability in it."""
    action: str
    """added, removed, changed, moved (of a test, to another capability) or renamed (of a test)."""
    name: str
    within: str | None = None
    """The component of a capability, the capability of a test, the test of an alias or flag."""
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineDiff:
    before: Guideline
    after: Guideline
    changes: tuple[Change, ...]


def diff(before: Guideline, after: Guideline) -> GuidelineDiff:
    """Every difference of facts, in the order of AREAS; words such as descriptions and reasons do not count."""
    changes = (
        *_values("head", _head(before), _head(after)),
        *_sets("release", before.releases, after.releases),
        *_values("criterion", _weights(before), _weights(after)),
        *_values("platform", _platforms(before), _platforms(after)),
        *_standing(before, after),
        *_sets("capability", (one.id for one in before.capabilities), (one.id for one in after.capabilities)),
        *_capabilities(before, after),
        *_tests(before, after),
    )
    return GuidelineDiff(
        before=before, after=after, changes=tuple(sorted(changes, key=lambda one: AREAS.index(one.area)))
    )


def _values(area: str, old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterator[Change]:
    """Added, removed or changed entries of a mapping; None stands for what is not there."""
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was != now:
            action = "added" if was is None else "removed" if now is None else "changed"
            yield Change(area=area, action=action, name=name, before=was, after=now)


def _sets(area: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    yield from (Change(area=area, action="added", name=name) for name in after if name not in before)
    yield from (Change(area=area, action="removed", name=name) for name in before if name not in after)


def _head(guideline: Guideline) -> dict[str, str | None]:
    return {
        "kind": guideline.kind.value,
        "status": guideline.status,
        "replaces": guideline.replaces,
        "approval": guideline.approval,
        "cutoff": None if guideline.cutoff is None else str(guideline.cutoff),
    }


def _weights(guideline: Guideline) -> dict[str, str | None]:
    return {one.id: str(one.weight) for one in guideline.criteria}


def _platforms(guideline: Guideline) -> dict[str, str | None]:
    return {
        one.target: ", ".join((*one.components, *(other.component for other in one.elsewhere)))
        for one in guideline.platforms
    }


def _standing(before: Guideline, after: Guideline) -> Iterator[Change]:
    """Capabilities by component. One that only got another name is told by the target that it makes up alone."""
    old, new = _components(before), _components(after)
    for key in dict.fromkeys((*old, *new)):
        name, was = old.get(key, ("", {}))
        name, now = new.get(key, (name, {}))
        for one in _values("component", was, now):
            yield Change(
                area="component", action=one.action, name=one.name, within=name, before=one.before, after=one.after
            )


def _components(guideline: Guideline) -> dict[str, tuple[str, dict[str, str]]]:
    """Target or name -> name, and statuses of its capabilities."""
    targets = {one.components[0]: one.target for one in guideline.platforms if len(one.components) == 1}
    return {
        targets.get(one.name, one.name): (one.name, {name: status.value for name, status in one.capabilities})
        for one in guideline.components
    }


def _capabilities(before: Guideline, after: Guideline) -> Iterator[Change]:
    """What is said of the capabilities that both define, beside their tests."""
    for new in after.capabilities:
        old = before.capability(new.id)
        if old is None:
            continue
        facts = (
            ("project", old.project, new.project),
            ("admin", str(old.admin).lower(), str(new.admin).lower()),
            ("required_since", old.required_since, new.required_since),
            ("achievements", ", ".join(sorted(old.achievements)), ", ".join(sorted(new.achievements))),
        )
        for name, was, now in facts:
            if was != now:
                yield Change(area="capability", action="changed", name=name, within=new.id, before=was, after=now)


@dataclass(slots=True)
class _Known:
    """A test of one side, wherever it stands."""

    capabilities: dict[str, None]
    names: dict[str, None]
    aliases: dict[str, None]
    flag: Flag | None


def _tests(before: Guideline, after: Guideline) -> Iterator[Change]:
    old, new = _known(before, _ids(after)), _known(after, _ids(before))
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            one, action = (now, "added") if now else (was, "removed")
            if one:
                yield Change(area="test", action=action, name=", ".join(one.names), within=", ".join(one.capabilities))
            continue
        yield from _one_test(was, now)


def _one_test(was: _Known, now: _Known) -> Iterator[Change]:
    name, home = ", ".join(now.names), ", ".join(now.capabilities)
    gone, come = _less(was.capabilities, now.capabilities), _less(now.capabilities, was.capabilities)
    if gone and come:
        yield Change(area="test", action="moved", name=name, before=", ".join(gone), after=", ".join(come))
    else:
        yield from (Change(area="test", action="added", name=name, within=one) for one in come)
        yield from (Change(area="test", action="removed", name=name, within=one) for one in gone)
    if set(was.names) != set(now.names):
        yield Change(area="test", action="renamed", name=name, within=home, before=", ".join(was.names), after=name)
    aliases = _sets("alias", was.aliases, now.aliases)
    yield from (Change(area="alias", action=one.action, name=one.name, within=name) for one in aliases)
    if _told(was.flag) != _told(now.flag):
        action = "added" if was.flag is None else "removed" if now.flag is None else "changed"
        yield Change(area="flag", action=action, name=name, within=home, before=_told(was.flag), after=_told(now.flag))


def _less(one: Mapping[str, None], other: Mapping[str, None]) -> list[str]:
    return [name for name in one if name not in other]


def _told(flag: Flag | None) -> str | None:
    return f"{flag.code or 'no code'}, {flag.date or 'no date'}" if flag else None


def _ids(guideline: Guideline) -> dict[str, str]:
    """Name -> id, to find the tests that have none on the other side."""
    named = ((test.name, test.id) for one in guideline.capabilities for test in one.tests if test.id)
    return dict(named)


def _known(guideline: Guideline, ids: Mapping[str, str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for capability in guideline.capabilities:
        for test in capability.tests:
            one = found.setdefault(_key(test, ids), _Known({}, {}, {}, None))
            one.capabilities[capability.id] = None
            one.names[test.name] = None
            one.aliases |= dict.fromkeys(test.aliases)
            one.flag = one.flag or test.flag
    return found


def _key(test: OfficialTest, ids: Mapping[str, str]) -> str:
    return test.id or ids.get(test.name, test.name)


def counts(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """Area -> action -> how many."""
    number: Counter[tuple[Hashable, ...]] = Counter((one.area, one.action) for one in changes)
    found: dict[str, dict[str, int]] = {}
    for (area, action), count in number.items():
        found.setdefault(str(area), {})[str(action)] = count
    return found


def diff_document(made: GuidelineDiff) -> dict[str, Any]:
    """The document `defcore/guideline-diff/1`."""
    return {
        "schema": DIFF_SCHEMA,
        "before": {"id": made.before.id, "digest": made.before.digest},
        "after": {"id": made.after.id, "digest": made.after.digest},
        "counts": counts(made.changes),
        "changes": [
            {
                "area": one.area,
                "action": one.action,
                "name": one.name,
                "within": one.within,
                "before": one.before,
                "after": one.after,
            }
            for one in made.changes
        ],
    }
