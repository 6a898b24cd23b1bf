"""Whose tokens pass by: learned from the answers of the identity service."""

from __future__ import annotations

from typing import Any


class Tokens:
    def __init__(self) -> None:
        self._projects: dict[str, str | None] = {}
        self._seen: dict[str, dict[str, Any]] = {}

    def issued(self, token: str, document: Any) -> None:
        """Take down a new token by the body that came with it."""
        about = document.get("token", {}) if isinstance(document, dict) else {}
        project = about.get("project", {})
        self._projects[token] = project.get("id")
        if project:
            self._seen[project["id"]] = {"id": project["id"], "name": project.get("name")}

    def revoked(self, token: str) -> None:
        self._projects.pop(token, None)

    def project_of(self, token: str) -> str | None:
        return self._projects.get(token)

    def of_account(self, account: str) -> str | None:
        """The newest token of the project whose object-store account this is."""
        for token, project in reversed(self._projects.items()):
            if project and project in account:
                return token
        return None

    def of_project(self, project: str) -> str | None:
        """The newest token of the project."""
        return next((token for token, whose in reversed(self._projects.items()) if whose == project), None)

    def other_project(self, project: str | None) -> dict[str, Any] | None:
        """Id and name of some other project that has shown up."""
        return next((about for id, about in self._seen.items() if id != project), None)
