"""Fixtures of the block storage tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.block_storage import Volumes


@pytest.fixture
def volumes(block_storage: Api, resources: Resources, settings: Mapping[str, str | None]) -> Volumes:
    """Makes volumes and snapshots, and waits until they are available."""
    return Volumes(block_storage, resources, settings)
