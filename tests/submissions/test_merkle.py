"""The tree of RFC 6962, against the test vectors of Certificate Transparency."""

from __future__ import annotations

import hashlib

import pytest

from defcore.results.merkle import audit_path, leaf_hash, node_hash, root, root_by_path

LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
}
"""(index, count) -> audit path."""


@pytest.mark.parametrize("count", range(9))
def test_the_root_is_that_of_the_vectors(count):
    assert root([leaf_hash(one) for one in LEAVES[:count]]).hex() == ROOTS[count]


@pytest.mark.parametrize(("index", "count"), PATHS)
def test_the_audit_path_is_that_of_the_vectors(index, count):
    found = audit_path([leaf_hash(one) for one in LEAVES[:count]], index)
    assert tuple(one.hex() for one in found) == PATHS[index, count]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 130])
def test_every_path_leads_to_the_root_from_its_own_place_alone(count):
    hashes = [leaf_hash(bytes([n])) for n in range(count)]
    for index, own in enumerate(hashes):
        path = audit_path(hashes, index)
        assert root_by_path(own, index, count, path) == root(hashes)
        assert root_by_path(hashes[index - 1], index, count, path) != root(hashes) or count == 1
        assert root_by_path(own, (index + 1) % count, count, path) != root(hashes) or count == 1
        assert root_by_path(own, index, count, (*path, own)) is None
        assert root_by_path(own, count, count, path) is None


def test_a_leaf_cannot_stand_for_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
