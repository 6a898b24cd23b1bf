"""Fixtures of the networking tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from defcore.suite.support import Api, Prerequisite, Resources
from defcore.suite.support.network import Net

if TYPE_CHECKING:
    from defcore.suite.conftest import Services


@pytest.fixture
def net(network: Api, resources: Resources) -> Net:
    """The networking API of the ordinary user."""
    return Net(network, resources)


@pytest.fixture
def alt_net(alt: Services, resources: Resources) -> Net:
    """The networking API of the second user; mark the test `needs("alt")`."""
    return Net(alt.network, resources)


@pytest.fixture
def admin_net(admin: Services, resources: Resources) -> Net:
    """The networking API of an administrator; mark the test `needs("admin")`."""
    return Net(admin.network, resources)


@pytest.fixture
def external_network(settings: Mapping[str, str | None]) -> str:
    """Id of the external network; mark the test `needs("external_network")`."""
    found = settings["external_network"]
    if not found:
        raise Prerequisite("no external network (--set external_network=ID)")
    return found
