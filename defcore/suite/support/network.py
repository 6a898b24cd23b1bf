"""What the tests of the networking API have in common: making, showing and listing networks and what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.model.resources import KINDS
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.network_schemas import (
    FLOATING_IP,
    GROUP,
    NETWORK,
    PORT,
    ROUTER,
    RULE,
    SUBNET,
    SUBNET_POOL,
    Schema,
    many,
    one,
)
from defcore.suite.support.resources import Resources

Body = dict[str, Any]

SCHEMAS: Mapping[str, Schema] = {
    "network": NETWORK,
    "subnet": SUBNET,
    "port": PORT,
    "security_group": GROUP,
    "security_group_rule": RULE,
    "router": ROUTER,
    "subnet_pool": SUBNET_POOL,
    "floating_ip": FLOATING_IP,
}
NEEDED = {
    "security_group": "security-group",
    "security_group_rule": "security-group",
    "router": "router",
    "floating_ip": "router",
    "subnet_pool": "subnet_allocation",
}
"""The extension that brings a kind of resource."""
NAMELESS = frozenset({"security_group_rule"})
DESCRIBED = "standard-attr-description"
"""The extension that brings the attribute description."""
OUTSIDE = frozenset({"floating_ip", "router"})
"""Kinds that take an address of an external network, which all projects share."""
EXHAUSTED = "IpAddressGenerationFailure"
"""The error's type where a network has no address left: no promise is broken by what others use."""
NOBODY = "00000000-0000-4000-8000-000000000000"
"""An id that no resource has."""
MOST_PAGES = 1000


class Net:
    """The networking API of one actor, by kinds of `defcore.model.resources.KINDS`."""

    def __init__(self, api: Api, resources: Resources) -> None:
        self.api = api
        self.resources = resources
        self._extensions: frozenset[str] | None = None

    def path(self, kind: str, id: str | None = None) -> str:
        """Path of one resource, or of the collection."""
        path = KINDS[kind].path
        return path.format(id=id) if id is not None else path.removesuffix("/{id}")

    def envelope(self, kind: str) -> str:
        return KINDS[kind].envelope or kind

    def collection(self, kind: str) -> str:
        """Key of the body that holds a list: `security_groups`."""
        return self.path(kind).rsplit("/", 1)[1].replace("-", "_")

    def create(self, kind: str, **attributes: Any) -> Answer:
        """Ask for a resource; a name is given if none is, or what stands for it. The answer is not asserted on.

        Raises Absent if the cloud has no such kind, and Prerequisite if the external network has no address left.
        """
        if kind in NEEDED:
            self.require(NEEDED[kind])
        key = KINDS[kind].name_key
        if kind not in NAMELESS and (key == "name" or DESCRIBED in self.extensions()):
            attributes.setdefault(key, self.resources.name(kind))
        answer = self.resources.create(
            self.api,
            kind,
            self.path(kind),
            name=attributes.get(key),
            json={self.envelope(kind): attributes},
        )
        if kind in OUTSIDE and answer.status == 409 and EXHAUSTED in answer.text:
            raise Prerequisite(
                f"the external network has no free address: {shortened(answer.text, 200)} ({answer.where})"
            )
        return answer

    def created(self, kind: str, **attributes: Any) -> Body:
        """A resource whose creation with these attributes is the promise: 201, and each attribute as it was asked."""
        answer = self.create(kind, **attributes).expect(201)
        body = self.taken(kind, answer)
        same(answer, body, attributes)
        return body

    def taken(self, kind: str, answer: Answer) -> Body:
        """The resource in an answer of which it is the promise. Raises PromiseBroken if it does not look like one."""
        body: Body = answer.check(one(self.envelope(kind), SCHEMAS[kind])).json[self.envelope(kind)]
        return body

    def given(self, kind: str, **attributes: Any) -> Body:
        """A resource that the test needs beforehand. Raises CannotTell (ERROR)."""
        answer = self.create(kind, **attributes).setup(201)
        try:
            body: Body = answer.json[self.envelope(kind)]
            return body | {"id": str(body["id"])}
        except (PromiseBroken, KeyError, TypeError) as error:
            raise CannotTell(f"set-up: {answer.where} does not hold a {kind}: {error}") from None

    def network(self, **attributes: Any) -> Body:
        return self.given("network", **attributes)

    def subnet(self, network: Body, cidr: str = "10.80.0.0/24", **attributes: Any) -> Body:
        attributes.setdefault("ip_version", 6 if ":" in cidr else 4)
        return self.given("subnet", network_id=network["id"], cidr=cidr, **attributes)

    def port(self, network: Body, **attributes: Any) -> Body:
        return self.given("port", network_id=network["id"], **attributes)

    def group(self, **attributes: Any) -> Body:
        return self.given("security_group", **attributes)

    def router(self, **attributes: Any) -> Body:
        return self.given("router", **attributes)

    def behind_router(
        self, external_network: str, cidr: str = "10.84.0.0/24", **subnet_attributes: Any
    ) -> tuple[Body, Body, Body]:
        """Network, subnet, and a router that connects the subnet to the external network."""
        router = self.router(external_gateway_info={"network_id": external_network})
        network = self.network()
        subnet = self.subnet(network, cidr=cidr, **subnet_attributes)
        self.attach(router, subnet_id=subnet["id"]).setup(200)
        return network, subnet, router

    def attach(self, router: Body, **what: str) -> Answer:
        """Give the router an interface: `subnet_id` or `port_id`. It is taken off before the router is removed."""
        return self.api.put(f"{self.path('router', router['id'])}/add_router_interface", json=what)

    def detach(self, router: Body, **what: str) -> Answer:
        return self.api.put(f"{self.path('router', router['id'])}/remove_router_interface", json=what)

    def show(self, kind: str, id: str) -> Answer:
        return self.api.get(self.path(kind, id))

    def shown(self, kind: str, id: str) -> Body:
        """The resource as it is shown: 200, and it looks like one."""
        return self.taken(kind, self.show(kind, id).expect(200))

    def update(self, kind: str, id: str, **attributes: Any) -> Answer:
        return self.api.put(self.path(kind, id), json={self.envelope(kind): attributes})

    def updated(self, kind: str, id: str, **attributes: Any) -> Body:
        """The resource after a change that is the promise: 200, the values in the answer and when it is shown."""
        answer = self.update(kind, id, **attributes).expect(200)
        body = self.taken(kind, answer)
        same(answer, body, attributes)
        shown = self.show(kind, id).expect(200)
        same(shown, self.taken(kind, shown), attributes)
        return body

    def delete(self, kind: str, id: str) -> Answer:
        return self.api.delete(self.path(kind, id))

    def deleted(self, kind: str, id: str) -> None:
        """Delete it as the promise: 204, then it is neither shown nor listed."""
        self.delete(kind, id).expect(204).empty()
        self.show(kind, id).expect(404, because=f"the {kind} was deleted")
        listed = self.listed(kind, id=id)
        assert not [one for one in listed if one["id"] == id], f"the deleted {kind} {id} is listed"

    def listed(self, kind: str, **filters: Any) -> list[Body]:
        """Every page of a list that is the promise: 200, and each element looks like a resource."""
        return self.pages(kind, SCHEMAS[kind], list(filters.items()))

    def selected(self, kind: str, *fields: str) -> list[Body]:
        """Every page of a list of which only these fields are asked for."""
        return self.pages(kind, {"type": "object"}, [("fields", field) for field in fields])

    def pages(self, kind: str, schema: Schema, params: list[tuple[str, Any]]) -> list[Body]:
        collection = self.collection(kind)
        found: list[Body] = []
        answer = self.api.get(self.path(kind), params=params)
        for _ in range(MOST_PAGES):
            body = answer.expect(200).check(many(collection, schema)).json
            found += body[collection]
            following = [link["href"] for link in body.get(f"{collection}_links", ()) if link["rel"] == "next"]
            if not following or not body[collection]:
                return found
            answer = self.api.get(self.api.follow(answer, following[0]))
        raise CannotTell(f"{answer.where}: more than {MOST_PAGES} pages")

    def extensions(self) -> frozenset[str]:
        """Aliases of the extensions that the cloud says it has."""
        if self._extensions is None:
            answer = self.api.get("/v2.0/extensions").setup(200)
            try:
                self._extensions = frozenset(extension["alias"] for extension in answer.json["extensions"])
            except (PromiseBroken, KeyError, TypeError) as error:
                raise CannotTell(f"set-up: {answer.where} lists no extensions: {error}") from None
        return self._extensions

    def require(self, *aliases: str) -> None:
        """Raises Absent if the cloud's own list of extensions lacks one."""
        missing = sorted(set(aliases) - self.extensions())
        if missing:
            raise Absent(f"no network extension {', '.join(missing)} ({self.api.endpoint}/v2.0/extensions)")


def same(answer: Answer, body: Body, asked: Mapping[str, Any]) -> None:
    """Each attribute has the value that was asked for. Raises PromiseBroken naming those that differ."""
    wrong = {
        name: (value, body.get(name, "nothing"))
        for name, value in asked.items()
        if name not in body or _comparable(name, body[name]) != _comparable(name, value)
    }
    if wrong:
        told = "; ".join(f"{name}: asked {value!r}, seen {seen!r}" for name, (value, seen) in wrong.items())
        raise PromiseBroken(
            f"{answer.where}: {told}",
            expected={name: value for name, (value, _) in wrong.items()},
            seen={name: seen for name, (_, seen) in wrong.items()},
        )


def _comparable(name: str, value: Any) -> Any:
    """Lists of which the API reference promises no order are compared as sets."""
    if name in ("dns_nameservers", "security_groups", "tags", "prefixes") and isinstance(value, list):
        return sorted(value)
    if name in ("host_routes", "routes") and isinstance(value, list):
        return sorted(value, key=lambda route: (route["destination"], route["nexthop"]))
    return value
