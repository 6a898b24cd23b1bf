"""Identity: getting tokens of one's own, and what the API reference says about their documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from defcore.errors import Prerequisite, PromiseBroken
from defcore.suite.support.actor import Actor
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api

TOKENS = "/v3/auth/tokens"
REDIRECTS = (301, 302, 303, 307, 308)

DOMAIN_REF = {"type": "object", "required": ["id", "name"], "properties": {"id": {}, "name": {}}}

ROLE = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    "additionalProperties": True,  # domain_id, description and options come and go with the release
}

ENDPOINT = {
    "type": "object",
    "required": ["id", "interface", "region", "region_id", "url"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "interface": {"enum": ["public", "internal", "admin"]},
        "region": {"type": ["string", "null"]},
        "region_id": {"type": ["string", "null"]},
        "url": {"type": "string", "minLength": 1},
    },
}

CATALOG = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type", "name", "endpoints"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "type": {"type": "string", "minLength": 1},
            "name": {"type": "string"},
            "endpoints": {"type": "array", "items": ENDPOINT},
        },
    },
}

_TOKEN_PROPERTIES: dict[str, Any] = {
    "methods": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "user": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "name": {"type": "string", "minLength": 1},
            "domain": DOMAIN_REF,
            "password_expires_at": {"type": ["string", "null"]},
        },
    },
    "issued_at": {"type": "string", "minLength": 1},
    "expires_at": {"type": "string", "minLength": 1},
    "audit_ids": {"type": "array", "items": {"type": "string"}},
    "project": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "domain": DOMAIN_REF},
    },
    "is_domain": {"type": "boolean"},
    "roles": {"type": "array", "items": ROLE},
    "catalog": {"type": "array"},
}

TOKEN = {
    "type": "object",
    "required": ["token"],
    "properties": {
        "token": {
            "type": "object",
            "required": ["methods", "user", "issued_at", "expires_at"],
            "properties": _TOKEN_PROPERTIES,
        }
    },
}
"""What every token tells. The API reference asks for more (`SCOPED_TOKEN`), the official tests do not."""

TIMESTAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"

SCOPED_TOKEN = {
    "type": "object",
    "required": ["token"],
    "properties": {
        "token": {
            "type": "object",
            "required": [
                "methods",
                "user",
                "issued_at",
                "expires_at",
                "audit_ids",
                "project",
                "roles",
                "catalog",
            ],
            "properties": _TOKEN_PROPERTIES
            | {
                "user": _TOKEN_PROPERTIES["user"] | {"required": ["id", "name", "domain"]},
                "project": _TOKEN_PROPERTIES["project"] | {"required": ["id", "name", "domain"]},
                "issued_at": {"type": "string", "pattern": TIMESTAMP},
                "expires_at": {"type": "string", "pattern": TIMESTAMP},
                "audit_ids": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
                "roles": {"type": "array", "minItems": 1, "items": ROLE},
                "catalog": CATALOG,
            },
        }
    },
}
"""A token for a project, in full."""

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "title", "message"],
            "properties": {
                "code": {"type": "integer"},
                "title": {"type": "string"},
                "message": {"type": "string", "minLength": 1},
                "identity": {},
            },
        }
    },
}

_OBJECT = {"type": "object", "additionalProperties": True}

VERSION: dict[str, Any] = {
    "type": "object",
    "required": ["id", "links", "media-types", "status", "updated"],
    "properties": {
        "id": {"type": "string", "pattern": r"^v3(\.\d+)?$"},
        "status": {"type": "string"},
        "updated": {"type": "string"},
        "links": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["rel", "href"],
                "properties": {"rel": {"type": "string"}, "href": {"type": "string"}, "type": {"type": "string"}},
            },
        },
        "media-types": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["base", "type"],
                "properties": {"base": {"type": "string"}, "type": {"type": "string"}},
            },
        },
    },
}

VERSIONS = {
    "type": "object",
    "required": ["versions"],
    "properties": {
        "versions": {
            "type": "object",
            "required": ["values"],
            "properties": {
                "values": {
                    "type": "array",
                    "minItems": 1,
                    "items": VERSION | {"properties": VERSION["properties"] | {"id": {"type": "string"}}},
                }
            },
        }
    },
}

PROJECTS = {
    "type": "object",
    "required": ["projects"],
    "properties": {
        "projects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name", "domain_id"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "name": {"type": "string", "minLength": 1},
                    "domain_id": {"type": ["string", "null"]},
                    "description": {"type": ["string", "null"]},
                    "enabled": {"type": "boolean"},
                    "parent_id": {"type": ["string", "null"]},
                    "is_domain": {"type": "boolean"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "options": {"type": "object"},
                    "links": {"type": "object"},
                },
                "additionalProperties": True,  # projects may carry properties of the operator's own
            },
        },
        "links": {"type": "object"},
    },
}


def password_user(actor: Actor) -> dict[str, str]:
    """The `user` of a password authentication. Raises Prerequisite if the tester's credentials hold no password."""
    password = actor.credentials.get("password")
    if not password or "identity_provider" in actor.credentials:
        raise Prerequisite(f"the credentials of {actor.cloud!r} are not a user's name and password")
    return {"id": actor.user_id, "password": str(password)}


def own_project(actor: Actor) -> dict[str, Any]:
    """The scope of the project that the actor works in."""
    return {"project": {"id": actor.project_id}}


def ask_token(identity: Api, identity_methods: Mapping[str, Any], *, scope: Any = None, query: str = "") -> Answer:
    """Ask for a token by {method: its payload}; the answer is not asserted on."""
    auth: dict[str, Any] = {"identity": {"methods": list(identity_methods), **identity_methods}}
    if scope is not None:
        auth["scope"] = scope
    return identity.post(TOKENS + query, json={"auth": auth}, authenticated=False)


def log_in(identity: Api, *, scope: Any = None, query: str = "") -> Answer:
    """Ask for a new token by the actor's password; the answer is not asserted on."""
    return ask_token(identity, {"password": {"user": password_user(identity.actor)}}, scope=scope, query=query)


def token_in(answer: Answer) -> str:
    """The token that an answer hands out. Raises PromiseBroken if there is none, and never shows it."""
    token = answer.header("x-subject-token").strip()
    if not token:
        raise PromiseBroken(f"{answer.where}: the header X-Subject-Token is empty", expected="a token", seen="")
    return token


def show_token(identity: Api, subject: str, **more: Any) -> Answer:
    """Look a token up, asking with the actor's own token."""
    return identity.get(TOKENS, headers={"X-Subject-Token": subject}, **more)


def revoke(identity: Api, subject: str, **more: Any) -> Answer:
    """Revoke a token, asking with the actor's own token. Only for tokens that the test itself made."""
    return identity.delete(TOKENS, headers={"X-Subject-Token": subject}, **more)


def comparable(document: Any) -> Any:
    """A copy in which the order of lists of objects (roles, catalog, endpoints) does not count."""
    if isinstance(document, dict):
        return {name: comparable(value) for name, value in document.items()}
    if isinstance(document, list):
        items = [comparable(value) for value in document]
        return sorted(items, key=repr) if any(isinstance(item, dict) for item in items) else items
    return document


def version_document(identity: Api, **more: Any) -> Answer:
    """The description of version 3, one redirect (to a final slash) followed. Raises PromiseBroken if not 200."""
    answer = identity.get("/v3", **more)
    if answer.status in REDIRECTS:
        answer = identity.get(identity.follow(answer, answer.header("location")), **more)
    return answer.expect(200).check({"type": "object", "required": ["version"], "properties": {"version": _OBJECT}})
