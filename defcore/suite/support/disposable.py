"""A user who may be changed and locked out: the one that the tester named, else one made for the test alone.

Tests that change the user itself (its password, all its tokens) or its account (quota) take this one, so that
nobody loses anything by a test.
"""

from __future__ import annotations

import secrets
from typing import Any

from defcore.errors import Prerequisite
from defcore.model.capability import Service
from defcore.suite.support.actor import Actor, RunContext
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.identity import show_token
from defcore.suite.support.resources import Resources

MAY_NOT = (401, 403, 405, 501)
"""Answers to who may not make users, or where the cloud keeps none of its own."""
POWERFUL = ("admin", "manager", "service", "reselleradmin")
"""Roles that a disposable user does not get, should the primary user have them."""


def new_password() -> str:
    """Random, and of all kinds of characters that operators ask for."""
    return f"aA1!{secrets.token_urlsafe(24)}"


def disposable_user(run: RunContext, resources: Resources) -> Actor:
    """The user that the tester named, else one in a project of its own that ends with the test.

    Raises Prerequisite if neither is to be had.
    """
    try:
        return run.actor("disposable")
    except Prerequisite as lack:
        try:
            admin = run.actor("admin")
        except Prerequisite:
            raise lack from None
    mine = Api(run.actor("primary"), Service.IDENTITY, run.note)
    return _make(run, resources, Api(admin, Service.IDENTITY, run.note), mine)


def _make(run: RunContext, resources: Resources, admin: Api, mine: Api) -> Actor:
    """In the primary user's domain, with the primary user's roles, in a project of its own."""
    like = show_token(mine, mine.actor.token()).setup(200).json["token"]
    name, password = resources.name("disposable"), new_password()
    run.keep_secret(password)
    project = _created(resources, admin, "project", {"name": name, "domain_id": like["project"]["domain"]["id"]})
    about = {"name": name, "password": password, "domain_id": like["user"]["domain"]["id"]}
    at_once = {"options": {"ignore_change_password_upon_first_use": True}}  # else some clouds let it not in
    user = _created(resources, admin, "user", about | at_once)
    for role in _roles(admin, like["roles"]):
        _allowed(admin.put(f"/v3/projects/{project}/users/{user}/roles/{role}")).setup(204)
    return run.log_in("disposable", user_id=user, password=password, project_id=project)


def _created(resources: Resources, admin: Api, kind: str, about: dict[str, Any]) -> str:
    answer = resources.create(admin, kind, f"/v3/{kind}s", name=about["name"], json={kind: about})
    return str(_allowed(answer).setup(201).json[kind]["id"])


def _roles(admin: Api, like: list[dict[str, Any]]) -> list[str]:
    """The ids of the ordinary ones among the roles; of `member` if there is none."""
    ordinary = [str(one["id"]) for one in like if str(one["name"]).lower() not in POWERFUL]
    if ordinary:
        return ordinary
    listed = _allowed(admin.get("/v3/roles", params={"name": "member"})).setup(200).json["roles"]
    found = [one for one in listed if str(one["name"]).lower() == "member"]  # lest another role be given
    if not found:
        raise Prerequisite("the cloud has no role member to give to a disposable user (--disposable-cloud NAME)")
    return [str(found[0]["id"])]


def _allowed(answer: Answer) -> Answer:
    if answer.status in MAY_NOT:
        raise Prerequisite(
            f"the administrator may not make a disposable user ({answer.where} answered {answer.status}): "
            "name one (--disposable-cloud NAME)"
        )
    return answer
