"""Our side of the map: test cases of the suite, grouped into capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """Service types by the names of the OpenStack service types authority."""

    IDENTITY = "identity"
    IMAGE = "image"
    COMPUTE = "compute"
    NETWORK = "network"
    BLOCK_STORAGE = "block-storage"
    OBJECT_STORE = "object-store"


NEEDS = {
    "alt": "a second ordinary user, in another project (--alt-cloud NAME)",
    "reader": "a user with the role reader in the same project (--reader-cloud NAME)",
    "admin": "an administrator with the role ResellerAdmin (--admin-cloud NAME)",
    "disposable": "a user who may be locked out (--disposable-cloud NAME, or --admin-cloud NAME, who makes one)",
    "image": "an image to boot from (--set image=ID)",
    "alt_image": "a second image (--set alt_image=ID)",
    "flavor": "a flavor (--set flavor=ID)",
    "alt_flavor": "a second flavor of the same or greater size (--set alt_flavor=ID)",
    "network": "a network of the project with a subnet (--set network=ID)",
    "external_network": "an external network (--set external_network=ID)",
    "guest": "a guest that can be reached by SSH (--set ssh_user=NAME and a bootable image)",
}
"""What a test may need beyond one ordinary user, with the remedy. The argument of the mark `needs`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """A test of the suite, as its source file states it."""

    __test__ = False  # not a pytest class

    id: str
    """Lasting UUID: the identity of the test."""
    name: str
    nodeid: str
    """`identity/test_tokens.py::test_password_token`, relative to the suite."""
    service: Service
    promise: str
    """First paragraph of the docstring."""
    reference: str | None
    """Address of the section of the API reference that makes the promise."""
    covers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Names from NEEDS."""
    exclusive: tuple[str, ...] = ()
    """Kinds of resource for which the test must be alone in the project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A set of tests with a name that guidelines refer to."""

    id: str
    service: Service
    title: str
    reference: str | None
    tests: tuple[str, ...]
    """UUIDs of test cases."""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """Detection strength of a capability: how many deviations of a cloud were aimed at it, how many it noticed."""

    aimed: int
    killed: int
    """Noticed, by a test that FAILED."""
    missed: tuple[str, ...]
    """Names of the deviations that no test noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All capabilities and test cases known here."""

    capabilities: tuple[Capability, ...]
    tests: tuple[TestCase, ...]
    suite_version: str
    suite_digest: str
    """`sha256:<hex>` over the suite's sources."""
