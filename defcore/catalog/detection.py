"""`capabilities/detection.json`, what `scripts/detection` measured, to the strength of each capability."""

from __future__ import annotations

import json

from defcore import schemas
from defcore.catalog.folders import Data
from defcore.errors import InputError, Problem
from defcore.model.capability import Strength

FILE = "detection.json"


def load_detection(data: Data) -> dict[str, Strength]:
    """By capability. Empty if nothing was measured; raises InputError if the file is not what it should be."""
    path = data.capabilities / FILE
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        hint = "scripts/detection makes it anew"
        raise InputError(Problem(code="catalog.json", message=str(error), where=str(path), hint=hint)) from None
    problems = tuple(schemas.problems(document, "detection", schemas.in_file(path)))
    if problems:
        raise InputError(*problems)
    return {
        id: Strength(aimed=one["aimed"], killed=one["killed"], missed=tuple(one["missed"]))
        for id, one in document["capabilities"].items()
    }
