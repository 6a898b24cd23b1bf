"""What runs have left in a reference cloud, asked of the cloud itself and not of a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openstack
import yaml

FOREIGN = ("default", "ref-net", "ref-router")
"""What the reference cloud has from its beginning."""


def remains(clouds_file: Path, cloud: str = "defcore-ref") -> list[tuple[str, str]]:
    """(kind, name) of everything in the user's project that a run may have made."""
    entry = yaml.safe_load(clouds_file.read_text())["clouds"][cloud]
    connection = openstack.connect(load_yaml_config=False, load_envvars=False, **entry)
    project = connection.current_project_id
    listed: dict[str, Any] = {
        "server": connection.compute.servers(),
        "volume": connection.block_storage.volumes(),
        "snapshot": connection.block_storage.snapshots(),
        "network": connection.network.networks(project_id=project),
        "router": connection.network.routers(project_id=project),
        "security group": connection.network.security_groups(project_id=project),
        "container": connection.object_store.containers(),
        "key pair": connection.compute.keypairs(),
    }
    return [(kind, one.name or one.id) for kind, all_ in listed.items() for one in all_ if one.name not in FOREIGN]
