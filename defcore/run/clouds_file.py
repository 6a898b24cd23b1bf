"""Whether a clouds.yaml can be read at all. openstacksdk passes over what it cannot read, or fails in the middle of it;
the file's owner should hear of it, and never of what stands at the place: it may be a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from defcore.errors import InputError, Problem

CODE = "cloud.configuration"
SECTIONS = ("cache", "client", "metrics")
"""Beside `clouds`: what openstacksdk reads of its own."""
TEXTS = ("auth_type", "cacert", "cert", "cloud", "key", "profile", "region_name")


def check_clouds_file(file: Path) -> None:
    """Raises InputError with all problems: no YAML, or not `clouds:` with a mapping of entries."""
    try:
        content = yaml.safe_load(file.read_bytes())
    except (yaml.YAMLError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        what = getattr(error, "problem", None) or getattr(error, "strerror", None) or "it cannot be parsed"
        message = f"clouds.yaml cannot be read: {unquoted(str(what))}"
        raise InputError(Problem(code=CODE, message=message, where=where)) from None
    problems = [Problem(code=CODE, message=message, where=str(file)) for message in _misshapen(content)]
    if problems:
        raise InputError(*problems)


def _misshapen(content: Any) -> Iterator[str]:
    if content is None:
        return
    if not isinstance(content, dict):
        yield "clouds.yaml is no mapping"
        return
    for name in SECTIONS:
        if content.get(name) is not None and not isinstance(content[name], dict):
            yield f"{name}: must be a mapping"
    clouds = content.get("clouds")
    if clouds is None:
        return
    if not isinstance(clouds, dict):
        yield "clouds: must be a mapping of entries"
        return
    for name, entry in clouds.items():
        if entry is not None and not isinstance(entry, dict):
            yield f"the entry {name!r} of clouds.yaml must be a mapping"
        elif entry and entry.get("auth") is not None and not isinstance(entry["auth"], dict):
            yield f"auth: of the entry {name!r} of clouds.yaml must be a mapping"


def misshapen_entry(entry: Any) -> Iterator[str]:
    """What is wrong with an entry, as openstacksdk has read it: over this it fails in the middle, or means another."""
    if not isinstance(entry, dict):
        yield "nothing stands below its name" if entry is None else "it must be a mapping"
        return
    for name in TEXTS:
        if entry.get(name) is not None and not isinstance(entry[name], str):
            yield f"{name}: must be a text (in quotes, if it looks like a number or a yes)"
    auth = entry.get("auth")
    for section, prefix in ((entry, ""), (auth if isinstance(auth, dict) else {}, "auth.")):
        if "auth_url" in section and not (isinstance(section["auth_url"], str) and section["auth_url"].strip()):
            yield f"{prefix}auth_url: must be an address, such as https://cloud.example:5000/v3"
    regions = entry.get("regions")
    if regions is not None and not (isinstance(regions, list) and all(map(_is_region, regions))):
        yield "regions: must be a list of names, or of mappings with name: and values:"


def _is_region(one: Any) -> bool:
    if not isinstance(one, dict):
        return isinstance(one, str)
    return isinstance(one.get("name"), str) and isinstance(one.get("values", {}), dict)


def unquoted(message: str) -> str:
    """What a parser complains of, without what it quotes: a password that begins with `*` or `!` is alias or tag."""
    return re.sub(r"'(?!<[a-z ]+>')[^'\n]{4,}'|\"[^\"\n]{4,}\"", "what stands there", message)
