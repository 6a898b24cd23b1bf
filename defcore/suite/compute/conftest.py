"""Fixtures of the compute tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers


@pytest.fixture
def servers(compute: Api, resources: Resources, settings: Mapping[str, str | None]) -> Servers:
    """Boots servers; mark the test `needs("image", "flavor")`."""
    return Servers(compute, resources, settings)
