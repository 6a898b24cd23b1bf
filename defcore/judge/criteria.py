"""What the marks of a worksheet come to, and where sheet, achievements and lists disagree.

A total is the sum of the weights of the criteria that are met. An interface for administrators comes to 0,
whatever else it meets; while a mark is open the total is negative. Chosen is what reaches the cutoff. So the
official tabulation counts, except that it breaks off where it is open whether an ordinary user may use it:
here that leaves the line unfinished.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from defcore.errors import InputError, Problem, did_you_mean, nearest
from defcore.model.criteria import (
    ADD_ON_CUTOFF,
    OFFICIAL_ORDER,
    CriteriaScore,
    Difference,
    DifferenceKind,
    Mark,
    Move,
    Scale,
    Worksheet,
    WorksheetLine,
)
from defcore.model.guideline import Guideline, GuidelineCapability, Status

CHOSEN = (Status.REQUIRED, Status.ADVISORY)


def scale_of(guideline: Guideline, sheet: Worksheet | None = None) -> Scale:
    """The guideline's weights and cutoff; the add-ons' cutoff for a sheet that leaves criteria out of it.

    InputError if the guideline has no weights, or none for a criterion of the sheet.
    """
    weights = {one.id: one.weight for one in guideline.criteria}
    if not weights or guideline.cutoff is None:
        message = f"the guideline {guideline.id} gives no weights and cutoff"
        raise InputError(Problem(code="criteria.no-scale", message=message, hint="name one that does: --guideline"))
    origin = f"the guideline {guideline.id}"
    used = sheet.criteria if sheet else tuple(weights)
    unknown = [name for name in used if name not in weights]
    if sheet and unknown:
        message = f"the guideline {guideline.id} has no weight for the criterion {unknown[0]!r}"
        hint = did_you_mean(unknown[0], weights) or None
        raise InputError(Problem(code="criteria.unknown-criterion", message=message, where=sheet.name, hint=hint))
    if len(used) < len(weights):
        return Scale(
            weights=tuple((name, weights[name]) for name in used),
            cutoff=min(ADD_ON_CUTOFF, guideline.cutoff),
            origin=f"{origin}; the cutoff of the add-ons, for not all criteria are considered",
        )
    return Scale(weights=tuple(weights.items()), cutoff=guideline.cutoff, origin=origin)


def changed(scale: Scale, weights: Mapping[str, int], cutoff: int | None) -> Scale:
    """The scale with other weights or another cutoff. InputError for a criterion that it does not have."""
    own = dict(scale.weights)
    for name in weights:
        if name not in own:
            hint = did_you_mean(name, own) or None
            raise InputError(Problem(code="criteria.unknown-criterion", message=f"no criterion {name!r}", hint=hint))
    asked = [f"{name}={value}" for name, value in weights.items()]
    asked += [f"cutoff {cutoff}"] if cutoff is not None else []
    return replace(
        scale,
        weights=tuple((own | dict(weights)).items()),
        cutoff=scale.cutoff if cutoff is None else cutoff,
        origin=f"{scale.origin}, with {', '.join(asked)}",
    )


def tabulate(sheet: Worksheet, scale: Scale) -> tuple[CriteriaScore, ...]:
    """Every line of the sheet with what it comes to."""
    weights = dict(scale.weights)
    return tuple(_score(line, weights, scale.cutoff) for line in sheet.lines)


def _score(line: WorksheetLine, weights: Mapping[str, int], cutoff: int) -> CriteriaScore:
    finished = Mark.OPEN not in (line.non_admin, *(mark for _, mark in line.marks))
    total = sum(weights[name] for name, mark in line.marks if mark is Mark.MET)
    if line.non_admin is Mark.UNMET:
        total, finished = 0, True
    return CriteriaScore(
        capability=line.capability,
        total=total if finished else -total,
        finished=finished,
        chosen=finished and total >= cutoff,
        line=line,
    )


def achievements(guideline: Guideline, *, meant: bool = True) -> Worksheet:
    """The guideline's achievements in the form of a worksheet.

    A name that is no criterion (`discoverable`) counts as the nearest one if `meant`, else not at all. They do not
    say who may use it: a guideline's `admin` does not enter the total, and is compared apart.
    """
    names = [one.id for one in guideline.criteria]
    names = [name for name in OFFICIAL_ORDER if name in names] + [name for name in names if name not in OFFICIAL_ORDER]
    return Worksheet(
        name=guideline.path or guideline.id,
        parts=(tuple(_achieved(one, names, meant) for one in guideline.capabilities),),
    )


def _achieved(capability: GuidelineCapability, names: Sequence[str], meant: bool) -> WorksheetLine:
    met = {_reading(name, names) if meant else name for name in capability.achievements}
    return WorksheetLine(
        capability=capability.id,
        section="",
        marks=tuple((name, Mark.MET if name in met else Mark.UNMET) for name in names),
        non_admin=Mark.MET,
    )


def _reading(name: str, names: Sequence[str]) -> str:
    return name if name in names else nearest(name, names) or name


def differences_within(scores: Sequence[CriteriaScore]) -> Iterator[Difference]:
    """Where what stands in the sheet is not what its marks give."""
    for score in scores:
        line = score.line
        if line.stated_total is None:
            continue
        if line.stated_total != score.total:
            message = f"the total in the sheet is {line.stated_total}, its marks give {score.total}"
            yield _difference(DifferenceKind.TOTAL, score, message)
        if line.stated_chosen is not score.chosen:
            message = "an asterisk, and the total is below the cutoff"
            if score.chosen:
                message = "no asterisk, and the total reaches the cutoff"
            yield _difference(DifferenceKind.ASTERISK, score, message)


def _difference(kind: DifferenceKind, score: CriteriaScore, message: str) -> Difference:
    return Difference(kind=kind, capability=score.capability, message=message, where=score.line.where or None)


def misspelled(guideline: Guideline) -> Iterator[Difference]:
    """Achievements that are no criterion, and how they were read."""
    names = [one.id for one in guideline.criteria]
    for one in guideline.capabilities:
        for name in one.achievements:
            if name not in names:
                meant = nearest(name, names)
                message = f"the achievement {name!r} is no criterion; " + (
                    f"read as {meant}" if meant else "not counted"
                )
                yield Difference(kind=DifferenceKind.UNKNOWN_CRITERION, capability=one.id, message=message)


def reading(guideline: Guideline, scale: Scale) -> tuple[str, ...]:
    """How misspelled achievements were read, and what else they would come to; empty if there are none."""
    if not any(misspelled(guideline)):
        return ()
    below = [
        sum(not score.chosen for score in tabulate(achievements(guideline, meant=meant), scale))
        for meant in (True, False)
    ]
    words = f"{below[0]} of {len(guideline.capabilities)} capabilities stay below the cutoff {scale.cutoff}"
    return (f"Misspelled achievements are read as they were meant: so {words}; if they are not counted, {below[1]}.",)


def differences_with_lists(
    scores: Sequence[CriteriaScore], guideline: Guideline, scale: Scale, noun: str
) -> Iterator[Difference]:
    """Where the lists of the guideline do not follow the totals; `noun` says whose totals they are."""
    for score in scores:
        asked = guideline.asked_by(score.capability)
        own = guideline.capability(score.capability)
        if own is None and not asked:
            continue
        wanting = ", ".join(f"{status.value} in {name}" for name, status in sorted(asked) if status in CHOSEN)
        if wanting and not score.chosen:
            message = f"{wanting}, and its {noun} come to {score.total}, below the cutoff {scale.cutoff}"
            yield _difference(DifferenceKind.LISTED_BELOW, score, message)
        if wanting and own and own.admin:
            message = f"{wanting}, and marked there as an interface of administrators"
            yield _difference(DifferenceKind.ADMIN, score, message)
        if score.chosen and not wanting:
            now = min(status for _, status in asked).value if asked else "in no list"
            message = f"{now}, and its {noun} come to {score.total}, which reaches the cutoff {scale.cutoff}"
            yield _difference(DifferenceKind.CHOSEN_UNLISTED, score, message)


def differences_with_achievements(sheet: Worksheet, guideline: Guideline) -> Iterator[Difference]:
    """Where the sheet's marks are not the guideline's achievements, and who knows of a capability at all."""
    official = {line.capability: line for line in achievements(guideline).lines}
    considered = set()
    for line in sheet.lines:
        considered.add(line.capability)
        own = official.get(line.capability)
        if own is None:
            message = f"the guideline {guideline.id} does not define it"
            yield Difference(
                kind=DifferenceKind.ONLY_SHEET, capability=line.capability, message=message, where=line.where or None
            )
            continue
        yield from _marks_differ(line, own)
        yield from _admin_differs(line, guideline)
    for name in official:
        if name not in considered:
            yield Difference(
                kind=DifferenceKind.ONLY_GUIDELINE, capability=name, message="the worksheet does not consider it"
            )


def _marks_differ(line: WorksheetLine, own: WorksheetLine) -> Iterator[Difference]:
    theirs = dict(own.marks)
    where = line.where or None
    differing = [name for name, mark in line.marks if name in theirs and mark is not theirs[name]]
    if differing:
        marks = dict(line.marks)
        words = ", ".join(f"{name} {marks[name].value} (achievements: {theirs[name].value})" for name in differing)
        yield Difference(kind=DifferenceKind.MARKS, capability=line.capability, message=words, where=where)


def _admin_differs(line: WorksheetLine, guideline: Guideline) -> Iterator[Difference]:
    own = guideline.capability(line.capability)
    if own is None or line.non_admin is Mark.OPEN or own.admin is (line.non_admin is Mark.UNMET):
        return
    sheet, theirs = ("an interface of ordinary users", "of administrators")
    if own.admin is False:
        sheet, theirs = ("an interface of administrators", "of ordinary users")
    message = f"the sheet takes it for {sheet}, the guideline for one {theirs}"
    yield Difference(kind=DifferenceKind.ADMIN, capability=line.capability, message=message, where=line.where or None)


def moves(before: Sequence[CriteriaScore], after: Sequence[CriteriaScore]) -> tuple[Move, ...]:
    """Who reaches the cutoff under one scale only; both are the same sheet."""
    return tuple(
        Move(capability=old.capability, before=old.total, after=new.total, over=new.chosen)
        for old, new in zip(before, after, strict=True)
        if old.chosen is not new.chosen
    )
