"""A cloud as a run meets it: its clouds.yaml and the names of its users in there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from defcore.errors import CannotTell
from defcore.model.capability import Service
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from tests.deviations.cloud import CloudFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    clouds_file: Path
    users: Mapping[str, str]
    """Role -> name in clouds.yaml."""
    folder: Path
    """For what a shape writes; removed at the end."""

    @property
    def clouds(self) -> CloudFile:
        return CloudFile(path=self.clouds_file)

    def user(self, role: str) -> CloudUser:
        """Logged in. Raises DefcoreError."""
        user = open_user(role, self.users[role], Recorder(), reference_file=self.clouds_file)
        user.open()
        return user

    def changed(self, change: Callable[[str, dict[str, Any]], None]) -> Site:
        """The site with a clouds.yaml in which each entry (by its role) was changed."""
        clouds = self.clouds.clouds
        for role, name in self.users.items():
            change(role, clouds[name])
        path = self.folder / "clouds.yaml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump({"clouds": clouds}))
        return replace(self, clouds_file=path)

    def moved(self, origins: Mapping[str, str]) -> Site:
        """The site as it is reached at other origins."""
        path = self.folder / "moved.yaml"
        self.clouds.write(path, origins)
        return replace(self, clouds_file=path)


def ask(user: CloudUser, method: str, service: Service, path: str, json: Any = None) -> Any:
    """The answer's document. Raises CannotTell for a refusal."""
    answer = user.ask(method, service, path, json=json)
    if not answer.ok:
        raise CannotTell(f"{method} {answer.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer.json() if answer.content else {}
