"""The services' configuration files, written anew at every `up` from the templates in `etc/`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from defcore.refcloud.parts import BY_NAME, HOST, REGION, Part
from defcore.refcloud.state import Facts, State, write_private

TEMPLATES = Path(__file__).parent / "etc"
FOLDERS = (
    "db", "etc", "locks", "log", "made", "run", "cinder/conversion", "cinder/coordination", "cinder/volumes",
    "glance/images", "glance/os_glance_staging_store", "glance/os_glance_tasks_store", "keystone", "neutron",
    "nova", "swift/d1")  # fmt: skip
# Service -> its file, if it reads tokens in the way of most services.
WITH_AUTHTOKEN = {
    "glance": "glance-api.conf", "placement": "placement.conf", "nova": "nova.conf",
    "neutron": "neutron.conf", "cinder": "cinder.conf"}  # fmt: skip
SWIFT_KINDS = ("account", "container", "object")

USERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ref": ("ref", ("member",)),
    "ref-alt": ("ref-alt", ("member",)),
    "ref-reader": ("ref", ("reader",)),
    "admin": ("admin", ("admin", "ResellerAdmin")),
    "service": ("service", ("admin", "service")),
}
"""User -> its project and roles there."""
CLOUDS: Mapping[str, str] = {
    "defcore-ref": "ref",
    "defcore-ref-alt": "ref-alt",
    "defcore-ref-reader": "ref-reader",
    "defcore-ref-admin": "admin",
}
"""Entry of clouds.yaml -> the user it logs in."""


def new_passwords() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in (*USERS, "swift_hash")}


def listeners(parts: Sequence[Part]) -> dict[str, int]:
    """Everything that listens -> its usual port."""
    return {name: port for part in parts for name, port in ((part.name, part.port), *part.inner_ports)}


def url(ports: Mapping[str, int], name: str, path: str = "") -> str:
    # A service that is not part of this cloud has no port; its address then leads nowhere.
    return f"http://{HOST}:{ports.get(name, 9)}{path}"


def write(state: State, facts: Facts, parts: Sequence[Part], environment: Path) -> None:
    """Write every file that the parts read, and clouds.yaml."""
    for name in FOLDERS:
        (state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    values = _values(state, facts, parts, environment)
    files = {"keystone.conf": _fill("keystone.conf", values) + _fill("common", values), "none.yaml": "{}\n"}
    for file in WITH_AUTHTOKEN.values():
        files[file] = "".join(_fill(name, values) for name in (file, "common", "authtoken"))
    for name in ("swift.conf", "swift-proxy.conf"):
        files[name] = _fill(name, values)
    for kind in SWIFT_KINDS:
        port = facts.ports.get(f"swift-{kind}", 9)
        files[f"swift-{kind}.conf"] = _fill("swift-backend", {**values, "kind": kind, "port": str(port)})
    files["keystone.json"] = json.dumps(identity(facts, parts), indent=1)
    for name, text in files.items():
        write_private(state / "etc" / name, text)
    write_private(state / "clouds.yaml", clouds_yaml(facts))


def identity(facts: Facts, parts: Sequence[Part]) -> dict[str, object]:
    """What keystone is to hold: the users, and a catalog of just the parts that run."""
    return {
        "region": REGION,
        "roles": ["ResellerAdmin"],
        "admin_password": facts.passwords["admin"],
        "users": {
            name: {"project": project, "roles": roles, "password": facts.passwords[name]}
            for name, (project, roles) in USERS.items()
        },
        "services": {
            entry.type: [entry.name, url(facts.ports, part.name, entry.path)]
            for part in parts
            for entry in part.catalog
        },
    }


def clouds_yaml(facts: Facts) -> str:
    """The text of clouds.yaml."""
    clouds = {
        cloud: {
            "region_name": REGION,
            "interface": "public",
            "identity_api_version": "3",
            "auth": {
                "auth_url": url(facts.ports, "keystone", "/v3"),
                "username": user,
                "password": facts.passwords[user],
                "project_name": USERS[user][0],
                "user_domain_id": "default",
                "project_domain_id": "default",
            },
        }
        for cloud, user in CLOUDS.items()
    }
    header = "# Made by `defcore cloud up`, which writes it anew: a throw-away cloud on this machine.\n"
    return header + yaml.safe_dump({"clouds": clouds}, sort_keys=False)


def _values(state: State, facts: Facts, parts: Sequence[Part], environment: Path) -> dict[str, str]:
    values = {
        "state": str(state.path),
        "host": HOST,
        "region": REGION,
        "data": str(environment / "etc"),
        "service_password": facts.passwords["service"],
        "swift_hash": facts.passwords["swift_hash"],
        "swift_port": str(facts.ports.get("swift", 9)),
        "with_nova": str(BY_NAME["nova"] in parts).lower(),
        **{f"{name}_url": url(facts.ports, name) for name in BY_NAME},
    }
    return {**values, "service_user": _fill("service-user", values).rstrip()}


def _fill(template: str, values: Mapping[str, str]) -> str:
    return (TEMPLATES / template).read_text().format_map(values)
