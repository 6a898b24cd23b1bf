"""Policy files to `Policy` values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from defcore import schemas
from defcore.catalog.document import read
from defcore.catalog.folders import Data
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.outcome import Cause, Outcome
from defcore.model.policy import Against, Policy, Thresholds

DEFAULTS = {"confidence": 0.95, "component": 0.95, "platform": 0.98, "advisory": 0.80}


def policy_names(data: Data) -> tuple[str, ...]:
    """The policies that can be named."""
    return tuple(sorted(path.stem for path in data.policies.glob("*.yaml")))


def load_policy(name: str | Path, data: Data) -> Policy:
    """The policy of that name, or in that file (`.yaml`, or a path with a slash). InputError with all problems."""
    path = Path(name)
    if path.suffix != ".yaml" and len(path.parts) == 1:
        path = data.policies / f"{name}.yaml"
        if not path.is_file():
            hint = did_you_mean(str(name), policy_names(data)) or None
            raise InputError(Problem(code="catalog.unknown-policy", message=f"no policy {str(name)!r}", hint=hint))
    document = read(path)
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, "policy", document)
    if problems:
        raise InputError(*problems)
    return _policy(document.data, document.digest)


def _policy(data: Mapping[str, Any], digest: str) -> Policy:
    rates = data.get("rates")
    parts = DEFAULTS | {name: float(value) for name, value in (rates or {}).items()}
    return Policy(
        id=data["id"],
        description=data["description"],
        against=tuple(_against(one) for one in data["against"]),
        findings=tuple(data.get("findings", ())),
        untested_is_unknown=data.get("untested", "unknown") == "unknown",
        thresholds=None if rates is None else Thresholds(**parts),
        digest=digest,
    )


def _against(text: str) -> Against:
    outcome, _, cause = text.partition("/")
    return Against(outcome=Outcome(outcome), cause=Cause(cause) if cause else None)
