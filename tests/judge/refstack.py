"""RefStack's rule, written naively from its description and from nothing of `defcore.judge`.

Works on plain dicts and on the names of passed tests, as RefStack does, so that the two can disagree.
"""

from __future__ import annotations

STATUSES = ("required", "advisory", "deprecated", "removed")


def target_capabilities(guideline: dict, components: list[str]) -> dict[str, str]:
    """Capability -> status; the strongest wins."""
    found: dict[str, str] = {}
    for status in reversed(STATUSES):
        for component in components:
            for capability in guideline["components"][component][status]:
                found[capability] = status
    return found


def counts(guideline: dict, components: list[str], passed: set[str]) -> dict[str, dict[str, int]]:
    table = {
        status: dict.fromkeys(("capabilities", "tests", "passed", "flagged_passed", "flagged_failed"), 0)
        for status in STATUSES
    }
    for capability, status in target_capabilities(guideline, components).items():
        row = table[status]
        row["capabilities"] += 1
        for name, test in guideline["capabilities"].get(capability, {}).items():
            ok = bool({name, *test["aliases"]} & passed)
            row["tests"] += 1
            row["passed"] += ok
            row["flagged_passed"] += ok and test["flagged"]
            row["flagged_failed"] += test["flagged"] and not ok
    return table


def percents(row: dict[str, int]) -> tuple[float | None, float | None]:
    failed = row["tests"] - row["passed"]
    must_pass = row["tests"] - row["flagged_passed"] - row["flagged_failed"]
    kept = must_pass - (failed - row["flagged_failed"])
    return (
        row["passed"] * 100 / row["tests"] if row["tests"] else None,
        kept * 100 / must_pass if must_pass else None,
    )


def compliant(guideline: dict, components: list[str], passed: set[str]) -> bool | None:
    """None for 0 of 0, to which RefStack says yes and we say that we cannot know."""
    asked = [
        {name, *test["aliases"]}
        for capability, status in target_capabilities(guideline, components).items()
        if status == "required"
        for name, test in guideline["capabilities"].get(capability, {}).items()
        if not test["flagged"]
    ]
    return all(names & passed for names in asked) if asked else None
