"""The command line: one file a verb. This one finds the verb, and turns what went wrong into words and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import click

from defcore import __version__
from defcore.cli.terminal import let_go, open_streams, print_problems
from defcore.errors import (
    EXIT_BUG,
    EXIT_INPUT,
    EXIT_UNKNOWN,
    EXIT_YES,
    DefcoreError,
    Problem,
    did_you_mean,
)

VERBS = {
    "cloud": "Run the reference cloud: real OpenStack on loopback.",
    "check": "Preflight: is everything there that a run needs?",
    "plan": "Print which tests a guideline asks for, and why.",
    "show": "Print what is known of a capability or a test.",
    "run": "Test a cloud and judge it.",
    "score": "Judge stored results, ours or another program's, without the cloud.",
    "explain": "Say why a verdict is what it is, and what would be otherwise.",
    "report": "Render stored results as text, JSON, Markdown, JUnit or HTML.",
    "compare": "Compare stored results: what changed, and where clouds differ.",
    "gate": "Decide whether a build may go on: what is newly broken, or the verdict.",
    "export": "Write stored results for others: RefStack, JUnit, subunit, badge, CSV, ...",
    "pack": "Make a submission of a stored run, signed.",
    "verify": "Check a submission: digests, signature, counts, and the verdict again.",
    "disclose": "Show the outcome of one test of a run of which passes alone were published.",
    "guideline": "List, import, compare and freeze guidelines.",
    "criteria": "Choose capabilities: what worksheets come to, and what results show.",
    "lint": "Check capabilities, guidelines, policies, waivers and worksheets.",
    "sweep": "Remove what a run left behind in a cloud.",
    "completion": "Print the shell's completion script.",
}
"""In the order in which a newcomer meets them."""

PATHS = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
}
"""What is wrong with a path that was named."""

EPILOG = """\b
Start here:
  defcore cloud up                                     a real OpenStack to try it on
  defcore run --cloud defcore-ref --platform platform  test it and judge it

\b
Exit codes:
  0  yes   1  a computed no   2  your input   3  could not find out   70  a bug of ours
"""


class Verbs(click.Group):
    """Imports a verb's file when it is asked for: `--help` and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"defcore.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(f"no verb {args[0]!r}; {did_you_mean(args[0], VERBS) or 'see defcore --help'}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="defcore")
def root() -> None:
    """Find out, by testing through the public API, whether a cloud keeps the promises of OpenStack."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script. Ends the process with one of the documented exit codes."""
    open_streams()
    sys.exit(call(sys.argv[1:] if arguments is None else list(arguments)))


def call(arguments: list[str]) -> int:
    """Run a verb and return the exit code, whatever happens."""
    try:
        return _call(arguments)
    except OSError:  # of the streams themselves: the reader has had enough, or the terminal is gone
        let_go()
        return EXIT_UNKNOWN


def _call(arguments: list[str]) -> int:
    try:
        code = root.main(args=arguments, prog_name="defcore", standalone_mode=False)
        return code if isinstance(code, int) else EXIT_YES
    except click.ClickException as error:
        error.show()
        return EXIT_INPUT
    except DefcoreError as error:
        print_problems(error.problems)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print_problems([Problem(code="cli.interrupted", message="interrupted")])
        return EXIT_UNKNOWN
    except SystemExit:  # of click, whose reader has had enough: with 1, which means no here
        raise BrokenPipeError from None
    except BrokenPipeError:
        raise
    except OSError as error:
        return _operating_system(error)
    except Exception as error:  # the last line of defence: a bug of ours is told as such
        return _bug(error)


def _operating_system(error: OSError) -> int:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    failing = error.errno == errno.EIO  # of a disk; or of a terminal that is gone, which is not told then
    known = full or failing or error.errno in PATHS
    if not known:
        return _bug(error)
    print_problems(
        [
            Problem(
                code="disk.full" if full else "disk.failing" if failing else "disk.access",
                message=error.strerror or str(error),
                where=_place(error),
                hint=_hint(full=full, failing=failing),
            )
        ]
    )
    return EXIT_UNKNOWN if full or failing else EXIT_INPUT


def _place(error: OSError) -> str | None:
    if error.filename:
        return str(error.filename)
    try:
        os.getcwd()  # noqa: PTH109 - as pathlib asks for it
    except OSError:
        return "the current folder"  # was removed; whatever needs it names no file
    return None


def _hint(*, full: bool, failing: bool) -> str:
    if full:
        return "free some space; what was measured is kept"
    return "look at the disk" if failing else "choose another path, or its rights"


def _bug(error: Exception) -> int:
    if os.environ.get("DEFCORE_DEBUG"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    print_problems(
        [
            Problem(
                code="bug",
                message=f"a bug of defcore: {type(error).__name__}",
                where=f"{place.name}, line {place.lineno} of {os.path.basename(place.filename)}",  # noqa: PTH119
                hint="please report it, with the traceback that DEFCORE_DEBUG=1 prints (look for secrets in it first)",
            )
        ]
    )
    return EXIT_BUG
