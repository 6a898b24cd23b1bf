"""Fixtures of the identity tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from defcore.suite.support import Api

if TYPE_CHECKING:
    from defcore.suite.conftest import Services


@pytest.fixture
def alt_identity(alt: Services) -> Api:
    """The identity API as the second user asks it; mark the test `needs("alt")`."""
    return alt.identity
