"""Whether something is a test's own, which its clean-up may then remove.

A list, a filter or an answer that tells an id may be wrong; what is shown under the id has to say whose it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

from defcore.errors import CannotTell, PromiseBroken
from defcore.model.capability import Service
from defcore.model.resources import ResourceKind
from defcore.suite.support.answer import Answer

PREFIX = "defcore-"
"""Of each name that is given."""


def bears(name: str | None, shown: object, *, tag: str) -> bool:
    """Whether a name that a test of the run with this tag gave is the one shown; of several that one request makes
    each has an end of its own."""
    ours = name is not None and f"{PREFIX}{tag}-" in name
    return ours and (shown == name or str(shown).startswith(f"{name}-"))


def is_part(kind: ResourceKind, id: str, own: Collection[tuple[str, str]]) -> bool:
    """Whether it is among the test's `own` (kind and id), or, where the tester chooses the id, inside one of them.

    Raises CannotTell if it would have to be inside one of them.
    """
    if (kind.name, id) in own:
        return True
    if kind.envelope or kind.service is not Service.OBJECT_STORE:
        return False
    inside = kind.name == "object" and not {".", ".."} & set(id.split("/"))
    holders = {one for name, one in own if name == ("container" if inside else "project")}
    if (id.partition("/")[0] in holders) if inside else any(project in id for project in holders):
        return True
    raise CannotTell(f"the {kind.name} {id} is no part of what this test made, and is left alone")


def need_own(
    kind: ResourceKind,
    id: str,
    answer: Answer,
    *,
    named: str | None,
    tag: str,
    own: Collection[str],
    told: Answer | None,
) -> None:
    """Raises CannotTell unless the answer to its GET shows it as the test's own: `Resources.track` says when it is.

    `own` are the ids of what is the test's.
    """
    shown: dict[str, Any] = {}
    with contextlib.suppress(PromiseBroken, KeyError, TypeError, ValueError):
        shown = dict(answer.json[kind.envelope] if kind.envelope else answer.json)
    seen = shown.get(kind.name_key)
    hangs = any(value in own for value in shown.values() if isinstance(value, str))
    nameless = bool(shown) and not seen and told is not None and _tells(told, id)
    if not (bears(named, seen, tag=tag) or hangs or nameless):
        raise CannotTell(
            f"{answer.where}: the {kind.name} {id} has the {kind.name_key} {seen!r}, not {named!r}: it may be "
            "another's, and is left alone"
        )


def _tells(told: Answer, id: str) -> bool:
    """Whether the answer to a POST that made something names this id."""
    made = told.method == "POST" and told.status < 400
    return made and (id in told.text or id in told.headers.get("Location", ""))
