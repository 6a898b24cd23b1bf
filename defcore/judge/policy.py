"""Support of a capability and verdict of a level, under a policy, with the reasons.

A test is must-pass when it is neither flagged nor waived; others decide nothing under any policy.

Without thresholds every must-pass test must have passed. An outcome that the policy holds against the cloud is a
no; any other that is not PASSED is a don't-know, and so is, unless the policy says that it is nothing, a required
capability for which the guideline names no test. A no outweighs a don't-know.

With thresholds the attempts at all must-pass tests are pooled (`defcore.judge.levels`).

Under every policy, a level that has no must-pass test at all (0 of 0) is a don't-know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from defcore.model.outcome import WORST_FIRST, Outcome
from defcore.model.policy import Policy
from defcore.model.scorecard import CapabilityScore, Support, TestScore, Verdict

NAMED = 5
"""Tests or capabilities that a reason names before it counts the rest."""
LONGEST = 300
"""Characters of a recorded reason that a sentence quotes."""
NOTHING_REQUIRED = "no must-pass test is required, and 0 of 0 shows nothing"


def must_pass(tests: Iterable[TestScore]) -> tuple[TestScore, ...]:
    return tuple(test for test in tests if test.must_pass)


def is_no(test: TestScore, policy: Policy) -> bool:
    """Whether what became of the test makes the level a no.

    With thresholds: it was decided, and passed none of its attempts.
    """
    if policy.thresholds and test.tally.decided and not test.tally.passed:
        return True
    return policy.is_no(test.outcome, test.cause)


def is_yes(test: TestScore, policy: Policy) -> bool:
    """Whether nothing of the test keeps the yes away; with thresholds, whether every attempt was decided."""
    if policy.thresholds:
        return not is_no(test, policy) and test.tally.decided > 0 and not test.tally.undecided
    return test.outcome is Outcome.PASSED


def support(tests: Sequence[TestScore], policy: Policy) -> tuple[Support, tuple[str, ...]]:
    """What the cloud shows of a capability, and why.

    With thresholds, a capability is supported when every attempt at its tests passed: few tests never bear a bound.
    """
    if not tests:
        return Support.INCONCLUSIVE, ("the guideline names no test for it",)
    deciding = must_pass(tests)
    if not deciding:
        passed = all(test.outcome is Outcome.PASSED for test in tests)
        lifted = "flagged or waived" if any(test.waiver for test in tests) else "flagged"
        return Support.SUPPORTED if passed else Support.INCONCLUSIVE, (
            f"every test of it is {lifted}, so it decides nothing",
        )
    no = [test for test in deciding if is_no(test, policy)]
    unknown = [test for test in deciding if test not in no and (not is_yes(test, policy) or test.tally.flaky)]
    unknown = unknown if policy.thresholds else [test for test in unknown if not is_yes(test, policy)]
    reasons = tuple(_test_sentences(no) + _test_sentences(unknown))
    if no:
        return Support.UNSUPPORTED, reasons
    return (Support.INCONCLUSIVE, reasons) if unknown else (Support.SUPPORTED, ())


def verdict(required: Sequence[CapabilityScore], policy: Policy) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of a level over its required capabilities, test by test, and why."""
    tests = [test for capability in required for test in must_pass(capability.tests)]
    if not tests:
        return Verdict.INCONCLUSIVE, (NOTHING_REQUIRED,)
    no = [one for one in required if any(is_no(test, policy) for test in must_pass(one.tests))]
    unknown = [one for one in required if one not in no and _is_unknown(one, policy)]
    reasons = (
        *_capability_sentences(no, Support.UNSUPPORTED, policy),
        *_capability_sentences(unknown, Support.INCONCLUSIVE, policy),
    )
    if no:
        return Verdict.NON_CONFORMANT, reasons
    if unknown:
        return Verdict.INCONCLUSIVE, reasons
    return Verdict.CONFORMANT, (
        f"all {len(tests)} must-pass tests of the {count(len(required), 'required capability')} passed",
    )


def _is_unknown(capability: CapabilityScore, policy: Policy) -> bool:
    if not capability.tests:
        return policy.untested_is_unknown
    return any(not is_yes(test, policy) for test in must_pass(capability.tests))


def _test_sentences(tests: Sequence[TestScore]) -> list[str]:
    sentences = [_test_sentence(test) for test in tests[:NAMED]]
    if len(tests) > NAMED:
        sentences.append(f"and {count(len(tests) - NAMED, 'more test')}: {outcomes(tests[NAMED:])}")
    return sentences


def _test_sentence(test: TestScore) -> str:
    cause = f" ({test.cause})" if test.cause else ""
    attempts = f" in {test.tally.failed} of {test.tally.decided} attempts" if test.tally.flaky else ""
    reason = " ".join((test.reason or "").split())
    if len(reason) > LONGEST:
        reason = reason[:LONGEST] + "..."
    return f"{test.name} is {test.outcome}{cause}{attempts}" + (f" because {reason}" if reason else "")


def _capability_sentences(capabilities: Sequence[CapabilityScore], what: Support, policy: Policy) -> list[str]:
    if not capabilities:
        return []
    names = ", ".join(capability.id for capability in capabilities[:NAMED])
    if len(capabilities) > NAMED:
        names += f" and {len(capabilities) - NAMED} more"
    verb = "is" if len(capabilities) == 1 else "are"
    tests = [test for capability in capabilities for test in must_pass(capability.tests) if not is_yes(test, policy)]
    why = f"must-pass tests: {outcomes(tests)}" if tests else "the guideline names no test"
    return [f"{count(len(capabilities), 'required capability')} {verb} {what}: {names} ({why})"]


def outcomes(tests: Iterable[TestScore]) -> str:
    """`2 FAILED, 1 NOT_RUN`."""
    counts = Counter(test.outcome for test in tests)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in WORST_FIRST if counts[outcome])


def count(n: int, noun: str) -> str:
    """`1 test`, `2 days`, `3 capabilities`."""
    if n == 1:
        return f"1 {noun}"
    return f"{n} {noun[:-1]}ies" if noun.endswith("ty") else f"{n} {noun}s"
