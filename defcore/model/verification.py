"""What a submission's check came to: everything that does not hold, and everything that could not be found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from defcore.model.outcome import Outcome
from defcore.model.plan import Plan
from defcore.model.result import Result
from defcore.model.submission import PublicKey, Submission


class Answer(StrEnum):
    HOLDS = "HOLDS"
    DOES_NOT_HOLD = "DOES_NOT_HOLD"
    UNKNOWN = "UNKNOWN"
    """Nothing speaks against it, and something could not be found out, such as who signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One thing that is not as the submission says, or of which nobody here can tell."""

    code: str
    """Stable dotted name, such as `verify.digest`."""
    where: str
    """File of the submission, with the place in it where there is one."""
    message: str
    expected: str | None = None
    seen: str | None = None
    unknown: bool = False
    """True: it could not be found out. False: it does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A leaf that a vendor has disclosed and that leads to the signed root."""

    test: str
    name: str
    outcome: Outcome
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    discrepancies: tuple[Discrepancy, ...]
    submission: Submission | None = None
    """What the attestation states; None where there is none that can be read."""
    result: Result | None = None
    plan: Plan | None = None
    signer: PublicKey | None = None
    """Who has signed, if the signature holds and the key is trusted."""
    disclosed: tuple[Disclosed, ...] = ()

    @property
    def answer(self) -> Answer:
        if any(not one.unknown for one in self.discrepancies):
            return Answer.DOES_NOT_HOLD
        return Answer.UNKNOWN if self.discrepancies else Answer.HOLDS
