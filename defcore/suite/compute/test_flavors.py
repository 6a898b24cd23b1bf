"""Flavors."""

import pytest

from defcore.suite.support import Api, Prerequisite
from defcore.suite.support.compute import Settings, chosen, listed, pick, unknown_id
from defcore.suite.support.compute_schemas import FLAVOR_BODY, FLAVORS_BODY, FLAVORS_BRIEF_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#flavors-flavors")


@pytest.mark.uuid("8fb42900-db6e-4493-afd5-09991d1e95d1")
@pytest.mark.covers("e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59")
@pytest.mark.needs("flavor")
def test_flavors_brief_matches_show(compute: Api, settings: Settings) -> None:
    """The brief list of flavors gives the same id, name and links as the flavor shown on its own."""
    id = chosen(settings, "flavor")
    shown = compute.get(f"/flavors/{id}").expect(200).check(FLAVOR_BODY).json["flavor"]
    assert shown["id"] == id, f"expected the flavor {id}, seen {shown['id']}"
    compute.get("/flavors").expect(200).check(FLAVORS_BRIEF_BODY)
    entry = pick(listed(compute, "/flavors", "flavors"), id)
    for key in ("id", "name", "links"):
        assert entry[key] == shown[key], f"{key} of flavor {id}: {entry[key]} in the list, {shown[key]} shown"


@pytest.mark.uuid("d5d84847-8e7c-4130-a6ed-8b1bc438d1d7")
@pytest.mark.covers("6e85fde4-b3cd-4137-ab72-ed5f418e8c24")
@pytest.mark.needs("flavor")
def test_flavors_detail_matches_show(compute: Api, settings: Settings) -> None:
    """The detailed list of flavors gives each property of a flavor as it is shown on its own."""
    id = chosen(settings, "flavor")
    shown = compute.get(f"/flavors/{id}").expect(200).check(FLAVOR_BODY).json["flavor"]
    assert shown["id"] == id, f"expected the flavor {id}, seen {shown['id']}"
    compute.get("/flavors/detail").expect(200).check(FLAVORS_BODY)
    entry = pick(listed(compute, "/flavors/detail", "flavors"), id)
    assert entry == shown, f"flavor {id}: {entry} in the list, {shown} shown"


@pytest.mark.uuid("24434c55-d436-4100-8924-e27853d93cff")
@pytest.mark.needs("flavor")
def test_flavors_brief_has_no_details(compute: Api, settings: Settings) -> None:
    """The brief list of flavors gives id, name and links, and nothing else."""
    entry = pick(listed(compute, "/flavors", "flavors"), chosen(settings, "flavor"))
    assert set(entry) == {"id", "name", "links"}, f"expected id, name and links, seen {sorted(entry)}"


@pytest.mark.uuid("f76d9987-9dc9-4c34-9723-575371523626")
@pytest.mark.needs("flavor", "alt_flavor")
def test_flavors_can_be_paged(compute: Api, settings: Settings) -> None:
    """Flavors listed one at a time, along the next links, are the flavors of the whole list, each once."""
    wanted = {chosen(settings, "flavor"), chosen(settings, "alt_flavor")}
    for path, schema in (("/flavors", FLAVORS_BRIEF_BODY), ("/flavors/detail", FLAVORS_BODY)):
        first = compute.get(path, params={"limit": 1}).expect(200).check(schema)
        assert len(first.json["flavors"]) == 1, f"{first.where}: expected 1 flavor, seen {len(first.json['flavors'])}"
        paged = [flavor["id"] for flavor in listed(compute, path, "flavors", limit=1)]
        assert len(set(paged)) == len(paged), f"{path}: a flavor is on two pages: {paged}"
        assert wanted <= set(paged), f"{path}: expected {sorted(wanted)} on the pages, seen {paged}"


@pytest.mark.uuid("d90fb613-4964-4a25-9dec-6d64e1c19f86")
def test_unknown_flavor_is_not_found(compute: Api) -> None:
    """A flavor that does not exist is answered with 404."""
    compute.get(f"/flavors/{unknown_id()}").expect(404)


@pytest.mark.uuid("81d663e5-8c52-4f46-81b2-9581941ef508")
def test_flavors_are_filtered_by_memory(compute: Api) -> None:
    """Filtered by least memory, the list has all flavors with as much or more, and none with less."""
    flavors = listed(compute, "/flavors/detail", "flavors")
    least = max((flavor["ram"] for flavor in flavors), default=0)
    if all(flavor["ram"] == least for flavor in flavors):
        raise Prerequisite("there are no two flavors of different memory")
    expected = sorted(flavor["id"] for flavor in flavors if flavor["ram"] >= least)
    for path in ("/flavors", "/flavors/detail"):
        seen = sorted(flavor["id"] for flavor in listed(compute, path, "flavors", minRam=least))
        assert seen == expected, f"{path}: expected the flavors of {least} MiB or more {expected}, seen {seen}"


@pytest.mark.uuid("4225a724-23b6-4230-ada5-731da5e3ee53")
def test_flavors_are_sorted(compute: Api) -> None:
    """Flavors come in the order of the sort key and direction asked for; a limit that makes no sense is refused with
    400."""
    memory = {flavor["id"]: flavor["ram"] for flavor in listed(compute, "/flavors/detail", "flavors")}
    for path in ("/flavors", "/flavors/detail"):
        for direction in ("asc", "desc"):
            found = listed(compute, path, "flavors", sort_key="memory_mb", sort_dir=direction)
            seen = [memory[flavor["id"]] for flavor in found if flavor["id"] in memory]
            expected = sorted(seen, reverse=direction == "desc")
            assert seen == expected, f"{path}: expected the memory in order ({direction}), seen {seen}"
        for limit in ("-1", "many"):
            compute.get(path, params={"limit": limit}).expect(400, because=f"of the limit {limit}")
