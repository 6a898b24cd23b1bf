"""Quotas."""

from typing import Any

import pytest

from defcore.suite.support import Api
from defcore.suite.support.compute_schemas import NUMBER, QUOTA_BODY, record, several

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#quota-sets-os-quota-sets")
PAIRS = (
    ("maxTotalInstances", "instances", "totalInstancesUsed"),
    ("maxTotalCores", "cores", "totalCoresUsed"),
    ("maxTotalRAMSize", "ram", "totalRAMUsed"),
)
"""Limit, resource of the quota, and what is used of it."""
ABSOLUTE = {
    **record({name: NUMBER for limit, _, used in PAIRS for name in (limit, used)}),
    "additionalProperties": True,
}
LIMITS_BODY = record({"limits": record({"absolute": ABSOLUTE}, rate=several({"type": "object"}))})


def expect_quota(compute: Api, path: str) -> dict[str, Any]:
    answer = compute.get(path).expect(200).check(QUOTA_BODY)
    quota = answer.json["quota_set"]
    project = compute.actor.project_id
    assert quota["id"] == project, f"{answer.where}: expected the project {project}, seen {quota['id']}"
    return dict(quota)


@pytest.mark.uuid("4cb82618-2f95-49e1-9a0f-f5ffdb1e7762")
@pytest.mark.covers("f1ef0a97-dbbb-4cca-adc5-c9fbc4f76107")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-a-quota")
def test_quota_set_of_project(compute: Api) -> None:
    """A user can read the quota of the own project, and that of the own user in it, each resource of it."""
    project, user = compute.actor.project_id, compute.actor.user_id
    expect_quota(compute, f"/os-quota-sets/{project}")
    expect_quota(compute, f"/os-quota-sets/{project}?user_id={user}")


@pytest.mark.uuid("3bc2439f-0f82-4550-a13b-312e1477c7d7")
@pytest.mark.covers("9bfecac7-b966-4f47-913f-1a9e2c12134a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-default-quotas-for-tenant")
def test_quota_set_defaults(compute: Api) -> None:
    """A user can read the default quota of a project, each resource of it."""
    expect_quota(compute, f"/os-quota-sets/{compute.actor.project_id}/defaults")


@pytest.mark.uuid("869bc70b-8a72-4a80-86a1-6d0d779991a8")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-rate-and-absolute-limits")
def test_limits_match_the_quota(compute: Api) -> None:
    """The absolute limits of a project are its quota, and what is used of each is told.

    It may be more than the limit: an operator can lower a quota below what is in use.
    """
    quota = expect_quota(compute, f"/os-quota-sets/{compute.actor.project_id}")
    answer = compute.get("/limits").expect(200).check(LIMITS_BODY)
    limits = answer.json["limits"]["absolute"]
    for limit, resource, used in PAIRS:
        pair = (limits[limit], quota[resource])
        assert pair[0] == pair[1], f"{answer.where}: {limit} is {pair[0]}, the quota of {resource} is {pair[1]}"
        assert limits[used] >= 0, f"{answer.where}: {used} is {limits[used]}"


@pytest.mark.uuid("271c5519-80a5-40d4-a50a-a77a50d8a311")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-a-quota")
def test_quota_of_another_project_is_kept(compute: Api, alt_compute: Api) -> None:
    """The quota of another project is forbidden to an ordinary user."""
    compute.get(f"/os-quota-sets/{alt_compute.actor.project_id}").expect(
        403, because="it is the quota of another project"
    )
