"""Fixtures of the object store's tests."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, new_container, usable


@pytest.fixture
def object_store(object_store: Api) -> Api:
    """The object store at the account of the ordinary user, who has the right to use it."""
    return usable(object_store)


@pytest.fixture
def container(object_store: Api, resources: Resources) -> Container:
    """An empty container of the ordinary user."""
    return new_container(resources, object_store, "container")
