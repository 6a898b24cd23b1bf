"""The entry of clouds.yaml that a name means.

OS_CLIENT_CONFIG_FILE wins outright; else openstacksdk's own search, and with it the variables OS_* of an openrc file
as the cloud `envvars`; the file of the reference cloud is asked only for names not found there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keystoneauth1.exceptions
import openstack.config
import openstack.exceptions
import requests
import yaml
from openstack.config.loader import CONFIG_FILES, SECURE_FILES

from defcore.errors import CannotTell, InputError, Problem, did_you_mean
from defcore.run.clouds_file import CODE, check_clouds_file, misshapen_entry, unquoted
from defcore.run.login import check_login, check_packages
from defcore.run.redaction import Secrets, environment_secrets, secrets_in

MANUAL = "https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html"
NO_CLOUDS = f"write one: {MANUAL}"
STUMBLES = (AttributeError, KeyError, IndexError)
"""Of a library that did not look before it stepped; what they say means something to its authors."""
UNUSABLE = (
    openstack.exceptions.ConfigException,
    keystoneauth1.exceptions.ClientException,
    TypeError,  # of a plugin that misses a setting, or is given one too many
    ImportError,  # of a plugin that needs a package which is not installed
    ValueError,
    OSError,  # of files that it names, and of a profile that cannot be fetched
    CannotTell,  # of what should be an address
    *STUMBLES,
)
"""What comes of an entry that openstacksdk and keystoneauth can make nothing of."""


def entry_of(cloud: str, config: Any) -> Any:
    """openstacksdk's CloudRegion, with which somebody can log in.

    Raises InputError for several regions, and one of UNUSABLE for an entry that cannot be used.
    """
    own = config.cloud_config["clouds"].get(cloud)
    wrong = "; ".join(misshapen_entry(own))
    if wrong:
        raise openstack.exceptions.ConfigException(wrong)
    check_packages(own.get("auth_type"))
    entry = config.get_one(cloud=cloud, **_region(own, cloud))
    check_login(entry)
    return entry


@contextmanager
def told_as_input(cloud: str, config: Any, secrets: Secrets) -> Iterator[None]:
    """What goes wrong inside is the entry's fault: an InputError that names it and its file, without its secrets."""
    try:
        yield
    except UNUSABLE as error:
        own = config.cloud_config["clouds"].get(cloud)
        secrets.add(*environment_secrets(os.environ), *secrets_in(own if isinstance(own, Mapping) else {}))
        told = str(error) or type(error).__name__
        if isinstance(error, STUMBLES):
            told = f"openstacksdk can make nothing of it ({type(error).__name__}: {told})"
        elif isinstance(error, requests.RequestException):
            told = f"its profile cannot be fetched: {told}"
        message = f"the entry {cloud!r} of clouds.yaml: {secrets.clean(told)}"
        raise InputError(Problem(code=CODE, message=message, where=config.config_filename)) from None


def _region(entry: Any, cloud: str) -> dict[str, str]:
    """The choice among several `regions` of an entry, where openstacksdk takes the first. Raises InputError."""
    several = entry.get("regions") if isinstance(entry, dict) else None
    if not isinstance(several, list) or len(several) < 2:
        return {}
    chosen = os.environ.get("OS_REGION_NAME") or entry.get("region_name")
    if isinstance(chosen, str) and chosen:
        return {"region_name": chosen}
    names = [str(one.get("name")) if isinstance(one, dict) else str(one) for one in several]
    raise several_regions(cloud, names)


def several_regions(cloud: str, names: list[str]) -> InputError:
    """Nobody has said which of the regions is meant."""
    message = f"{cloud!r} has several regions: {', '.join(names)}"
    hint = "set region_name in clouds.yaml to one of them, or OS_REGION_NAME where the entry lists them"
    return InputError(Problem(code="cloud.region", message=message, hint=hint))


def cloud_names(reference_file: Path | None) -> tuple[str, ...]:
    """Every name that `open_user` would know; none if a file is broken."""
    try:
        names = set(_read(None).get_cloud_names())
        if not os.environ.get("OS_CLIENT_CONFIG_FILE") and reference_file and reference_file.exists():
            names |= set(_read(reference_file).get_cloud_names())
    except InputError:
        return ()
    return tuple(sorted(names - {"defaults"}))


def configuration_of(cloud: str, reference_file: Path | None) -> Any:
    """openstacksdk's OpenStackConfig that has the name. Raises InputError for an unknown name or a broken file."""
    config = _read(None)
    names = set(config.get_cloud_names()) - {"defaults"}
    if cloud in names:
        return config
    if not os.environ.get("OS_CLIENT_CONFIG_FILE") and reference_file and reference_file.exists():
        reference = _read(reference_file)
        if cloud in reference.get_cloud_names():
            return reference
        names |= set(reference.get_cloud_names())
    raise InputError(
        Problem(
            code="cloud.unknown",
            message=f"no cloud {cloud!r} in clouds.yaml",
            where=os.environ.get("OS_CLIENT_CONFIG_FILE") or config.config_filename,
            hint=did_you_mean(cloud, names) if names else NO_CLOUDS,
        )
    )


def _read(file: Path | None) -> Any:
    """The configuration as openstacksdk finds it, or of one file alone."""
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    if file is None and named and not Path(named).is_file():
        raise InputError(
            Problem(code="cloud.no-file", message="OS_CLIENT_CONFIG_FILE names a file that is not there", where=named)
        )
    files = [str(file or named)] if file or named else _search_path("clouds", CONFIG_FILES)
    present = next((Path(one) for one in files if Path(one).exists()), None)
    if present:
        check_clouds_file(present)
    try:
        secure = _search_path("secure", SECURE_FILES)
        return openstack.config.OpenStackConfig(config_files=files, secure_files=secure, load_envvars=file is None)
    except (openstack.exceptions.ConfigException, yaml.YAMLError, OSError, UnicodeError) as error:
        raise InputError(Problem(code=CODE, message=unquoted(str(error)), where=files[0])) from None
    except (*STUMBLES, TypeError, ValueError) as error:  # which may quote what stands there
        message = f"openstacksdk can make nothing of clouds.yaml or secure.yaml ({type(error).__name__})"
        hint = f"look at what stands beside clouds: in them; {MANUAL} says what may"
        raise InputError(Problem(code=CODE, message=message, where=str(present or files[0]), hint=hint)) from None


def _search_path(name: str, usual: list[str]) -> list[str]:
    """Where openstacksdk looks; it remembers the folder in which it was imported, we mean the present one."""
    here = [str(Path.cwd() / f"{name}.{ending}") for ending in ("yaml", "yml", "json")]
    return here + [path for path in usual if path not in here]
