"""Security groups, as the compute API keeps them up to microversion 2.35."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import pick, unknown_id
from defcore.suite.support.compute_groups import GROUPS, Groups, comparable
from defcore.suite.support.compute_schemas import GROUP_BODY, GROUPS_BODY

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/compute/#security-groups-os-security-groups-deprecated"
)
CHANGE = {"security_group": {"name": "defcore-taken", "description": "changed"}}


@pytest.mark.uuid("f47718af-5444-47d1-8842-8d4f893cec23")
@pytest.mark.covers("eb2b087d-633d-4d0d-a7bd-9e6ba35b32de")
def test_create_list_and_delete_groups(groups: Groups, resources: Resources) -> None:
    """Security groups that were created are listed as they were answered then, and no longer once they are deleted."""
    made = [groups.created(resources.name("group"), f"number {number}") for number in range(3)]
    found = groups.listed()
    for group in made:
        seen = pick(found, group["id"])
        assert comparable(seen) == comparable(group), f"GET {GROUPS}: expected {group}, seen {seen}"
    for group in made:
        groups.expect_deleted(group["id"])
    left = {group["id"] for group in groups.listed()} & {group["id"] for group in made}
    assert not left, f"GET {GROUPS}: the deleted groups {sorted(left)} are still listed"


@pytest.mark.uuid("9425bd63-0f41-49c2-ab1e-a4d89fe9c1d9")
@pytest.mark.covers("ecc0da4a-2117-48af-91af-993cca39a615")
def test_group_is_shown_as_created(groups: Groups, resources: Resources) -> None:
    """A security group is shown as its creation answered it, with the blanks around and within its name, and is not
    found once it is deleted."""
    group = groups.created(f" {resources.name('group')} with blanks ", "a group with blanks in its name")
    seen = groups.shown(group["id"])
    assert comparable(seen) == comparable(group), f"GET {GROUPS}/{group['id']}: expected {group}, seen {seen}"
    groups.expect_deleted(group["id"])


@pytest.mark.uuid("8a5c064a-9977-449f-92d6-c246c31e40c8")
@pytest.mark.covers("7d4e1d3c-3209-4d6d-b020-986304ebad1f")
def test_group_is_updated(groups: Groups, compute: Api, resources: Resources) -> None:
    """A security group shows the new name and the new description that it was given."""
    group = groups.created(resources.name("group"), "old")
    expected = {"name": resources.name("renamed"), "description": "new"}
    compute.put(f"{GROUPS}/{group['id']}", json={"security_group": expected}).expect(200)
    shown = groups.shown(group["id"])
    seen = {key: shown[key] for key in expected}
    assert seen == expected, f"GET {GROUPS}/{group['id']}: expected {expected}, seen {seen}"


@pytest.mark.uuid("e1df0a82-c186-4c56-ae24-4cc171310b8b")
@pytest.mark.covers("673eaec1-9b3e-48ed-bdf1-2786c1b9661c")
@pytest.mark.usefixtures("groups")
def test_unknown_group_is_not_shown(compute: Api) -> None:
    """To show a security group that does not exist is answered with 404."""
    compute.get(f"{GROUPS}/{unknown_id()}").expect(404, because="there is no such group")


@pytest.mark.uuid("81d0d666-f424-4288-80ce-fc2276a105c3")
@pytest.mark.covers("27edee9c-873d-4da6-a68a-3c256efebe8f")
@pytest.mark.usefixtures("groups")
def test_unknown_group_is_not_updated(compute: Api) -> None:
    """To change a security group that does not exist is answered with 404."""
    compute.put(f"{GROUPS}/{unknown_id()}", json=CHANGE).expect(404, because="there is no such group")


@pytest.mark.uuid("a771b846-d0b7-450c-95e3-a425f2bab11b")
@pytest.mark.covers("6727c00b-214c-4f9e-9a52-017ac3e98411")
def test_unknown_group_is_not_deleted(groups: Groups) -> None:
    """To delete a security group that does not exist is answered with 404."""
    groups.delete(unknown_id()).expect(404, because="there is no such group")


@pytest.mark.uuid("e99ba54c-2790-4c19-b4a9-070d97cf6cd3")
@pytest.mark.covers("1438f330-8fa4-4aeb-8a94-37c250106d7f")
def test_group_without_id_is_not_deleted(groups: Groups) -> None:
    """To delete a security group without saying which is answered with 404."""
    groups.delete("").expect(404, because="no group is named")


@pytest.mark.uuid("4f7ad80a-70da-49de-bdc4-d9afe131fac2")
@pytest.mark.covers("36a1629f-c6da-4a26-b8b8-55e7e5d5cd58")
@pytest.mark.exclusive("compute_security_group", "security_group")
def test_default_group_cannot_be_deleted(groups: Groups) -> None:
    """To delete the security group default of the project is refused with 400.

    Where it is deleted all the same, it is made anew with the rules that it had.
    """
    with groups.default_kept() as default:
        groups.delete(default["id"]).expect(400, because="every project keeps its group default")


@pytest.mark.uuid("2307dd08-965f-4b3c-830f-7613c8a0c27e")
@pytest.mark.exclusive("compute_security_group", "security_group")
def test_default_group_stays(groups: Groups) -> None:
    """The security group default of the project is still there after its deletion was refused.

    Where it is gone all the same, it is made anew with the rules that it had.
    """
    with groups.default_kept() as before:
        groups.delete(before["id"]).setup(400)
        after = groups.default()
        assert after["id"] == before["id"], f"GET {GROUPS}: the group default was {before['id']}, is {after['id']}"


@pytest.mark.uuid("3372a9e6-9c71-4726-86de-cd3c3e7dbd97")
def test_update_answers_the_group_as_it_is_now(groups: Groups, compute: Api, resources: Resources) -> None:
    """The answer to the change of a security group is the group as it is shown afterwards; a change that lacks the
    name is refused with 400 and changes nothing."""
    group = groups.given("group")
    path = f"{GROUPS}/{group['id']}"
    change = {"name": resources.name("renamed"), "description": "new"}
    answered = compute.put(path, json={"security_group": change}).expect(200).check(GROUP_BODY).json["security_group"]
    shown = groups.shown(group["id"])
    assert comparable(answered) == comparable(shown), f"PUT {path} answered {answered}, shown is {shown}"
    compute.put(path, json={"security_group": {"description": "newer"}}).expect(400, because="the name is missing")
    after = groups.shown(group["id"])
    assert comparable(after) == comparable(shown), f"GET {path}: expected {shown}, seen {after}"


@pytest.mark.uuid("6eae8862-bd0a-4916-b15e-537572b9e2b6")
@pytest.mark.usefixtures("groups")
def test_groups_have_left_the_compute_api(compute: Api) -> None:
    """From microversion 2.36 on, the compute API has no security groups any more: 404."""
    compute.need_microversion("2.36")
    answer = compute.get(GROUPS, microversion="2.36")
    answer.expect(404, because="security groups ended with microversion 2.35")


@pytest.mark.uuid("545ebc25-328c-4065-83a3-3862c26c7fd6")
@pytest.mark.needs("alt")
def test_foreign_group_is_not_found(groups: Groups, alt_compute: Api) -> None:
    """A security group is not found by a user of another project, neither shown nor listed nor changed nor deleted,
    and stays as it is."""
    group = groups.given("foreign-group")
    path = f"{GROUPS}/{group['id']}"
    groups.shown(group["id"])
    alt_compute.get(path).expect(404, because="the group is another project's")
    alt_compute.put(path, json=CHANGE).expect(404, because="the group is another project's")
    alt_compute.delete(path).expect(404, because="the group is another project's")
    seen = [one["id"] for one in alt_compute.get(GROUPS).expect(200).check(GROUPS_BODY).json["security_groups"]]
    assert group["id"] not in seen, f"GET {GROUPS} lists the group of another project"
    after = groups.shown(group["id"])
    assert comparable(after) == comparable(group), f"GET {path}: expected {group}, seen {after}"
