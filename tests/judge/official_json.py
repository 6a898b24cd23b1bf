"""Official guideline files, read as RefStack's server reads them: raw JSON to the facts that it counts."""

from __future__ import annotations

from typing import Any

from tests.judge.refstack import STATUSES

PLATFORMS = {
    "platform": "OpenStack Powered Platform",
    "compute": "OpenStack Powered Compute",
    "object": "OpenStack Powered Storage",
}


def targets(raw: dict[str, Any]) -> dict[str, list[str]]:
    """Target -> names of its components."""
    if "metadata" in raw:
        found = {
            target: [one["name"] for one in raw["platforms"][name]["components"]]
            for target, name in PLATFORMS.items()
            if name in raw.get("platforms", {})
        }
        for kind in ("dns", "orchestration"):
            if "add-ons" in raw and f"os_powered_{kind}" in raw["components"]:
                found[kind] = [f"os_powered_{kind}"]
        return found
    alone = {name: [name] for name in ("compute", "object") if name in raw["components"]}
    return {"platform": list(raw["platform"]["required"]), **alone}


def facts(raw: dict[str, Any]) -> dict[str, Any]:
    """Components with their capabilities by status; capabilities with their tests, aliases and flags."""
    modern = "metadata" in raw
    return {
        "components": {
            name: {status: (one["capabilities"] if modern else one).get(status, []) for status in STATUSES}
            for name, one in raw["components"].items()
        },
        "capabilities": {name: _tests(one) for name, one in raw["capabilities"].items()},
    }


def _tests(capability: dict[str, Any]) -> dict[str, dict[str, Any]]:
    tests, flagged = capability["tests"], capability.get("flagged", [])
    if isinstance(tests, list):
        return {name: {"aliases": [], "flagged": name in flagged} for name in tests}
    return {
        name: {"aliases": one.get("aliases", []), "flagged": bool(one.get("flagged"))} for name, one in tests.items()
    }
