"""The projects that a user has a role in."""

from typing import Any

import pytest

from defcore.suite.support import Answer, Api, Prerequisite
from defcore.suite.support.identity import PROJECTS, log_in, show_token, token_in

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#list-projects-for-user")


def named(project: dict[str, Any]) -> dict[str, Any]:
    """The scope of a project by its name and domain."""
    return {"project": {"name": project["name"], "domain": {"id": project["domain_id"]}}}


def projects_of(identity: Api) -> Answer:
    return identity.get(f"/v3/users/{identity.actor.user_id}/projects").expect(200).check(PROJECTS)


@pytest.mark.uuid("e2415aed-291a-4464-8447-758e368c481d")
@pytest.mark.covers("86128d46-e170-4644-866a-cc487f699e1d")
@pytest.mark.needs("alt")
def test_only_authorized_projects(identity: Api, alt_identity: Api) -> None:
    """A user gets a token for each project that is listed for the user, and none for the project of another user."""
    foreign = show_token(alt_identity, alt_identity.actor.token()).setup(200).json["token"]["project"]
    foreign_scope = named(foreign | {"domain_id": foreign["domain"]["id"]})
    answer = projects_of(identity)
    listed = {project["id"]: project for project in answer.json["projects"]}
    assert identity.actor.project_id in listed, (
        f"{answer.where}: expected the project {identity.actor.project_id} in use, seen {sorted(listed)}"
    )
    for project in listed.values():
        if project.get("enabled") is False:
            continue  # a project that was switched off is still one of the user's, but gives no token
        granted = log_in(identity, scope=named(project))
        granted.expect(201, because=f"the project {project['id']} is listed for the user")
        _is_for(granted, project, identity.actor.user_id)
    refused = log_in(identity, scope=foreign_scope)
    if refused.status == 201 and foreign["id"] in listed:
        raise Prerequisite("the second user must work in a project in which the first has no role")
    refused.expect(401, because="the user has no role in that project")


def _is_for(granted: Answer, project: dict[str, Any], user_id: str) -> None:
    token_in(granted)
    token = granted.json.get("token", {})
    user = token.get("user", {})
    assert user.get("id") == user_id, f"{granted.where}: expected user {user_id}, seen {user}"
    for key in ("id", "name"):
        assert token.get("project", {}).get(key) == project[key], (
            f"{granted.where}: expected the project's {key} {project[key]!r}, seen {token.get('project')}"
        )


@pytest.mark.uuid("ce1036c8-0292-47dc-90bc-9c2834025316")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#get-available-project-scopes")
def test_available_projects_are_those_listed(identity: Api) -> None:
    """The projects offered as scopes are the enabled ones of those listed for the user, each listed once."""
    answer = projects_of(identity)
    ids = [project["id"] for project in answer.json["projects"]]
    assert len(ids) == len(set(ids)), f"{answer.where}: a project is listed more than once: {ids}"
    listed = {project["id"] for project in answer.json["projects"] if project.get("enabled") is not False}
    offered = identity.get("/v3/auth/projects").expect(200).check(PROJECTS)
    seen = {project["id"] for project in offered.json["projects"]}
    assert seen == listed, f"{offered.where}: expected {sorted(listed)}, seen {sorted(seen)}"
