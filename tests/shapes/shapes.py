"""The shapes: what a cloud that keeps its promises may look like, or how it may be used."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from defcore.model.capability import Service
from tests.deviations.deviation import Changer
from tests.deviations.proxy import Proxy
from tests.shapes.foreign import Neighbours
from tests.shapes.gateway import Gateway
from tests.shapes.services import Far, Older
from tests.shapes.site import Site, ask

QUOTAS: Mapping[Service, tuple[str, Mapping[str, int]]] = {
    Service.COMPUTE: ("quota_set", {"instances": 2}),
    Service.BLOCK_STORAGE: ("quota_set", {"volumes": 2}),
    Service.NETWORK: ("quota", {"network": 3}),
}
"""Service -> key of the body, and what a small project may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    name: str
    title: str
    put_on: Callable[[Site], AbstractContextManager[Site]]
    """Gives the cloud the shape, and takes it off again."""
    workers: int = 2
    note: str = ""
    """What the reference cloud itself does wrong in this shape."""


@contextlib.contextmanager
def plain(site: Site) -> Iterator[Site]:
    yield site


@contextlib.contextmanager
def gateway(site: Site) -> Iterator[Site]:
    with Gateway(site.clouds.mounts(site.users["primary"]), site.folder) as proxy:

        def trusting(_role: str, entry: dict[str, Any]) -> None:
            entry["cacert"] = str(proxy.ca_file)

        yield site.moved(proxy.origins).changed(trusting)
        _expect_no_trouble(proxy)


def behind(changer: Changer) -> Callable[[Site], AbstractContextManager[Site]]:
    """Behind a proxy that changes calls and replies in this way."""

    @contextlib.contextmanager
    def put_on(site: Site) -> Iterator[Site]:
        with Proxy(site.clouds.mounts(site.users["primary"])) as proxy:
            proxy.disturb(changer)
            yield site.moved(proxy.origins)
            _expect_no_trouble(proxy)

    return put_on


def _expect_no_trouble(proxy: Proxy) -> None:
    for trouble in proxy.troubles:
        print(f"! in the proxy: {trouble}")


@contextlib.contextmanager
def no_external_network(site: Site) -> Iterator[Site]:
    """No network is external, and the project does not see those that were; no router has a gateway."""
    admin = site.user("admin")
    networks = ask(admin, "GET", Service.NETWORK, "/v2.0/networks?router:external=true")["networks"]
    routers = ask(admin, "GET", Service.NETWORK, "/v2.0/routers")["routers"]
    gateways = {one["id"]: one["external_gateway_info"] for one in routers if one["external_gateway_info"]}

    def change(kind: str, id: str, **attributes: Any) -> None:
        ask(admin, "PUT", Service.NETWORK, f"/v2.0/{kind}s/{id}", {kind: attributes})

    try:
        for id in gateways:
            change("router", id, external_gateway_info={})
        for network in networks:
            change("network", network["id"], **{"router:external": False})
        yield site
    finally:
        for network in networks:
            change("network", network["id"], **{"router:external": True})
        for id, gateway in gateways.items():
            change("router", id, external_gateway_info={"network_id": gateway["network_id"]})


@contextlib.contextmanager
def small_quotas(site: Site) -> Iterator[Site]:
    admin, project = site.user("admin"), site.user("primary").project_id
    paths = {service: "/v2.0/quotas/" if service is Service.NETWORK else "/os-quota-sets/" for service in QUOTAS}
    before = {
        service: {name: ask(admin, "GET", service, paths[service] + project)[key][name] for name in wanted}
        for service, (key, wanted) in QUOTAS.items()
    }
    try:
        for service, (key, wanted) in QUOTAS.items():
            ask(admin, "PUT", service, paths[service] + project, {key: dict(wanted)})
        yield site
    finally:
        for service, (key, _) in QUOTAS.items():
            ask(admin, "PUT", service, paths[service] + project, {key: before[service]})


def application_credential(*, unrestricted: bool) -> Callable[[Site], AbstractContextManager[Site]]:
    @contextlib.contextmanager
    def put_on(site: Site) -> Iterator[Site]:
        user = site.user("primary")
        place = f"/v3/users/{user.user_id}/application_credentials"
        wanted = {"name": f"shape-{site.folder.name}", "unrestricted": unrestricted}
        body = {"application_credential": wanted}
        made = ask(user, "POST", Service.IDENTITY, place, body)["application_credential"]

        def by_credential(role: str, entry: dict[str, Any]) -> None:
            if role == "primary":
                auth = {"auth_url": entry["auth"]["auth_url"]}
                secret = {"application_credential_id": made["id"], "application_credential_secret": made["secret"]}
                entry["auth_type"], entry["auth"] = "v3applicationcredential", auth | secret

        try:
            yield site.changed(by_credential)
        finally:
            ask(user, "DELETE", Service.IDENTITY, f"{place}/{made['id']}")

    return put_on


@contextlib.contextmanager
def neighbours(site: Site) -> Iterator[Site]:
    with Neighbours(site.clouds_file, site.users["primary"]):
        yield site


SHAPES = (
    Shape(name="plain", title="the reference cloud as it is", put_on=plain),
    Shape(name="tls", title="one address with a private CA, each service below a path prefix", put_on=gateway),
    Shape(name="no-external-network", title="no external network", put_on=no_external_network),
    Shape(name="quotas", title="quotas of 2 servers, 2 volumes and 3 networks", put_on=small_quotas),
    Shape(
        name="older",
        title="no microversion above compute 2.60 and volume 3.44",
        put_on=behind(Older({Service.COMPUTE: "2.60", Service.BLOCK_STORAGE: "3.44"})),
    ),
    Shape(
        name="oldest",
        title="no microversion above compute 2.1 and volume 3.0",
        put_on=behind(Older({Service.COMPUTE: "2.1", Service.BLOCK_STORAGE: "3.0"})),
    ),
    Shape(
        name="application-credential",
        title="an application credential instead of a password",
        put_on=application_credential(unrestricted=False),
    ),
    Shape(
        name="neighbours",
        title="others at work in the same project",
        put_on=neighbours,
        note="neutron answers 500 to a list of ports or subnets if the network of one of them is deleted just then: its"
        " policies look the network up once more. nova, which asks for such lists to make a server, passes it on.",
    ),
    Shape(name="far", title="200 ms added to each answer", put_on=behind(Far(0.2)), workers=8),
)
