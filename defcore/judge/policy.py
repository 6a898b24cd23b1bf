"""Support of a capability and verdict of a level, under each policy, with the reasons.

A test is must-pass when it is not flagged; flagged tests decide nothing under any policy.

strict: a must-pass test that FAILED, or was SKIPPED because the cloud lacks the feature, is a no. One that
was SKIPPED for want of a prerequisite, is in ERROR or was NOT_RUN is a don't-know, and so is a required
capability for which the guideline names no test. A no outweighs a don't-know.

official: what did not pass is a no, as RefStack counts.

Under both, a level that has no must-pass test at all (0 of 0) is a don't-know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from defcore.model.outcome import WORST_FIRST, Cause, Outcome
from defcore.model.scorecard import CapabilityScore, Policy, Support, TestScore, Verdict

NAMED = 5
"""Tests or capabilities that a reason names before it counts the rest."""
LONGEST = 300
"""Characters of a recorded reason that a sentence quotes."""


def must_pass(tests: Iterable[TestScore]) -> tuple[TestScore, ...]:
    return tuple(test for test in tests if test.flag is None)


def is_no(test: TestScore, policy: Policy) -> bool:
    """Whether the test's outcome is held against the cloud."""
    if policy is Policy.OFFICIAL:
        return test.outcome is not Outcome.PASSED
    return test.outcome is Outcome.FAILED or (test.outcome is Outcome.SKIPPED and test.cause is Cause.ABSENT)


def support(tests: Sequence[TestScore], policy: Policy) -> tuple[Support, tuple[str, ...]]:
    """What the cloud shows of a capability, and why."""
    if not tests:
        return Support.INCONCLUSIVE, ("the guideline names no test for it",)
    deciding = must_pass(tests)
    if not deciding:
        passed = all(test.outcome is Outcome.PASSED for test in tests)
        return (
            Support.SUPPORTED if passed else Support.INCONCLUSIVE,
            ("every test of it is flagged, so it decides nothing",),
        )
    no = [test for test in deciding if is_no(test, policy)]
    unknown = [test for test in deciding if test not in no and test.outcome is not Outcome.PASSED]
    reasons = tuple(_test_sentences(no) + _test_sentences(unknown))
    if no:
        return Support.UNSUPPORTED, reasons
    return (Support.INCONCLUSIVE, reasons) if unknown else (Support.SUPPORTED, ())


def verdict(required: Sequence[CapabilityScore], policy: Policy) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of a level over its required capabilities, and why."""
    tests = [test for capability in required for test in must_pass(capability.tests)]
    if not tests:
        return Verdict.INCONCLUSIVE, ("no must-pass test is required, and 0 of 0 shows nothing",)
    no = [one for one in required if any(is_no(test, policy) for test in must_pass(one.tests))]
    unknown = [one for one in required if one not in no and _is_unknown(one, policy)]
    reasons = (
        *_capability_sentences(no, Support.UNSUPPORTED),
        *_capability_sentences(unknown, Support.INCONCLUSIVE),
    )
    if no:
        return Verdict.NON_CONFORMANT, reasons
    if unknown:
        return Verdict.INCONCLUSIVE, reasons
    return Verdict.CONFORMANT, (
        f"all {len(tests)} must-pass tests of the {count(len(required), 'required capability')} passed",
    )


def _is_unknown(capability: CapabilityScore, policy: Policy) -> bool:
    if policy is Policy.OFFICIAL:
        return False
    if not capability.tests:
        return True
    return any(test.outcome is not Outcome.PASSED for test in must_pass(capability.tests))


def _test_sentences(tests: Sequence[TestScore]) -> list[str]:
    sentences = [_test_sentence(test) for test in tests[:NAMED]]
    if len(tests) > NAMED:
        sentences.append(f"and {count(len(tests) - NAMED, 'more test')}: {outcomes(tests[NAMED:])}")
    return sentences


def _test_sentence(test: TestScore) -> str:
    cause = f" ({test.cause})" if test.cause else ""
    reason = " ".join((test.reason or "").split())
    if len(reason) > LONGEST:
        reason = reason[:LONGEST] + "..."
    return f"{test.name} is {test.outcome}{cause}" + (f" because {reason}" if reason else "")


def _capability_sentences(capabilities: Sequence[CapabilityScore], what: Support) -> list[str]:
    if not capabilities:
        return []
    names = ", ".join(capability.id for capability in capabilities[:NAMED])
    if len(capabilities) > NAMED:
        names += f" and {len(capabilities) - NAMED} more"
    verb = "is" if len(capabilities) == 1 else "are"
    tests = [
        test
        for capability in capabilities
        for test in must_pass(capability.tests)
        if test.outcome is not Outcome.PASSED
    ]
    why = f"must-pass tests: {outcomes(tests)}" if tests else "the guideline names no test"
    return [f"{count(len(capabilities), 'required capability')} {verb} {what}: {names} ({why})"]


def outcomes(tests: Iterable[TestScore]) -> str:
    """`2 FAILED, 1 NOT_RUN`."""
    counts = Counter(test.outcome for test in tests)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in WORST_FIRST if counts[outcome])


def count(n: int, noun: str) -> str:
    """`1 test`, `2 tests`, `3 capabilities`."""
    if n == 1:
        return f"1 {noun}"
    return f"{n} {noun[:-1]}ies" if noun.endswith("y") else f"{n} {noun}s"
