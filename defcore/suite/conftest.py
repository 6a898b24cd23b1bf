"""The fixtures of the conformance tests. `defcore_run` comes from the plugin `defcore.run.plugin`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from defcore.model.capability import Service
from defcore.suite.support import Actor, Api, Resources
from defcore.suite.support.actor import RunContext
from defcore.suite.support.disposable import disposable_user


class Services:
    """The services of one actor, such as `alt.compute`."""

    def __init__(self, actor: Actor, run: RunContext) -> None:
        self.actor = actor
        self.identity = Api(actor, Service.IDENTITY, run.note)
        self.image = Api(actor, Service.IMAGE, run.note)
        self.compute = Api(actor, Service.COMPUTE, run.note)
        self.network = Api(actor, Service.NETWORK, run.note)
        self.block_storage = Api(actor, Service.BLOCK_STORAGE, run.note)
        self.object_store = Api(actor, Service.OBJECT_STORE, run.note)


@pytest.fixture
def settings(defcore_run: RunContext) -> Mapping[str, str | None]:
    """image, alt_image, flavor, alt_flavor, network, external_network, volume_type, availability_zone, ssh_user,
    ssh_port."""
    return defcore_run.settings


@pytest.fixture
def resources(defcore_run: RunContext) -> Iterator[Resources]:
    """Creates what the test needs and removes it afterwards."""
    made = Resources(defcore_run)
    yield made
    made.cleanup()


@pytest.fixture
def mine(defcore_run: RunContext) -> Services:
    """The services as the ordinary user sees them."""
    return Services(defcore_run.actor("primary"), defcore_run)


@pytest.fixture
def alt(defcore_run: RunContext) -> Services:
    """A second ordinary user, in another project; mark the test `needs("alt")`."""
    return Services(defcore_run.actor("alt"), defcore_run)


@pytest.fixture
def reader(defcore_run: RunContext) -> Services:
    """A user with the role reader in the same project; mark the test `needs("reader")`."""
    return Services(defcore_run.actor("reader"), defcore_run)


@pytest.fixture
def admin(defcore_run: RunContext) -> Services:
    """An administrator with the role ResellerAdmin; mark the test `needs("admin")`."""
    return Services(defcore_run.actor("admin"), defcore_run)


@pytest.fixture
def disposable(defcore_run: RunContext, resources: Resources) -> Services:
    """A user who may be changed and locked out: the tester's, else one made for this test and removed after it; mark
    the test `needs("disposable")`."""
    return Services(disposable_user(defcore_run, resources), defcore_run)


@pytest.fixture
def actor(mine: Services) -> Actor:
    return mine.actor


@pytest.fixture
def identity(mine: Services) -> Api:
    """The identity API; paths such as `/v3/auth/tokens`."""
    return mine.identity


@pytest.fixture
def image(mine: Services) -> Api:
    """The image API; paths such as `/v2/images`."""
    return mine.image


@pytest.fixture
def compute(mine: Services) -> Api:
    """The compute API; paths such as `/servers`."""
    return mine.compute


@pytest.fixture
def network(mine: Services) -> Api:
    """The network API; paths such as `/v2.0/networks`."""
    return mine.network


@pytest.fixture
def block_storage(mine: Services) -> Api:
    """The block storage API; paths such as `/volumes`."""
    return mine.block_storage
