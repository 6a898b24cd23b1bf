"""The Merkle tree of RFC 6962, section 2.1, over SHA-256: root, audit path, and what a path leads to.

A leaf is hashed as SHA-256(0x00 || leaf), a node as SHA-256(0x01 || left || right), so that none can stand for the
other. The left side of a node holds the largest power of two that is smaller than the number of its leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of the leaves, in their order; of no leaf, the hash of nothing."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = _split(len(hashes))
    return node_hash(root(hashes[:half]), root(hashes[half:]))


def audit_path(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from the leaf at the index to the root, from below."""
    if len(hashes) <= 1:
        return ()
    half = _split(len(hashes))
    if index < half:
        return (*audit_path(hashes[:half], index), root(hashes[half:]))
    return (*audit_path(hashes[half:], index - half), root(hashes[:half]))


def root_by_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to from the hash of the leaf; None if it has not the length that it must have."""
    if not 0 <= index < count or len(path) != _depth(index, count):
        return None
    if count == 1:
        return leaf
    half = _split(count)
    if index < half:
        below = root_by_path(leaf, index, half, path[:-1])
        return None if below is None else node_hash(below, path[-1])
    below = root_by_path(leaf, index - half, count - half, path[:-1])
    return None if below is None else node_hash(path[-1], below)


def _depth(index: int, count: int) -> int:
    if count <= 1:
        return 0
    half = _split(count)
    return 1 + (_depth(index, half) if index < half else _depth(index - half, count - half))


def _split(count: int) -> int:
    """The largest power of two that is smaller than the count."""
    return 1 << ((count - 1).bit_length() - 1)
