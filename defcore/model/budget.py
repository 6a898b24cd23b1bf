"""How much of a cloud a run may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from defcore.errors import InputError, Problem, did_you_mean

NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run may have at a time, in all projects together, and how long it may start tests.

    The defaults let the usual eight tests at a time do what they do, and end a run that does not come to an end.
    """

    servers: int = 24
    volumes: int = 32
    gigabytes: int = 100
    """Of volumes and their snapshots, GiB."""
    minutes: int = 480
    """From the start of the tests; those that run then are let finish."""

    def __str__(self) -> str:
        return (
            f"{self.servers} servers, {self.volumes} volumes and {self.gigabytes} GB at a time, {self.minutes} minutes"
        )

    @classmethod
    def parse(cls, text: str) -> Budget:
        """`servers=4,minutes=90`; what is not named keeps its default. Raises InputError with all problems."""
        found: dict[str, int] = {}
        problems: list[Problem] = []
        for pair in text.split(","):
            name, equals, value = (part.strip() for part in pair.partition("="))
            if name not in NAMES:
                message, hint = f"no budget for {name!r}", did_you_mean(name, NAMES)
                problems.append(_problem("budget.unknown", message, hint or f"valid: {', '.join(NAMES)}"))
            elif name in found:
                problems.append(_problem("budget.twice", f"{name} is given twice", "leave one out"))
            elif not (equals and NUMBER.fullmatch(value)):
                message = f"{name}: {value!r} is no number from 1 to 999999"
                problems.append(_problem("budget.value", message, f"such as {name}={getattr(DEFAULT, name)}"))
            else:
                found[name] = int(value)
        if problems:
            raise InputError(*problems)
        return cls(**found)

    def document(self) -> dict[str, int]:
        return asdict(self)


def read_budget(document: Mapping[str, int] | None) -> Budget:
    """Of a plan; one made before there were budgets has the defaults."""
    return Budget(**{name: document[name] for name in NAMES if name in document}) if document else Budget()


def _problem(code: str, message: str, hint: str) -> Problem:
    return Problem(code=code, message=message, where="--budget", hint=hint)


DEFAULT = Budget()
NAMES = tuple(field.name for field in fields(Budget))
