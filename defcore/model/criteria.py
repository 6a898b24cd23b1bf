"""Choosing capabilities: what a board thinks of each one, criterion by criterion, and what that comes to.

A *worksheet* holds a line for each capability that was considered. The *criteria score* of a line is advice;
the lists of the guideline are the decision, and often say otherwise. RULES of the field, section "Choosing
what is required".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from defcore.errors import Problem
from defcore.model.guideline import Status

OFFICIAL_ORDER = (
    "deployed",
    "tools",
    "clients",
    "future",
    "complete",
    "stable",
    "discover",
    "doc",
    "sticky",
    "foundation",
    "atomic",
    "proximity",
)
"""The criteria as the lines of an official worksheet give them, which is not the order of the guidelines."""

ADD_ON_CUTOFF = 60
"""What suffices where not all criteria are considered: the add-ons' cutoff, in each of their guidelines."""


class Mark(StrEnum):
    """What a worksheet says of one criterion."""

    MET = "1"
    UNMET = "0"
    OPEN = "?"
    """Not decided yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetLine:
    """A capability that was considered."""

    capability: str
    section: str
    """The heading that it stands under; empty if there is none."""
    marks: tuple[tuple[str, Mark], ...]
    """(criterion, mark) of the criteria that the sheet considers for it."""
    non_admin: Mark
    """Whether an ordinary user may use it; UNMET makes the total 0, whatever else is met."""
    stated_total: int | None = None
    """The total that stands in the sheet."""
    stated_chosen: bool = False
    """Whether an asterisk stands behind it."""
    where: str = field(default="", compare=False)
    """`file:line`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksheet:
    name: str = field(compare=False)
    """The file."""
    parts: tuple[str | tuple[WorksheetLine, ...], ...]
    """Prose and groups of lines, in the order of the file; each prose ends with a line break."""
    irregularities: tuple[Problem, ...] = field(default=(), compare=False)
    """What was read leniently."""

    @property
    def lines(self) -> tuple[WorksheetLine, ...]:
        return tuple(line for part in self.parts if not isinstance(part, str) for line in part)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Those that any line considers, in the official order, then those of the sheet's own."""
        own = dict.fromkeys(name for line in self.lines for name, _ in line.marks)
        return (
            *(name for name in OFFICIAL_ORDER if name in own),
            *(name for name in own if name not in OFFICIAL_ORDER),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Weights and cutoff."""

    weights: tuple[tuple[str, int], ...]
    """(criterion, weight of 100)."""
    cutoff: int
    origin: str
    """Where they come from, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaScore:
    """What the line of a capability comes to. Never called plain score: it decides nothing."""

    capability: str
    total: int
    """Sum of the weights met; 0 if it takes an administrator; negative while a mark is open."""
    finished: bool
    """No mark is open."""
    chosen: bool
    """The total reaches the cutoff."""
    line: WorksheetLine


class DifferenceKind(StrEnum):
    """How a worksheet, the achievements and the lists of a guideline can disagree."""

    TOTAL = "total"
    """The total in the sheet is not the one that its marks give."""
    ASTERISK = "asterisk"
    """The sheet's asterisk is not where the cutoff puts it."""
    CHOSEN_UNLISTED = "chosen-unlisted"
    """Its total reaches the cutoff, and no component lists it as required or advisory."""
    LISTED_BELOW = "listed-below"
    """Its total stays below the cutoff, and a component lists it as required or advisory."""
    MARKS = "marks"
    """The sheet's marks are not the guideline's achievements."""
    ADMIN = "admin"
    """It takes an administrator and is listed all the same, or sheet and guideline do not agree on it."""
    UNKNOWN_CRITERION = "unknown-criterion"
    """An achievement is no criterion of the guideline."""
    ONLY_SHEET = "only-sheet"
    """The guideline does not define it."""
    ONLY_GUIDELINE = "only-guideline"
    """The sheet does not consider it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: DifferenceKind
    capability: str
    message: str
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A capability that another scale moves over or under the cutoff."""

    capability: str
    before: int
    after: int
    over: bool
    """True: it reaches the cutoff now, and did not before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One criterion of one capability as results and guidelines show it, or that they cannot."""

    criterion: str
    measurable: bool
    value: float | None
    """0 to 1, or a number of guidelines for `stable`; None where nothing is on record."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCapability:
    """What is on record about a capability of a guideline."""

    capability: str
    status: Status | None
    """The strongest that a component gives it; None: no component lists it."""
    before: Status | None
    """The same in the guideline before the one that steps are proposed for: of a draft that is its predecessor."""
    products: int
    """Distinct products whose newest results tried at least one of its tests."""
    supporting: int
    """Of those: all its tests that are not flagged passed in the product's newest such result."""
    measures: tuple[Measure, ...]


class Step(StrEnum):
    """What is proposed for the next guideline."""

    ADMIT = "admit"
    """In no list, to advisory."""
    PROMOTE = "promote"
    """Advisory, to required."""
    DEPRECATE = "deprecate"
    """Required or advisory, to deprecated."""
    REMOVE = "remove"
    """Deprecated, to removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """People decide; this names the evidence."""

    step: Step
    capability: str
    status: Status | None
    """What it is now."""
    becomes: Status
    evidence: tuple[str, ...]
    rule: str
    """The rule of the lifecycle that allows the step, and no further one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a step is proposed. Defaults of ours: no guideline ever fixed numbers."""

    promote: float = 0.8
    """At least this share of the products supports it."""
    admit: float = 0.5
    """At least this share, for advisory."""
    deprecate: float = 0.5
    """Less than this share, of products that tried it."""
    products: int = 3
    """Fewer distinct products prove nothing."""
    stable: int = 3
    """Guidelines in a row with the same tests; the criterion says: stable for more than two releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredResults:
    """What a set of results shows of the capabilities of a guideline."""

    results: int
    products: int
    capabilities: tuple[MeasuredCapability, ...]
    proposals: tuple[Proposal, ...]
    thresholds: Thresholds
    history: tuple[str, ...]
    """The guidelines that stability was measured over, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaReport:
    """All that `defcore criteria` has to say."""

    sheet: Worksheet
    """Of a file, or the guideline's achievements in the form of one."""
    guideline: str
    scale: Scale
    scores: tuple[CriteriaScore, ...]
    differences: tuple[Difference, ...]
    remarks: tuple[str, ...] = ()
    """How something in doubt was read."""
    other_scale: Scale | None = None
    """What was asked: what if?"""
    moves: tuple[Move, ...] = ()
    measured: MeasuredResults | None = None
