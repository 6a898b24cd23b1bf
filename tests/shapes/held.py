"""What the users of a site hold, found without our own ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openstack


def _connected(name: str, clouds: Path | None) -> openstack.connection.Connection:
    if clouds is None:
        return openstack.connect(cloud=name)
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)], load_envvars=False)
    return openstack.connection.Connection(config=config.get_one(cloud=name))


def held(users: Mapping[str, str], clouds: Path | None = None) -> set[str]:
    """Everything that the user and its neighbour hold, by kind and id, and every user and project there is.

    `users`: role -> name in `clouds`, or else in the clouds.yaml that OS_CLIENT_CONFIG_FILE names.
    """
    found = set()
    admin = _connected(users["admin"], clouds)
    found |= {f"user {one.id}" for one in admin.identity.users()}
    found |= {f"project {one.id}" for one in admin.identity.projects()}
    admin.close()
    for name in (users["primary"], users["alt"]):
        its = _connected(name, clouds)
        mine = {"project_id": its.current_project_id}
        everything = {
            "server": its.compute.servers(),
            "keypair": its.compute.keypairs(),
            "image": its.image.images(owner=its.current_project_id),
            "volume": its.block_storage.volumes(),
            "snapshot": its.block_storage.snapshots(),
            "network": its.network.networks(**mine),
            "subnet": its.network.subnets(**mine),
            "subnet pool": its.network.subnet_pools(**mine),
            "port": its.network.ports(**mine),
            "router": its.network.routers(**mine),
            "floating IP": its.network.ips(**mine),
            "security group": its.network.security_groups(**mine),
            "container": its.object_store.containers(),
            "application credential": its.identity.application_credentials(its.current_user_id),
        }
        found |= {f"{name}: {kind} {one.id or one.name}" for kind, several in everything.items() for one in several}
        its.close()
    return found
