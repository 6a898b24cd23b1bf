"""Availability zones."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.compute_schemas import ZONES_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#get-availability-zone-information")


@pytest.mark.uuid("66f9549e-1bc7-44e9-a437-105941e146d5")
@pytest.mark.covers("a8333aa2-205c-449f-a828-d38c2489bf25")
def test_availability_zones_are_listed_without_hosts(compute: Api) -> None:
    """An ordinary user sees at least one availability zone, with its state and without its hosts."""
    compute.get("/os-availability-zone").expect(200).check(ZONES_BODY)


@pytest.mark.uuid("f9d16a96-9525-4460-ac6b-ee4c4fb8b21f")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#get-detailed-availability-zone-information")
def test_availability_zone_hosts_are_kept_from_users(compute: Api) -> None:
    """The detailed list of availability zones, which names hosts, is forbidden to an ordinary user."""
    compute.get("/os-availability-zone/detail").expect(403, because="it is for administrators")
