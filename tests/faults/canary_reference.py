"""The canary on the reference cloud: the real suite, with a marked password and a marked application credential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openstack
import yaml

from tests.faults.canary import Bench
from tests.faults.leaks import Leak
from tests.faults.measured import Say

USER = "defcore-canary"
SHAPES = {
    "a Fernet token": re.compile(rb"gAAAAA[\w-]{50,}"),
    "a private key": re.compile(rb"PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/]{30,}"),
    "a signature": re.compile(rb"temp_url_sig(?:=|%3D)[0-9a-f]{20,}"),
}
"""Secrets that the cloud makes, and nobody can mark."""
PARTS = (
    ("--service", "identity"),
    ("--capability", "compute-keypairs-create", "--capability", "compute-keypairs-create-type"),
    ("--capability", "compute-servers-create", "--capability", "compute-servers-reboot"),
    ("--capability", "objectstore-temp-url-get", "--capability", "objectstore-temp-url-put"),
)
"""What of the suite handles secrets most: tokens, keys, the administrator's password, signed addresses."""


def on_reference_cloud(bench: Bench, clouds: Path, say: Say) -> None:
    """`clouds` has `defcore-ref-admin`, who makes the user."""
    canaries = bench.canaries
    with _user(clouds, canaries.odd("password-on-the-reference-cloud")) as entries:
        secret = canaries.plain("application-credential-on-the-reference-cloud")
        both = entries | _with_credential(entries, secret)
        file = bench.given / "reference.yaml"
        file.write_text(yaml.safe_dump({"clouds": both}))
        for name in both:
            for number, part in enumerate(PARTS):
                say(f"the reference cloud as {name}: {' '.join(part)}")
                folder = f"{name}-{number}"
                arguments = ("run", "--cloud", name, "--out", folder, "-n", "2", *part)
                code = bench.do(folder, *arguments, OS_CLIENT_CONFIG_FILE=str(file))
                if code not in (0, 1, 3):
                    bench.leaks.append(Leak(place="nothing", form=f"exit code {code}", where=folder))
                for form in ("html", "junit"):
                    bench.do(f"report-{folder}", "report", folder, "--format", form)
    bench.leaks += _shapes(bench.out)


@contextmanager
def _user(clouds: Path, password: str) -> Iterator[dict[str, Any]]:
    """An ordinary user in the project of `defcore-ref`, until the block ends."""
    content = yaml.safe_load(clouds.read_text())["clouds"]
    ordinary = content["defcore-ref"]
    admin = openstack.connect(load_yaml_config=False, load_envvars=False, **content["defcore-ref-admin"])
    project = admin.identity.find_project(ordinary["auth"]["project_name"], ignore_missing=False)
    for stale in admin.identity.users(name=USER):
        admin.identity.delete_user(stale)
    user = admin.identity.create_user(name=USER, password=password, domain_id=project.domain_id)
    try:
        role = admin.identity.find_role("member", ignore_missing=False)
        admin.identity.assign_project_role_to_user(project, user, role)
        yield {USER: ordinary | {"auth": ordinary["auth"] | {"username": USER, "password": password}}}
    finally:
        admin.identity.delete_user(user)


def _with_credential(entries: dict[str, Any], secret: str) -> dict[str, Any]:
    entry = entries[USER]
    connection = openstack.connect(load_yaml_config=False, load_envvars=False, **entry)
    user = connection.current_user_id
    made = connection.identity.create_application_credential(user, name=USER, secret=secret, unrestricted=True)
    auth = {
        "auth_url": entry["auth"]["auth_url"],
        "application_credential_id": made.id,
        "application_credential_secret": secret,
    }
    return {f"{USER}-credential": entry | {"auth_type": "v3applicationcredential", "auth": auth}}


def _shapes(folder: Path) -> Iterator[Leak]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for name, shape in SHAPES.items():
                if shape.search(data):
                    yield Leak(place=name, form="by its shape", where=str(path.relative_to(folder)))
