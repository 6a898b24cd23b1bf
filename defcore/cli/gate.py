"""`defcore gate`: whether a build may go on, from stored runs alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from defcore.catalog import find_data, load_catalog
from defcore.catalog.known_failures import load_known_failures, resolve_known_failures
from defcore.cli.rendering import write
from defcore.cli.stored import StoredRun, date_of, open_results
from defcore.cli.terminal import print_lines
from defcore.cli.terms import Terms, terms_options
from defcore.cli.view import by_option, viewed
from defcore.errors import EXIT_NO, EXIT_UNKNOWN, EXIT_YES, InputError, Problem, did_you_mean
from defcore.judge.gate import Judged
from defcore.judge.gate import gate as decide
from defcore.model import documents
from defcore.model.gate import FailOn, GateAnswer, GateDecision, KnownFailures
from defcore.model.gate_document import gate_document
from defcore.model.result import Result
from defcore.report import gate_github, gate_junit, gate_markdown, gate_sarif, gate_text

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
EXIT = {GateAnswer.PASS: EXIT_YES, GateAnswer.FAIL: EXIT_NO, GateAnswer.INCONCLUSIVE: EXIT_UNKNOWN}
EPILOG = """\b
Examples:
  defcore gate runs/this --baseline runs/last
  defcore gate runs/this --baseline runs/last --known-failures known-failures.yaml --fail-on both --policy official
  defcore gate runs/this --baseline runs/last --format github --output junit=gate.xml --output sarif=gate.sarif

\b
A file of known failures:
  schema: defcore/known-failures/1
  entries:
    - test: flavors_brief_matches_show      # the name or the id of a test
      reason: the fix is in the next release
      expires: 2026-12-31                   # the last day on which it is known
      issue: https://bugs.example/1         # optional
"""
Render = Callable[[GateDecision, Result], str]
Output = tuple[str, Path]


def plain(decision: GateDecision, _: Result) -> str:
    return "".join(f"{words}\n" for words, _ in gate_text.lines(decision))


FORMATS: dict[str, Render] = {
    "text": plain,
    "json": lambda decision, _: documents.text(gate_document(decision)),
    "md": gate_markdown.render,
    "junit": gate_junit.render,
    "sarif": gate_sarif.render,
    "github": gate_github.render,
}


def _outputs(_ctx: click.Context, _param: click.Parameter, values: Iterable[str]) -> tuple[Output, ...]:
    outputs = []
    for value in values:
        form, equals, file = value.partition("=")
        if not equals or not file:
            raise click.BadParameter(f"{value!r} is not FORMAT=FILE, such as junit=gate.xml")
        if form not in FORMATS:
            raise click.BadParameter(f"no format {form!r}; {did_you_mean(form, FORMATS)}")
        outputs.append((form, Path(file)))
    return tuple(outputs)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The formats, up to and including the equals sign."""
    return [CompletionItem(f"{form}=") for form in FORMATS if form.startswith(incomplete)]


@click.command(epilog=EPILOG)
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--baseline", metavar="OLD", type=click.Path(path_type=Path), help="The run to hold this one against.")
@click.option(
    "--fail-on",
    type=click.Choice([one.value for one in FailOn]),
    default=FailOn.NEW_FAILURES.value,
    show_default=True,
    callback=lambda _ctx, _param, value: FailOn(value),
    help="What is newly broken, the verdict, or either of them.",
)
@click.option(
    "--known-failures",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Tests that are known to fail, each with a reason and an expiry.",
)
@click.option(
    "--known-failures-baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The list as it was: an entry more, or one that lasts longer, fails the gate.",
)
@click.option("--allow-unknown", is_flag=True, help="What is not known is a warning, and does not hold the build up.")
@by_option
@terms_options
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_outputs,
    shell_complete=_complete,
    help=f"Write a file too, in the format {'|'.join(FORMATS)}; may be repeated.",
)
@click.option(
    "--step-summary",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Append the decision as Markdown.  [default with --format github: ${STEP_SUMMARY}]",
)
def gate(
    result: Path,
    baseline: Path | None,
    fail_on: FailOn,
    known_failures: Path | None,
    known_failures_baseline: Path | None,
    allow_unknown: bool,
    by: str,
    terms: Terms,
    form: str,
    outputs: tuple[Output, ...],
    step_summary: Path | None,
) -> int:
    """Decide on the stored run RESULT: has it broken a promise that the run OLD kept, is the verdict good enough?

    What OLD kept and RESULT does not say, or what is broken and OLD does not say of, is not known: exit code 3, unless
    --allow-unknown. Known failures take their tests out of the comparison, not out of the verdict.

    \b
    Exit code: 0 the build may go on, 1 it may not, 3 we do not know.
    """
    run = open_results([result])
    former = _baseline(baseline, fail_on)
    after = _judged(run, run, terms, by, verdict=fail_on.verdict)
    before = _judged(former, run, terms, by) if former else None
    known, known_before = _known(known_failures, known_failures_baseline, (after, before), terms.catalog)
    decision = decide(
        after,
        before,
        fail_on=fail_on,
        date=terms.date or date_of(run.result),
        known=known,
        known_before=known_before,
        allow_unknown=allow_unknown,
    )
    _tell(decision, after.result, form, outputs)
    _summarise(decision, after.result, step_summary or _offered(form))
    return EXIT[decision.answer]


def _tell(decision: GateDecision, result: Result, form: str, outputs: Iterable[Output]) -> None:
    for output, file in outputs:
        write(file, FORMATS[output](decision, result))
    if form == "text":
        print_lines(gate_text.lines(decision))
    else:
        click.echo(FORMATS[form](decision, result), nl=False)


def _baseline(path: Path | None, fail_on: FailOn) -> StoredRun | None:
    if path:
        return open_results([path])
    if fail_on.new_failures:
        hint = "name the run before with --baseline OLD, or look at the verdict alone with --fail-on verdict"
        raise InputError(Problem(code="gate.no-baseline", message="nothing to hold the result against", hint=hint))
    return None


def _judged(run: StoredRun, like: StoredRun, terms: Terms, by: str, *, verdict: bool = False) -> Judged:
    """The run under what `like` was made for. InputError if a verdict is needed, and nobody names a guideline."""
    card = terms.judge_like(run, like)
    if card is None and verdict:
        message = "the result was made for no guideline, and there is no verdict without one"
        raise InputError(Problem(code="gate.no-guideline", message=message, hint="name one with --guideline"))
    return Judged(result=viewed(run, card, by), card=card)


def _known(
    file: Path | None, former: Path | None, runs: tuple[Judged, Judged | None], catalog: Path | None
) -> tuple[KnownFailures | None, KnownFailures | None]:
    """The list now and as it was, with the ids of the tests."""
    if file is None:
        if former:
            hint = "name the list as it is now with --known-failures FILE"
            raise InputError(Problem(code="gate.no-known-failures", message="a former list, and none now", hint=hint))
        return None, None
    lists = load_known_failures(file), load_known_failures(former) if former else None
    tests = {(record.id, record.name) for run in runs if run for record in run.result.tests}
    words = {word for pair in tests for word in pair}
    if any(entry.test not in words for known in lists if known for entry in known.entries):
        tests |= {(case.id, case.name) for case in load_catalog(find_data(explicit=catalog)).tests}
    now, then = lists
    return resolve_known_failures(now, tests), resolve_known_failures(then, tests, strict=False) if then else None


def _offered(form: str) -> Path | None:
    """The file in which GitHub Actions takes the summary of a step."""
    path = os.environ.get(STEP_SUMMARY)
    return Path(path) if path and form == "github" else None


def _summarise(decision: GateDecision, result: Result, file: Path | None) -> None:
    if file:
        with file.open("a", encoding="utf-8") as summary:
            summary.write(gate_markdown.render(decision, result))
