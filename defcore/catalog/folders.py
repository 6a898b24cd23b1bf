"""Where the data lies: `--catalog DIR`, the environment, what is packed into the wheel, the checkout."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import InputError, Problem

VARIABLE = "DEFCORE_CATALOG"
PACKAGE = Path(__file__).parents[1]
KINDS = ("capabilities", "guidelines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The folders that a catalog is read from."""

    root: Path
    """Holds `capabilities/<service>/*.yaml` and `guidelines/*.yaml`."""
    suite: Path = PACKAGE / "suite"

    @property
    def capabilities(self) -> Path:
        return self.root / "capabilities"

    @property
    def guidelines(self) -> Path:
        return self.root / "guidelines"

    @property
    def policies(self) -> Path:
        return self.guidelines / "policies"


def find_data(env: Mapping[str, str] = os.environ, explicit: str | Path | None = None) -> Data:
    """The first that there is; a folder that was named must hold both kinds of data."""
    named = (("--catalog", explicit), (VARIABLE, env.get(VARIABLE)))
    for origin, folder in named:
        if folder:
            return _named(Path(folder), origin)
    for root in (PACKAGE / "data", PACKAGE.parent):
        if all((root / kind).is_dir() for kind in KINDS):
            return Data(root=root)
    message = "the capabilities and guidelines are neither packed into defcore nor beside it"
    raise InputError(Problem(code="catalog.no-data", message=message, hint="name their folder with --catalog DIR"))


def _named(root: Path, origin: str) -> Data:
    missing = [kind for kind in KINDS if not (root / kind).is_dir()]
    if missing:
        message = f"{origin}: this folder holds no {' and no '.join(f'{kind}/' for kind in missing)}"
        hint = "a catalog is a folder with capabilities/<service>/*.yaml and guidelines/*.yaml"
        raise InputError(Problem(code="catalog.folder", message=message, where=str(root), hint=hint))
    return Data(root=root)
