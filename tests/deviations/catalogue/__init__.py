"""The deviations, by service."""

from __future__ import annotations

from tests.deviations.catalogue import (
    addresses,
    block_storage,
    compute,
    compute_actions,
    compute_groups,
    compute_records,
    compute_shown,
    compute_states,
    connections,
    containers,
    dhcpv6,
    identity,
    image,
    image_data,
    image_kept,
    isolation,
    network,
    object_answers,
    object_store,
    objects,
    passwords,
    routing,
    scopes,
    snapshots,
    volume_lists,
    volumes,
)
from tests.deviations.deviation import Deviation

MODULES = (
    identity,
    scopes,
    passwords,
    image,
    image_data,
    image_kept,
    compute,
    compute_actions,
    compute_states,
    compute_records,
    compute_shown,
    compute_groups,
    addresses,
    connections,
    containers,
    dhcpv6,
    network,
    routing,
    block_storage,
    snapshots,
    volume_lists,
    volumes,
    object_answers,
    object_store,
    objects,
)
DEVIATIONS: tuple[Deviation, ...] = (
    tuple(one for module in MODULES for one in module.book.deviations) + isolation.DEVIATIONS
)
