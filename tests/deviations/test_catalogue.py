"""The deviations are aimed at what there is, and leave no capability out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

from defcore.catalog import find_data, load_catalog, load_guideline
from tests.deviations.catalogue import DEVIATIONS


def test_ids_and_published_ids_are_unique() -> None:
    for ids in ([one.id for one in DEVIATIONS], [one.published for one in DEVIATIONS if one.published]):
        assert [id for id, count in Counter(ids).items() if count > 1] == []


def test_each_is_aimed_at_a_capability_of_its_service() -> None:
    services = {one.id: one.service for one in load_catalog(find_data()).capabilities}
    wrong = [one.id for one in DEVIATIONS if services.get(one.capability) is not one.service]
    assert wrong == []


def test_each_capability_of_the_guideline_is_aimed_at() -> None:
    guideline = load_guideline("2020.06", find_data())
    aimed = {one.capability for one in DEVIATIONS}
    services = tuple(f"{name}-" for name in ("identity", "images", "compute", "networks", "volumes", "objectstore"))
    named = [one.id for one in guideline.capabilities if one.id.startswith(services)]
    assert [id for id in named if id not in aimed] == []


def test_the_published_deviations_are_all_there(shared: Path) -> None:
    published = yaml.safe_load((shared / "spec" / "deviations.yaml").read_text())
    theirs = {one["id"]: (one["service"], one["capability"]) for one in published}
    ours = {one.published: (str(one.service), one.capability) for one in DEVIATIONS if one.published}
    assert ours == theirs
    assert len(DEVIATIONS) >= len(theirs) + 30
