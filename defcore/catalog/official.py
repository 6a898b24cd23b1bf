"""Official guideline files, of schema 1.2 to 2.0, add-ons and verticals, to `Guideline` values.

In goes the plain data of the file, unmodified; out comes a `Guideline` with its irregularities, or InputError with
every value whose type cannot be read. Nothing is dropped without being told, except what is no fact of the
guideline: the address of the schema, and the prose of the designated sections (only their projects are kept).

RefStack's reading is ours: the strongest status of a capability counts, a component that another file defines is
not followed, and a capability that nothing defines has no tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from defcore.catalog.official_capabilities import read_capabilities
from defcore.catalog.source import Source, short
from defcore.errors import InputError, did_you_mean
from defcore.model.guideline import Component, Criterion, Elsewhere, Guideline, Kind, Platform, Repository, Status
from defcore.schemas import Locate, Place

KNOWN = ("1.2", "1.3", "1.4", "1.5", "1.6", "2.0")
STATUSES = ("draft", "review", "advisory", "approved", "superseded")
NAME = re.compile(r"([a-z]+\.)?([0-9]{4}\.[0-9]{2}|next)")
PLATFORMS = {
    "platform": "OpenStack Powered Platform",
    "compute": "OpenStack Powered Compute",
    "object": "OpenStack Powered Storage",
}
"""RefStack's target -> the programme. Schema 1.x has components of the targets' names and no programmes."""
TARGETS = {name: target for target, name in PLATFORMS.items()}
HEAD_1 = (
    *("id", "source", "schema", "status", "replaces", "releases", "platform", "components", "criteria", "capabilities"),
    *("designated-sections", "reference", "test-repositories", "cutoff_score", "target_approval"),
)
HEAD_2 = ("metadata", "platforms", "add-ons", "components", "capabilities", "designated_sections", "test_repositories")
Found = tuple[Any, Place]
"""A value and where it stands."""
Head = dict[str, Any]
"""What both families of schemas say of a guideline, each a `Found`; `schema` is a text."""


def is_official(data: object) -> bool:
    """Whether the data is of one of the official schemas rather than of ours."""
    if not isinstance(data, Mapping):
        return False
    return "metadata" in data or ("schema" in data and not str(data["schema"]).startswith("defcore/"))


def read_official(data: Mapping[str, Any], *, stem: str, locate: Locate, digest: str = "", path: str = "") -> Guideline:
    """The guideline that an official document states. `stem` is the file's name without suffix, which settles the
    id where the document calls itself otherwise. Raises InputError with every value that cannot be read."""
    source = Source(locate)
    two = "metadata" in data
    head = _head_2(data, source) if two else _head_1(data, source)
    criteria = _criteria(head["criteria"], source)
    components = _components(data, source, two=two)
    defined = source.mapping(data.get("capabilities"), ("capabilities",))
    capabilities = read_capabilities(defined, source, schema=head["schema"], criteria=[one.id for one in criteria])
    own_id = _id(head["id"], stem, source)
    kind, platforms = _platforms_2(data, own_id, components, source) if two else _platforms_1(data, components, source)
    _report_undefined(components, {one.id for one in capabilities}, source, two=two)
    guideline = Guideline(
        id=own_id,
        status=_status(head["status"], source),
        source=source.text(*head["source"]) or "",
        releases=tuple(source.names(*head["releases"])),
        replaces=source.text(*head["replaces"]),
        approval=_approval(head["approval"], source),
        cutoff=source.whole(*head["cutoff"]),
        criteria=criteria,
        platforms=platforms,
        components=components,
        capabilities=capabilities,
        digest=digest,
        kind=kind,
        repositories=_repositories(data, source, two=two),
        designated=_designated(data, source, two=two),
        schema=head["schema"],
        irregularities=tuple(source.irregularities),
        path=path,
    )
    if source.problems:
        raise InputError(*source.problems)
    return guideline


def _head_1(data: Mapping[str, Any], source: Source) -> Head:
    found = source.keys(data, (), HEAD_1)
    names = {"approval": "target_approval", "cutoff": "cutoff_score"}
    wanted = ("id", "status", "source", "releases", "replaces", "approval", "cutoff", "criteria")
    head: Head = {one: found.get(names.get(one, one), (None, (names.get(one, one),))) for one in wanted}
    head["schema"] = _schema(data.get("schema"), ("schema",), source)
    return head


def _head_2(data: Mapping[str, Any], source: Source) -> Head:
    source.keys(data, (), HEAD_2)
    place: Place = ("metadata",)
    metadata = source.mapping(data["metadata"], place)
    known = ("id", "schema", "reference", "source", "scoring", "os_trademark_approval")
    found = source.keys(metadata, place, known)
    scoring = source.mapping(metadata.get("scoring"), (*place, "scoring"), missing=True)
    approval = source.mapping(metadata.get("os_trademark_approval"), (*place, "os_trademark_approval"), missing=True)
    found |= source.keys(scoring, (*place, "scoring"), ("cutoff_score", "criteria"))
    inner = ("target_approval", "replaces", "releases", "status")
    found |= source.keys(approval, (*place, "os_trademark_approval"), inner)
    names = {"approval": "target_approval", "cutoff": "cutoff_score"}
    wanted = ("id", "status", "source", "releases", "replaces", "approval", "cutoff", "criteria")
    head: Head = {one: found.get(names.get(one, one), (None, place)) for one in wanted}
    head["schema"] = _schema(*found.get("schema", (None, place)), source)
    return head


def _schema(value: object, place: Place, source: Source) -> str:
    text = source.text(value, place)
    if text is None:
        source.odd("no-schema", "the schema is not named; read as 2.0", place)
        return KNOWN[-1]
    if text not in KNOWN:
        source.wrong(f"{short(text)} is no schema that is known here", place, f"valid: {', '.join(KNOWN)}")
    return text


def _id(head: Found, stem: str, source: Source) -> str:
    own = source.text(*head)
    if NAME.fullmatch(stem) and own != stem:
        source.odd("other-id", f"the guideline calls itself {short(str(own))}; its file's name is taken", head[1])
        return stem
    if own is None:
        source.wrong("the guideline has no id", head[1])
    return own or ""


def _status(head: Found, source: Source) -> str:
    value, place = head
    text = source.text(value, place)
    if text is None:
        source.odd("no-status", "the guideline has no status; read as a draft", place)
    elif text not in STATUSES:
        source.wrong(f"{short(text)} is no status of a guideline", place, did_you_mean(text, STATUSES))
    return text or "draft"


def _approval(head: Found, source: Source) -> str | None:
    value, place = head
    text = source.text(value, place)
    match = re.fullmatch(r"[a-z]+\.([0-9]{4}\.[0-9]{2})", text or "")
    if match:
        source.odd("approval", f"the date of approval is written {short(text or '')}; read as {match[1]!r}", place)
    return match[1] if match else text


def _criteria(head: Found, source: Source) -> tuple[Criterion, ...]:
    value, place = head
    criteria = []
    for name, data in source.mapping(value, place, missing=True).items():
        own: Place = (*place, name)
        known = ("name", "description", "Description", "weight")
        found = source.keys(source.mapping(data, own), own, known)
        weight = source.whole(*found.get("weight", (None, own)))
        if weight is None:
            source.odd("no-weight", "the criterion has no weight; read as 0", own)
        described = found.get("description") or found.get("Description") or (None, own)
        criteria.append(
            Criterion(
                id=name,
                name=source.text(*found.get("name", (None, own))) or name,
                description=source.text(*described) or "",
                weight=weight or 0,
            )
        )
    return tuple(criteria)


def _components(data: Mapping[str, Any], source: Source, *, two: bool) -> tuple[Component, ...]:
    components = []
    for name, value in source.mapping(data.get("components"), ("components",)).items():
        place: Place = ("components", name)
        own = source.mapping(value, place)
        if two:
            found = source.keys(own, place, ("capabilities", "designated_sections"))
            listed, place = found.get("capabilities", (None, place))
            own = source.mapping(listed, place)
        components.append(Component(name=name, capabilities=_by_status(own, place, source)))
    return tuple(components)


def _by_status(data: dict[str, Any], place: Place, source: Source) -> tuple[tuple[str, Status], ...]:
    """Where a capability stands under several statuses, the strongest wins (RefStack)."""
    found = source.keys(data, place, [status.value for status in Status])
    strongest: dict[str, Status] = {}
    for status in Status:
        listed, own = found.get(status.value, (None, place))
        for name in source.names(listed, own):
            first = strongest.setdefault(name, status)
            if first is not status:
                source.odd("two-statuses", f"{short(name)} is {first} and {status}; the first counts", own)
    return tuple(strongest.items())


def _platforms_1(
    data: Mapping[str, Any], components: tuple[Component, ...], source: Source
) -> tuple[Kind, tuple[Platform, ...]]:
    """The components that the platform requires, together; and each component alone."""
    place: Place = ("platform",)
    found = source.keys(source.mapping(data.get("platform"), place), place, [status.value for status in Status])
    for status, (listed, own) in found.items():
        if status != Status.REQUIRED and source.names(listed, own):
            source.odd("component-status", f"components of status {status} are not judged with the platform", own)
    required = source.names(*found.get("required", (None, place)))
    names = [one.name for one in components]
    for name in required:
        if name not in names:
            source.odd(
                "undefined-component", f"no component {short(name)} here; it counts as empty", (*place, "required")
            )
    together = Platform(
        name=PLATFORMS["platform"],
        target="platform",
        description="",
        components=tuple(name for name in required if name in names),
        elsewhere=tuple(Elsewhere(component=name, source="") for name in required if name not in names),
    )
    alone = (
        Platform(name=PLATFORMS.get(name, name), target=slug(name), description="", components=(name,))
        for name in names
        if name != "platform"
    )
    return Kind.GUIDELINE, (together, *alone)


def _platforms_2(
    data: Mapping[str, Any], own_id: str, components: tuple[Component, ...], source: Source
) -> tuple[Kind, tuple[Platform, ...]]:
    names = [one.name for one in components]
    platforms = []
    for key in ("platforms", "add-ons"):
        for name, value in source.mapping(data.get(key), (key,), missing=True).items():
            platforms.append(_platform_2(name, value, (key, name), names, own_id, source))
    if not platforms:
        source.wrong("neither platforms nor add-ons are there", ())
    if data.get("add-ons"):
        return Kind.ADD_ON, tuple(platforms)
    foreign = any(one.elsewhere for one in platforms)
    return Kind.VERTICAL if foreign else Kind.GUIDELINE, tuple(platforms)


def _platform_2(name: str, value: object, place: Place, names: list[str], own_id: str, source: Source) -> Platform:
    lists = ("components", "required_platform_components", "optional_platform_components")
    found = source.keys(source.mapping(value, place), place, ("description", *lists))
    own: list[str] = []
    elsewhere: list[Elsewhere] = []
    for key in lists:
        for component in _referred(*found.get(key, (None, place)), source):
            if key == "components" and component.component in names:
                own.append(component.component)
                continue
            if key == "components" and not component.source:
                message = f"no component {short(component.component)} here; it counts as empty"
                source.odd("undefined-component", message, (*place, key))
            optional = key.startswith("optional")
            elsewhere.append(Elsewhere(component=component.component, source=component.source, optional=optional))
    return Platform(
        name=name,
        target=_target(name, own, own_id, add_on=place[0] == "add-ons"),
        description=source.text(*found.get("description", (None, place))) or "",
        components=tuple(own),
        elsewhere=tuple(elsewhere),
    )


def _target(name: str, components: list[str], own_id: str, *, add_on: bool) -> str:
    """RefStack's word for a programme; of an add-on, what follows `os_powered_` in its component."""
    if name in TARGETS:
        return TARGETS[name]
    if add_on and components:
        return slug(components[0].removeprefix("os_powered_"))
    prefix, dot, _ = own_id.partition(".")
    return slug(prefix if dot and prefix.isalpha() else name)


def slug(name: str) -> str:
    """Fit to be typed as a target."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "other"


def _referred(value: object, place: Place, source: Source) -> list[Elsewhere]:
    if value is None:
        return []
    if not isinstance(value, list):
        source.wrong("expected a list of components", place)
        return []
    found = []
    for n, item in enumerate(value):
        own: Place = (*place, n)
        keys = source.keys(source.mapping(item, own), own, ("name", "source"))
        name = source.text(*keys.get("name", (None, own)))
        if name is None:
            source.wrong("the component has no name", own)
            continue
        found.append(Elsewhere(component=name, source=source.text(*keys.get("source", (None, own))) or ""))
    return found


def _report_undefined(components: tuple[Component, ...], defined: set[str], source: Source, *, two: bool) -> None:
    for component in components:
        for name, status in component.capabilities:
            if name not in defined:
                inner = ("capabilities",) if two else ()
                place: Place = ("components", component.name, *inner, status.value)
                message = f"{component.name} names the {status} capability {short(name)}, which nothing defines"
                source.odd("undefined-capability", f"{message}; it counts as one without tests", place)


def _repositories(data: Mapping[str, Any], source: Source, *, two: bool) -> tuple[Repository, ...]:
    place: Place = ("test_repositories" if two else "test-repositories",)
    url, reference = ("repository", "reference") if two else ("url", "git-sha")
    found = []
    for name, value in source.mapping(data.get(str(place[0])), place, missing=True).items():
        own: Place = (*place, name)
        keys = source.keys(source.mapping(value, own), own, (url, reference, "description"))
        address, at = source.text(*keys.get(url, (None, own))), source.text(*keys.get(reference, (None, own)))
        found.append(Repository(name=name, url=address or "", reference=at or ""))
    return tuple(found)


def _designated(data: Mapping[str, Any], source: Source, *, two: bool) -> tuple[str, ...]:
    place: Place = ("designated_sections" if two else "designated-sections",)
    sections = source.mapping(data.get(str(place[0])), place, missing=True)
    if not two:
        inner = ((status.value, sections.get(status.value)) for status in Status)
        named = (name for key, one in inner for name in source.mapping(one, (*place, key), missing=True))
        return tuple(dict.fromkeys(named))
    return tuple(sections)
