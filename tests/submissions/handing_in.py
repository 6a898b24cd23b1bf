"""A vendor's desk: run folders, a product file, a key, and the verbs that make and check a submission."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from defcore.cli import call
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from tests.submissions.runs import PRODUCT, make_run


def write_key(path: Path) -> Path:
    """A private key at the path, as OpenSSH writes it, and the public one at `<path>.pub`."""
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.with_name(f"{path.name}.pub").write_bytes(public + b" acme@example\n")
    return path


class Handing:
    """Works in a folder of its own."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.key = write_key(base / "key")
        self.product_file = base / "product.yaml"
        self.product(PRODUCT)
        self.folder = base
        self._numbers = itertools.count()

    @property
    def trusted(self) -> Path:
        return self.base / "key.pub"

    def product(self, text: str) -> None:
        self.product_file.write_text(text)

    def run(self, outcomes: Mapping[int, Outcome] | None = None, **more: object) -> Result:
        """A new run folder."""
        self.folder = self.base / f"run-{next(self._numbers)}"
        return make_run(self.folder, outcomes, **more)  # type: ignore[arg-type]

    def try_pack(self, *options: object, key: Path | str | None = "") -> int:
        """The exit code."""
        signed = ["--key", str(key or self.key)] if key is not None else []
        record = ["--results", str(self.base / "results")]
        what = ["pack", str(self.folder), "--product", str(self.product_file)]
        return call([*what, *record, *signed, *map(str, options)])

    def pack(self, *options: object, key: Path | str | None = "") -> Path:
        """The folder of the submission."""
        before = self._submissions()
        assert self.try_pack(*options, key=key) == 0
        [folder] = self._submissions() - before
        return folder

    def _submissions(self) -> set[Path]:
        return {path.parent for path in self.base.rglob("submission.yaml")}

    def verify(self, folder: Path, *options: object, trusted: bool = True) -> int:
        """The exit code."""
        whom = ["--trusted", str(self.trusted)] if trusted else []
        return call(["verify", str(folder), *whom, *map(str, options)])

    def disclose(self, test: str, *options: object) -> int:
        """The exit code."""
        return call(["disclose", str(self.folder), "--test", test, *map(str, options)])
