"""Fixtures of the object store's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, new_container, usable

if TYPE_CHECKING:
    from defcore.suite.conftest import Services


@pytest.fixture
def object_store(mine: Services) -> Api:
    """The object store API, at the account of the ordinary user, who has the right to use it: paths such as
    `/container/object`; the account itself is an empty path."""
    return usable(mine.object_store)


@pytest.fixture
def container(object_store: Api, resources: Resources) -> Container:
    """An empty container of the ordinary user."""
    return new_container(resources, object_store, "container")
