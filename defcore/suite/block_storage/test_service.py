"""Versions, availability zones and extensions of the block storage service."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api
from defcore.suite.support.block_storage import STRING

VERSIONS = {
    "type": "object",
    "properties": {
        "versions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "pattern": r"^v\d+(\.\d+)?$"},
                    "status": {"enum": ["CURRENT", "SUPPORTED", "DEPRECATED", "EXPERIMENTAL"]},
                    "updated": STRING,
                    "version": STRING,
                    "min_version": STRING,
                    "links": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "rel": STRING,
                                "href": {"type": "string", "format": "uri"},
                                "type": STRING,
                            },
                            "required": ["rel", "href"],
                        },
                    },
                    "media-types": {"type": "array", "items": {"type": "object"}},
                },
                "required": ["id", "status", "updated", "links", "min_version", "version", "media-types"],
            },
        }
    },
    "required": ["versions"],
}
ZONES = {
    "type": "object",
    "properties": {
        "availabilityZoneInfo": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "zoneName": {"type": "string", "minLength": 1},
                    "zoneState": {
                        "type": "object",
                        "properties": {"available": {"type": "boolean"}},
                        "required": ["available"],
                    },
                },
                "required": ["zoneName", "zoneState"],
            },
        }
    },
    "required": ["availabilityZoneInfo"],
}
EXTENSIONS = {
    "type": "object",
    "properties": {
        "extensions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "alias": {"type": "string", "minLength": 1},
                    "name": STRING,
                    "description": STRING,
                    "updated": STRING,
                    "links": {"type": "array"},
                },
                "required": ["alias", "name", "description", "updated", "links"],
            },
        }
    },
    "required": ["extensions"],
}


@pytest.mark.uuid("1a6bead7-76e3-4715-b74f-cc1b9bccb13a")
@pytest.mark.covers("77838fc4-b49b-4c64-9533-166762517369")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-all-api-versions")
def test_root_lists_versions(block_storage: Api):
    """The root of the block storage service answers 300 with its API versions, 3.0 and later among them.

    The status is 300 Multiple Choices, unlike at the root of a version.
    """
    answer = block_storage.get(f"{block_storage.root}/").expect(300).check(VERSIONS)
    major = [one for one in answer.json["versions"] if one["id"].startswith("v3")]
    assert major, f"{answer.where}: no version v3 among {[one['id'] for one in answer.json['versions']]}"
    for one in major:
        assert one.get("min_version"), f"{answer.where}: v3 has no min_version: {one}"
        assert one.get("version"), f"{answer.where}: v3 has no version: {one}"


@pytest.mark.uuid("670aa76a-6e07-4d08-9347-b68576ee6205")
@pytest.mark.covers("01f1ae88-eba9-4c6b-a011-6f7ace06b725")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#availability-zones-os-availability-zone")
def test_availability_zones_are_listed(block_storage: Api):
    """An ordinary user sees at least one zone for volumes, each with its name and whether it is available."""
    block_storage.get("/os-availability-zone").expect(200).check(ZONES)


@pytest.mark.uuid("ac48b9e2-aeae-4ce9-aa62-dee72d6d7536")
@pytest.mark.covers("94607eb0-43a5-47ca-82aa-736b41bd2e2c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#api-extensions-extensions")
def test_extensions_are_listed(block_storage: Api):
    """The extensions of the block storage API are listed, each once with alias, name and description."""
    answer = block_storage.get("/extensions").expect(200).check(EXTENSIONS)
    aliases = [one["alias"] for one in answer.json["extensions"]]
    assert len(aliases) == len(set(aliases)), f"{answer.where}: an alias stands twice: {sorted(aliases)}"
