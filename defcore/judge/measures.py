"""What many results and the guidelines before show of the capabilities of a guideline.

Three of the criteria can be measured so. *Deployed*: of the distinct products whose newest result decides about
the capability, the share that supports it. *Stable*: over how many guidelines in a row its tests stood
unchanged. *Discover*: in how many products' catalogs its service stands, which says nothing of the capability
itself. *Sticky* is a fact of the guideline. The others are judgements that no result holds, and are marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from defcore.model.criteria import OFFICIAL_ORDER, Measure, MeasuredCapability
from defcore.model.guideline import Guideline, GuidelineCapability, Status
from defcore.model.outcomes_table import ABSENT, ERROR, FAILED, FLAKY, NOT_RUN, PASSED, Block, OutcomesTable, ResultRow

SERVICES = {
    "keystone": ("identity", "identityv3"),
    "nova": ("compute",),
    "neutron": ("network",),
    "glance": ("image",),
    "cinder": ("block-storage", "volumev3", "volumev2", "volume"),
    "swift": ("object-store",),
    "designate": ("dns",),
    "heat": ("orchestration",),
}
"""Project -> service types under which catalogs name it."""
DRAFTS = ("draft", "review")
"""Where steps are proposed for the guideline itself, not for the one after it."""
NOT_MEASURABLE = "no result and no guideline holds it; a judgement"


def _table(*codes: int) -> bytes:
    """For bytes.translate: 1 for these outcomes, flaky or not, else 0."""
    return bytes(int((byte & ~FLAKY) in codes) for byte in range(256))


IS_PASSED, IS_FAILED, IS_ABSENT, IS_OPEN = _table(PASSED), _table(FAILED), _table(ABSENT), _table(ERROR, NOT_RUN)


def measure(table: OutcomesTable, guideline: Guideline, history: Sequence[Guideline]) -> tuple[MeasuredCapability, ...]:
    """Each capability of the guideline. `history`: the guideline and those before it, newest first."""
    supports = _supports(table, guideline)
    newest = _newest(table)
    previous = history[1] if len(history) > 1 else None
    base = previous if guideline.status in DRAFTS else guideline
    return tuple(
        MeasuredCapability(
            capability=one.id,
            status=_status(guideline, one.id),
            before=_status(base, one.id) if base else None,
            products=len(supports[one.id]),
            supporting=sum(supports[one.id].values()),
            measures=tuple(_measures(one, supports[one.id], newest, history, previous)),
        )
        for one in guideline.capabilities
    )


def _status(guideline: Guideline, capability: str) -> Status | None:
    """The strongest that any component gives it."""
    found = {status for _, status in guideline.asked_by(capability)}
    return next((status for status in Status if status in found), None)


def _newest(table: OutcomesTable) -> dict[str, ResultRow]:
    """The newest result of each product."""
    return {row.product: row for row in sorted(table.rows, key=_age)}


def _age(row: ResultRow) -> tuple[str, str]:
    return row.started, row.run


def _supports(table: OutcomesTable, guideline: Guideline) -> dict[str, dict[str, bool]]:
    """capability -> product -> whether its newest result that decides supports it.

    A result supports a capability if all its official tests that are not flagged passed, and does not if one
    FAILED or the feature is absent; else it decides nothing. An official test takes the worst outcome of the
    tests that answer for it.
    """
    newest: dict[str, dict[str, tuple[tuple[str, str], bool]]] = {one.id: {} for one in guideline.capabilities}
    wanted = {one.id: _must_pass(one) for one in guideline.capabilities}
    for block in table.blocks:
        officials = _officials(block, table)
        rows = sorted(enumerate(block.rows), key=lambda item: _age(item[1]))
        for capability, ids in wanted.items():
            if not any(id in officials for id in ids):
                continue
            passed, broken = _decided([officials.get(id) for id in ids], len(block.rows))
            own = newest[capability]
            for n, row in rows:
                if not (passed[n] or broken[n]):
                    continue
                age = _age(row)
                if row.product not in own or own[row.product][0] <= age:
                    own[row.product] = age, bool(passed[n])
    return {name: {product: yes for product, (_, yes) in own.items()} for name, own in newest.items()}


def _must_pass(capability: GuidelineCapability) -> tuple[str, ...]:
    return tuple(dict.fromkeys(test.id for test in capability.tests if test.id and not test.flag))


Mask = int
"""A byte a row, 0 or 1, so that rows are combined by & and |."""


def _officials(block: Block, table: OutcomesTable) -> dict[str, tuple[Mask, Mask]]:
    """Official id -> (rows in which it passed, rows in which it is broken)."""
    covering: dict[str, list[bytes]] = {}
    for test, column in block.columns():
        for official in dict.fromkeys(table.tests[test].covers):
            covering.setdefault(official, []).append(column)
    return {official: _fold(columns) for official, columns in covering.items()}


def _fold(columns: Iterable[bytes]) -> tuple[Mask, Mask]:
    passed, failed, absent, unknown = -1, 0, 0, 0
    for column in columns:
        passed &= _mask(column, IS_PASSED)
        failed |= _mask(column, IS_FAILED)
        absent |= _mask(column, IS_ABSENT)
        unknown |= _mask(column, IS_OPEN)
    return passed, failed | (absent & ~unknown)


def _mask(column: bytes, table: bytes) -> Mask:
    return int.from_bytes(column.translate(table), "big")


def _decided(officials: Iterable[tuple[Mask, Mask] | None], rows: int) -> tuple[bytes, bytes]:
    """(rows that support, rows that do not) as bytes of 0 and 1; an id that no test answers for was not run."""
    passed, broken = -1, 0
    for own in officials:
        passed &= own[0] if own else 0
        broken |= own[1] if own else 0
    return passed.to_bytes(rows, "big"), broken.to_bytes(rows, "big")


def _measures(
    capability: GuidelineCapability,
    supports: Mapping[str, bool],
    newest: Mapping[str, ResultRow],
    history: Sequence[Guideline],
    previous: Guideline | None,
) -> Iterator[Measure]:
    measured = {
        "deployed": _deployed(supports),
        "stable": _stable(capability, history),
        "discover": _discover(capability, newest),
        "sticky": _sticky(capability, previous),
    }
    for name in OFFICIAL_ORDER:
        yield measured.get(name) or Measure(criterion=name, measurable=False, value=None, words=NOT_MEASURABLE)


def _deployed(supports: Mapping[str, bool]) -> Measure:
    if not supports:
        return Measure(criterion="deployed", measurable=True, value=None, words="no result decides about it")
    supporting = sum(supports.values())
    words = f"{supporting} of {len(supports)} products support it"
    return Measure(criterion="deployed", measurable=True, value=supporting / len(supports), words=words)


def _stable(capability: GuidelineCapability, history: Sequence[Guideline]) -> Measure:
    """Guidelines in a row, from the newest back, that give the capability the same tests."""
    same = unchanged(capability, history)
    since = f", since {same[-1].id}" if len(same) > 1 else ""
    more = "" if len(same) < len(history) else "; no older one is at hand"
    noun = "guideline" if len(same) == 1 else "guidelines in a row"
    words = f"the same tests in {len(same)} {noun}{since}{more}"
    return Measure(criterion="stable", measurable=True, value=float(len(same)), words=words)


def unchanged(capability: GuidelineCapability, history: Sequence[Guideline]) -> list[Guideline]:
    """The first guidelines of the history that give the capability the same tests."""
    ids = _identities(capability)
    same: list[Guideline] = []
    for guideline in history:
        own = guideline.capability(capability.id)
        if own is None or _identities(own) != ids:
            break
        same.append(guideline)
    return same


def _identities(capability: GuidelineCapability) -> frozenset[str]:
    """By id, and by name where a guideline of the first years gives none."""
    return frozenset(test.key for test in capability.tests)


def _discover(capability: GuidelineCapability, newest: Mapping[str, ResultRow]) -> Measure:
    types = SERVICES.get(capability.project)
    rows = [row for row in newest.values() if row.services]
    if types is None or not rows:
        words = "the catalogs of no product are on record" if types else f"no service of {capability.project} is known"
        return Measure(criterion="discover", measurable=types is not None, value=None, words=words)
    listed = [row for row in rows if not set(types).isdisjoint(row.services)]
    versioned = sum(not set(types).isdisjoint(row.versioned) for row in listed)
    words = f"the catalogs of {len(listed)} of {len(rows)} products list {types[0]}, {versioned} with microversions"
    return Measure(
        criterion="discover",
        measurable=True,
        value=len(listed) / len(rows),
        words=f"{words}; of the service, not of the capability",
    )


def _sticky(capability: GuidelineCapability, previous: Guideline | None) -> Measure:
    if previous is None:
        words = "the guideline before is not at hand"
        return Measure(criterion="sticky", measurable=True, value=None, words=words)
    status = _status(previous, capability.id)
    required = status is Status.REQUIRED
    words = f"{status.value if status else 'in no list'} in {previous.id}"
    return Measure(criterion="sticky", measurable=True, value=float(required), words=words)
