"""A verification for the terminal: what was handed in, each thing that does not hold in a line, the answer last."""

from __future__ import annotations

from collections.abc import Iterator

from defcore.model.outcome import Outcome
from defcore.model.scorecard import Scorecard, Verdict
from defcore.model.submission import PublicKey, Published, Submission
from defcore.model.verification import Answer, Discrepancy, Verification
from defcore.report.inert import line

Line = tuple[str, str]
"""Words and their style."""
STYLES = {Answer.HOLDS: "bold green", Answer.DOES_NOT_HOLD: "bold red", Answer.UNKNOWN: "bold yellow"}
VERDICTS = {
    Verdict.CONFORMANT: "green",
    Verdict.NON_CONFORMANT: "red",
    Verdict.INCONCLUSIVE: "yellow",
}
WIDTH = 12
MOST_ENDPOINTS = 20
LONGEST = 400
"""Characters of a line."""
LONGEST_OWNER = 80


def lines(verification: Verification, card: Scorecard | None) -> Iterator[Line]:
    if verification.submission:
        for name, words in facts(verification.submission):
            yield _fact(name, words)
    if verification.signer and verification.submission:
        yield from _signature(verification.signer, verification.submission.product.vendor)
    for one in verification.disclosed:
        reason = f": {one.reason}" if one.reason else ""
        yield _fact("disclosed", f"{one.outcome.value} {one.name} ({one.test}){reason}")
    if card:
        words, style = f"{card.verdict.value} under the policy {card.policy}", VERDICTS[card.verdict]
        yield _fact("verdict", words)[0], style
    else:
        yield _fact("verdict", "not computed, for what is told below")
    for discrepancy in verification.discrepancies:
        yield f"{discrepancy_words(discrepancy)} [{discrepancy.code}]", "" if discrepancy.unknown else "red"
    yield _answer(verification), STYLES[verification.answer]


def _signature(signer: PublicKey, vendor: str) -> Iterator[Line]:
    """Who signed, in the reviewer's words, and for which vendor: any trusted key may sign for any."""
    yield _fact("signed by", f"{line(signer.owner, LONGEST_OWNER)} ({signer.fingerprint}), for the vendor {vendor}")
    if signer.comment:
        yield _fact("key's words", signer.comment)


def packed_lines(submission: Submission, folder: object) -> Iterator[Line]:
    """What was made, where it lies, and who signed it."""
    for name, words in facts(submission):
        yield _fact(name, words)
    if submission.signer:
        yield _fact("signed by", submission.signer.fingerprint)
    else:
        yield _fact("signed by", "nobody: who says this cannot be known; sign with --key KEY")[0], "yellow"
    if not submission.run.complete:
        yield _fact("incomplete", "the run did not come to its end, and `defcore verify` will say so")[0], "yellow"
    yield line(f"submission: {folder}"), "bold"


def facts(submission: Submission) -> Iterator[Line]:
    """Name and words of what is handed in."""
    product, run = submission.product, submission.run
    yield "product", f"{product.name} {product.version}, {product.vendor}"
    yield "guideline", f"{submission.guideline}, {submission.target or 'every component'}"
    challenge = f", challenge {run.challenge}" if run.challenge else ""
    if submission.selection:
        yield "narrowed", f"to {', '.join(submission.selection)}"
    yield "run", f"{run.id}, {run.finished or 'not finished'}, suite {submission.suite_version}{challenge}"
    yield "cloud", submission.cloud.cpid
    for service, url in submission.cloud.endpoints[:MOST_ENDPOINTS]:
        yield "endpoint", f"{service} {url}"
    yield "outcomes", ", ".join(f"{count} {outcome.value}" for outcome, count in submission.counts if count)
    passed = dict(submission.counts)[Outcome.PASSED]
    published = "all" if submission.published is Published.ALL else f"the {passed} that passed"
    yield "published", f"{published}; evidence: {submission.evidence.value}"


def _fact(name: str, words: str) -> Line:
    return f"{name:{WIDTH}}{line(words, LONGEST - WIDTH)}"[:LONGEST], ""


def discrepancy_words(one: Discrepancy) -> str:
    """The file, what is wrong with it, what was expected, what was seen; without the code."""
    both = [f"{name} {value}" for name, value in (("expected", one.expected), ("seen", one.seen)) if value is not None]
    told = f": {', '.join(both)}" if both else ""
    return line(f"{one.where}: {one.message}{told}", LONGEST)


def _answer(verification: Verification) -> str:
    if verification.answer is Answer.HOLDS:
        return "HOLDS: every digest, count and signature"
    wrong = [one for one in verification.discrepancies if not one.unknown]
    if wrong:
        return f"DOES NOT HOLD: {len(wrong)} thing{'s' if len(wrong) > 1 else ''}"
    return "UNKNOWN: nothing speaks against it, and what is told above could not be found out"
