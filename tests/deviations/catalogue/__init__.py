"""The deviations, by service."""

from __future__ import annotations

from tests.deviations.catalogue import (
    block_storage,
    compute,
    compute_actions,
    compute_groups,
    identity,
    image,
    image_kept,
    isolation,
    network,
    object_store,
    objects,
    passwords,
    routing,
    scopes,
    snapshots,
    untuned_block_storage,
    untuned_compute,
    untuned_identity,
    untuned_image,
    untuned_network,
    untuned_object_store,
    untuned_objects,
    untuned_routing,
    untuned_servers,
    untuned_volume_lists,
)
from tests.deviations.deviation import Deviation

MODULES = (
    identity,
    scopes,
    passwords,
    image,
    image_kept,
    compute,
    compute_actions,
    compute_groups,
    network,
    routing,
    block_storage,
    snapshots,
    object_store,
    objects,
    untuned_identity,
    untuned_image,
    untuned_compute,
    untuned_servers,
    untuned_network,
    untuned_routing,
    untuned_block_storage,
    untuned_volume_lists,
    untuned_object_store,
    untuned_objects,
)
DEVIATIONS: tuple[Deviation, ...] = (
    tuple(one for module in MODULES for one in module.book.deviations) + isolation.DEVIATIONS
)
