"""`defcore pack`: a submission of a run, signed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from defcore.cli.named_path import NamedPath
from defcore.cli.terminal import print_lines
from defcore.errors import EXIT_YES, InputError, Problem
from defcore.model import documents
from defcore.model.submission import EvidenceLevel, place
from defcore.plan import from_json
from defcore.report.verification import discrepancy_words, packed_lines
from defcore.results import packing
from defcore.results.contents import read_contents
from defcore.results.keys import SigningKey, load_signing_key
from defcore.results.leaves import Salts, make_salts, read_salts, salts_document
from defcore.results.packing import RunFolder, read_run
from defcore.results.product import load_product
from defcore.results.source import load
from defcore.results.verification import Expected, verify

PASSPHRASE = "DEFCORE_KEY_PASSPHRASE"  # noqa: S105 - a name
SALTS = "salts.json"
EPILOG = f"""\b
Examples:
  ssh-keygen -t ed25519 -f acme                        a key, and acme.pub for those who verify
  defcore pack runs/monday --product product.yaml --key acme
  defcore pack runs/monday --product product.yaml --key ~/.ssh/id_ed25519 --evidence all --results ../record/results
  defcore pack runs/monday --product product.yaml --key acme --passes-only

\b
A product.yaml:
  schema: defcore/product/1
  vendor: ACME GmbH
  name: ACME Cloud
  version: "3.2"
  contact: interop@acme.example     # optional
  url: https://acme.example/cloud   # optional

\b
KEY is a private Ed25519 key of OpenSSH or in PEM; its passphrase is asked for, or taken from {PASSPHRASE}.
With --passes-only what did not pass is not published, but bound: `defcore disclose` shows it to whom you like, by the
salts, which stay with you.

\b
Exit codes:
  0  it was made   2  your input
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="RUN", type=NamedPath())
@click.option(
    "--product",
    "product_file",
    metavar="FILE",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="product.yaml.",
)
@click.option(
    "--key",
    "key_file",
    metavar="KEY",
    type=NamedPath(),
    help="Sign with this key.  [default: not signed]",
)
@click.option(
    "--evidence",
    type=click.Choice([one.value for one in EvidenceLevel]),
    default=EvidenceLevel.FAILURES.value,
    show_default=True,
    callback=lambda _ctx, _param, value: EvidenceLevel(value),
    help="The HTTP exchanges of which tests are handed in.",
)
@click.option(
    "--results",
    "record",
    metavar="DIR",
    type=NamedPath(file_okay=False),
    default=Path("results"),
    show_default=True,
    help="The public record, in which the submission has its place.",
)
@click.option("--passes-only", is_flag=True, help="Publish the tests that passed alone.")
@click.option(
    "--salts",
    "salts_file",
    metavar="FILE",
    type=NamedPath(dir_okay=False),
    help=f"Secret; made if it is not there.  [default: {SALTS} in RUN]",
)
@click.option("--allow-incomplete", is_flag=True, help="Pack a run that was cut off; `defcore verify` will say so.")
def pack(
    run: Path,
    product_file: Path,
    key_file: Path | None,
    evidence: EvidenceLevel,
    record: Path,
    passes_only: bool,
    salts_file: Path | None,
    allow_incomplete: bool,
) -> int:
    """Make a submission of the stored run RUN: results/<guideline>/<vendor>/<product>/<date>-<run8>/."""
    product = load_product(load(product_file))
    stored = read_run(run, from_json)
    _check_complete(stored, allowed=allow_incomplete)
    key = load_signing_key(key_file, passphrase) if key_file else None
    salts = _salts(salts_file or run / SALTS, stored) if passes_only else None
    packed = packing.pack(stored, product, evidence=evidence, key=key, salts=salts)
    target = record.joinpath(*place(packed.submission))
    packing.write(packed, run, target, lambda folder: _check(folder, key))
    print_lines(packed_lines(packed.submission, target))
    return EXIT_YES


def _check_complete(run: RunFolder, *, allowed: bool) -> None:
    if not run.result.run.complete and not allowed:
        message, hint = "the run did not come to its end", "finish it, or pack it as it is with --allow-incomplete"
        raise InputError(Problem(code="pack.incomplete", message=message, where=str(run.folder), hint=hint))


def passphrase() -> str:
    """From the environment or the terminal. InputError where there is neither."""
    if PASSPHRASE in os.environ:
        return os.environ[PASSPHRASE]
    if not sys.stdin.isatty():
        message, hint = "the key has a passphrase, and nobody is there to be asked", f"set {PASSPHRASE}"
        raise InputError(Problem(code="key.passphrase", message=message, where="--key", hint=hint))
    given: str = click.prompt("Passphrase of the key", hide_input=True, err=True, default="", show_default=False)
    return given


def _salts(file: Path, run: RunFolder) -> Salts:
    """Those in the file, so that packing again gives the same; else new ones, which only the owner may read."""
    if os.path.lexists(file):
        return read_salts(load(file), run.result)
    salts = make_salts(run.result.tests)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as private:
            private.write(documents.text(salts_document(run.result.run.id, salts)))
    except OSError:
        file.unlink()  # a half of them would be taken for all the next time
        raise
    return salts


def _check(folder: Path, key: SigningKey | None) -> None:
    """What a reviewer will find, found before anything is handed in."""
    trusted = (key.public,) if key else None
    found = verify(read_contents(folder), Expected(trusted=trusted), from_json).discrepancies
    broken = [one for one in found if not one.unknown]
    if broken:
        raise InputError(*(Problem(code=one.code, message=discrepancy_words(one), where="pack") for one in broken))
