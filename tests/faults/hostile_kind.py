"""A kind of document that strangers hand over, and what is called on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.faults.hostile_edits import Edit

Make = Callable[[list[Edit]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Where it lies in the stranger's folder, how hostile ones are made, and the verbs."""

    path: str
    make: Make
    verbs: tuple[str, ...]
    """`{in}` is the stranger's folder, `{out}` the one that may be written."""
    around: Callable[[bytes], Mapping[str, bytes]] = lambda _: {}
    """The other files, for this content of the document: such as those that name its digest, signed again."""
