"""The deviations, by service."""

from __future__ import annotations

from tests.deviations.catalogue import (
    block_storage,
    compute,
    compute_actions,
    identity,
    image,
    network,
    object_store,
    objects,
    routing,
)
from tests.deviations.deviation import Deviation

MODULES = (identity, image, compute, compute_actions, network, routing, block_storage, object_store, objects)
DEVIATIONS: tuple[Deviation, ...] = tuple(one for module in MODULES for one in module.book.deviations)
