"""Fixtures of the compute tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, Settings
from defcore.suite.support.compute_groups import Groups
from defcore.suite.support.compute_guest import Guests
from defcore.suite.support.compute_volumes import Volumes

if TYPE_CHECKING:
    from defcore.suite.conftest import Services


@pytest.fixture
def servers(compute: Api, resources: Resources, settings: Settings) -> Servers:
    """Boots servers; mark the test `needs("image", "flavor")`."""
    return Servers(compute, resources, settings)


@pytest.fixture
def server_volumes(block_storage: Api, compute: Api, resources: Resources, settings: Settings) -> Volumes:
    """Makes volumes and attaches them. Make them before the server: what is made last is removed first."""
    return Volumes(block_storage, compute, resources, settings)


@pytest.fixture
def groups(compute: Api, resources: Resources, network: Api) -> Groups:
    """Security groups by the compute API. Skips where there is no network service to keep them.

    Make them before the server: what is made last is removed first.
    """
    assert network.endpoint  # raises Absent
    return Groups(compute, resources, network)


@pytest.fixture
def alt_compute(alt: Services) -> Api:
    """The compute API as the second user sees it; mark the test `needs("alt")`."""
    return alt.compute


@pytest.fixture
def guests(servers: Servers, network: Api) -> Guests:
    """Boots servers that can be looked into by SSH; mark the test `needs("guest", "flavor", "network")`."""
    return Guests(servers, network)
