"""What bodies of the networking API look like, as JSON Schema.

Required is what every cloud with Networking API v2.0 answers; what an extension adds is named, with its type, and
not required: whether it is there is decided by the list of extensions.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

ID: Schema = {"type": "string", "minLength": 1}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}
ADDRESS: Schema = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
CIDR: Schema = {"type": "string", "pattern": r"^[0-9a-fA-F.:]+/\d{1,3}$"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"}
IDS: Schema = {"type": "array", "items": ID}
TEXTS: Schema = {"type": "array", "items": TEXT}
ANY: Schema = {}
LINKS: Schema = {
    "type": "array",
    "items": {"type": "object", "required": ["href", "rel"], "properties": {"href": TEXT, "rel": TEXT}},
}

STANDARD: dict[str, Schema] = {
    "id": ID,
    "tenant_id": TEXT,
    "project_id": TEXT,
    "description": TEXT_OR_NULL,
    "created_at": TIME,
    "updated_at": TIME,
    "revision_number": {"type": "integer"},
    "tags": TEXTS,
}
"""Attributes that every kind of resource may have."""


def _resource(required: tuple[str, ...], properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "required": ["id", *required], "properties": STANDARD | properties}


def one(envelope: str, resource: Schema) -> Schema:
    """The body that holds one resource."""
    return {"type": "object", "required": [envelope], "properties": {envelope: resource}}


def many(collection: str, resource: Schema) -> Schema:
    """The body that holds a list of resources, with links to further pages if there are any."""
    return {
        "type": "object",
        "required": [collection],
        "properties": {collection: {"type": "array", "items": resource}, f"{collection}_links": LINKS},
    }


def exactly(*fields: str) -> Schema:
    """A resource of which only these fields were asked for."""
    return {
        "type": "object",
        "required": list(fields),
        "properties": dict.fromkeys(fields, ANY),
        "additionalProperties": False,
    }


NETWORK = _resource(
    ("name", "status", "admin_state_up", "shared", "subnets", "tenant_id"),
    {
        "name": TEXT,
        "status": TEXT,
        "admin_state_up": FLAG,
        "shared": FLAG,
        "subnets": IDS,
        "mtu": {"type": "integer"},
        "router:external": FLAG,
        "is_default": {"type": ["boolean", "null"]},
        "port_security_enabled": FLAG,
        "availability_zone_hints": TEXTS,
        "availability_zones": TEXTS,
        "ipv4_address_scope": TEXT_OR_NULL,
        "ipv6_address_scope": TEXT_OR_NULL,
        "l2_adjacency": FLAG,
        "qos_policy_id": TEXT_OR_NULL,
        "dns_domain": TEXT_OR_NULL,
        "vlan_transparent": {"type": ["boolean", "null"]},
        "qinq": {"type": ["boolean", "null"]},
        "vlan_qinq": {"type": ["boolean", "null"]},
        "provider:network_type": TEXT_OR_NULL,
        "provider:physical_network": TEXT_OR_NULL,
        "provider:segmentation_id": NUMBER_OR_NULL,
        "segments": {"type": "array"},
    },
)

POOL: Schema = {
    "type": "object",
    "required": ["start", "end"],
    "properties": {"start": ADDRESS, "end": ADDRESS},
}
ROUTE: Schema = {
    "type": "object",
    "required": ["destination", "nexthop"],
    "properties": {"destination": CIDR, "nexthop": ADDRESS},
}

SUBNET = _resource(
    (
        "name",
        "network_id",
        "ip_version",
        "cidr",
        "gateway_ip",
        "enable_dhcp",
        "allocation_pools",
        "host_routes",
        "dns_nameservers",
        "tenant_id",
    ),
    {
        "name": TEXT,
        "network_id": ID,
        "ip_version": {"enum": [4, 6]},
        "cidr": CIDR,
        "gateway_ip": {"anyOf": [ADDRESS, {"type": "null"}]},
        "enable_dhcp": FLAG,
        "allocation_pools": {"type": "array", "items": POOL},
        "host_routes": {"type": "array", "items": ROUTE},
        "dns_nameservers": TEXTS,
        "dns_publish_fixed_ip": FLAG,
        "ipv6_ra_mode": TEXT_OR_NULL,
        "ipv6_address_mode": TEXT_OR_NULL,
        "subnetpool_id": TEXT_OR_NULL,
        "use_default_subnetpool": FLAG,
        "segment_id": TEXT_OR_NULL,
        "service_types": TEXTS,
        "router:external": FLAG,
        "shared": FLAG,
    },
)

FIXED_IP: Schema = {
    "type": "object",
    "required": ["subnet_id", "ip_address"],
    "properties": {"subnet_id": ID, "ip_address": ADDRESS},
}

PORT = _resource(
    (
        "name",
        "network_id",
        "mac_address",
        "status",
        "admin_state_up",
        "device_id",
        "device_owner",
        "fixed_ips",
        "tenant_id",
    ),
    {
        "name": TEXT,
        "network_id": ID,
        "mac_address": {"type": "string", "pattern": "^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$"},
        "status": TEXT,
        "admin_state_up": FLAG,
        "device_id": TEXT,
        "device_owner": TEXT,
        "fixed_ips": {"type": "array", "items": FIXED_IP},
        "security_groups": IDS,
        "allowed_address_pairs": {"type": "array"},
        "extra_dhcp_opts": {"type": "array"},
        "port_security_enabled": FLAG,
        "binding:vnic_type": TEXT,
        "binding:host_id": TEXT,
        "binding:profile": {"type": "object"},
        "binding:vif_details": {"type": "object"},
        "binding:vif_type": TEXT,
        "data_plane_status": TEXT_OR_NULL,
        "device_profile": TEXT_OR_NULL,
        "dns_assignment": {"type": "array"},
        "dns_domain": TEXT_OR_NULL,
        "dns_name": TEXT_OR_NULL,
        "hardware_offload_type": TEXT_OR_NULL,
        "hints": {"type": ["object", "null"]},
        "ip_allocation": TEXT,
        "mac_learning_enabled": {"type": ["boolean", "null"]},
        "numa_affinity_policy": TEXT_OR_NULL,
        "propagate_uplink_status": FLAG,
        "qos_network_policy_id": TEXT_OR_NULL,
        "qos_policy_id": TEXT_OR_NULL,
        "resource_request": {"type": ["object", "null"]},
        "tap_mirrors": {"type": "array"},
        "trunk_details": {"type": ["object", "null"]},
        "trusted": {"type": ["boolean", "null"]},
    },
)

RULE = _resource(
    (
        "security_group_id",
        "direction",
        "ethertype",
        "protocol",
        "port_range_min",
        "port_range_max",
        "remote_group_id",
        "remote_ip_prefix",
        "tenant_id",
    ),
    {
        "security_group_id": ID,
        "direction": {"enum": ["ingress", "egress"]},
        "ethertype": TEXT,
        "protocol": TEXT_OR_NULL,
        "port_range_min": NUMBER_OR_NULL,
        "port_range_max": NUMBER_OR_NULL,
        "remote_group_id": TEXT_OR_NULL,
        "remote_ip_prefix": TEXT_OR_NULL,
        "remote_address_group_id": TEXT_OR_NULL,
        "normalized_cidr": TEXT_OR_NULL,
        "belongs_to_default_sg": {"type": ["boolean", "null"]},
    },
)

GROUP = _resource(
    ("name", "description", "security_group_rules", "tenant_id"),
    {
        "name": TEXT,
        "description": TEXT,
        "security_group_rules": {"type": "array", "items": RULE},
        "stateful": FLAG,
        "shared": FLAG,
        "is_default": FLAG,
    },
)

GATEWAY: Schema = {
    "type": ["object", "null"],
    "required": ["network_id"],
    "properties": {
        "network_id": ID,
        "enable_snat": FLAG,
        "external_fixed_ips": {"type": "array", "items": FIXED_IP},
        "qos_policy_id": TEXT_OR_NULL,
    },
}

ROUTER = _resource(
    ("name", "status", "admin_state_up", "external_gateway_info", "tenant_id"),
    {
        "name": TEXT,
        "status": TEXT,
        "admin_state_up": FLAG,
        "external_gateway_info": GATEWAY,
        "external_gateways": {"type": "array"},
        "routes": {"type": "array", "items": ROUTE},
        "distributed": FLAG,
        "ha": FLAG,
        "flavor_id": TEXT_OR_NULL,
        "service_type_id": TEXT_OR_NULL,
        "availability_zone_hints": TEXTS,
        "availability_zones": TEXTS,
        "conntrack_helpers": {"type": "array"},
        "enable_ndp_proxy": {"type": ["boolean", "null"]},
        "enable_default_route_bfd": FLAG,
        "enable_default_route_ecmp": FLAG,
        "evpn_vni": NUMBER_OR_NULL,
    },
)

INTERFACE: Schema = {
    "type": "object",
    "required": ["id", "subnet_id", "port_id"],
    "properties": {
        "id": ID,
        "subnet_id": ID,
        "subnet_ids": IDS,
        "port_id": ID,
        "network_id": ID,
        "tenant_id": TEXT,
        "project_id": TEXT,
        "tags": TEXTS,
    },
}
"""The answer when a router gets or loses an interface."""

SUBNET_POOL = _resource(
    ("name", "prefixes", "ip_version", "shared", "min_prefixlen", "max_prefixlen", "default_prefixlen", "tenant_id"),
    {
        "name": TEXT,
        "prefixes": {"type": "array", "items": CIDR},
        "ip_version": {"enum": [4, 6]},
        "shared": FLAG,
        "is_default": FLAG,
        # Documented as integers, answered as strings by every release of neutron.
        "min_prefixlen": {"type": ["integer", "string"]},
        "max_prefixlen": {"type": ["integer", "string"]},
        "default_prefixlen": {"type": ["integer", "string"]},
        "default_quota": NUMBER_OR_NULL,
        "address_scope_id": TEXT_OR_NULL,
    },
)

FLOATING_IP = _resource(
    (
        "floating_network_id",
        "floating_ip_address",
        "fixed_ip_address",
        "port_id",
        "router_id",
        "status",
        "tenant_id",
    ),
    {
        "floating_network_id": ID,
        "floating_ip_address": ADDRESS,
        "fixed_ip_address": TEXT_OR_NULL,
        "port_id": TEXT_OR_NULL,
        "router_id": TEXT_OR_NULL,
        "status": TEXT,
        "dns_domain": TEXT_OR_NULL,
        "dns_name": TEXT_OR_NULL,
        "port_details": {"type": ["object", "null"]},
        "port_forwardings": {"type": "array"},
        "qos_network_policy_id": TEXT_OR_NULL,
        "qos_policy_id": TEXT_OR_NULL,
    },
)

FAULT: Schema = {
    "type": "object",
    "required": ["NeutronError"],
    "properties": {
        "NeutronError": {
            "type": "object",
            "required": ["type", "message", "detail"],
            "properties": {"type": TEXT, "message": TEXT, "detail": ANY},
        }
    },
}

VERSIONS: Schema = {
    "type": "object",
    "required": ["versions"],
    "properties": {
        "versions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "links", "status"],
                "properties": {
                    "id": TEXT,
                    "status": TEXT,
                    "links": LINKS,
                },
            },
        }
    },
}

RESOURCES: Schema = {
    "type": "object",
    "required": ["resources"],
    "properties": {
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "collection", "links"],
                "properties": {"name": TEXT, "collection": TEXT, "links": LINKS},
            },
        }
    },
}
"""What version 2.0 has."""

_EXTENSION: Schema = {
    "type": "object",
    "required": ["alias", "name", "description", "updated", "links"],
    "properties": {"alias": TEXT, "name": TEXT, "description": TEXT, "updated": TEXT, "links": {"type": "array"}},
}
EXTENSION = one("extension", _EXTENSION)
EXTENSIONS = many("extensions", _EXTENSION)

QUOTA = one("quota", {"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}})
TAGS: Schema = {"type": "object", "required": ["tags"], "properties": {"tags": TEXTS}}
