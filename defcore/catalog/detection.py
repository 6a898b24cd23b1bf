"""`capabilities/detection.json`, what `scripts/detection` measured, to the strength of each capability."""

from __future__ import annotations

from defcore import schemas
from defcore.catalog.document import read_either
from defcore.catalog.folders import Data
from defcore.errors import InputError
from defcore.model.capability import Strength

FILE = "detection.json"


def load_detection(data: Data) -> dict[str, Strength]:
    """By capability. Empty if nothing was measured; raises InputError if the file is not what it should be."""
    path = data.capabilities / FILE
    if not path.exists():
        return {}
    document = read_either(path)
    problems = document.problems or schemas.problems(document.data, "detection", document)
    if problems:
        raise InputError(*problems)
    return {
        id: Strength(aimed=one["aimed"], killed=one["killed"], missed=tuple(one["missed"]))
        for id, one in document.data["capabilities"].items()
    }
