"""Volumes for the compute tests: made small, attached to a server, detached."""

from __future__ import annotations

import time
from typing import Any

from defcore.errors import CannotTell, PromiseBroken
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.compute import SETTLED, Settings
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

RESTING = ("available", "in-use")
"""A volume that is about to change is `reserved`, `attaching` or `detaching`."""


class Volumes:
    """Makes volumes of 1 GiB and attaches them; the fixture `volumes`."""

    def __init__(self, block_storage: Api, compute: Api, resources: Resources, settings: Settings) -> None:
        self.block_storage = block_storage
        self.compute = compute
        self.resources = resources
        self.settings = settings

    def make(self, purpose: str) -> str:
        """Set-up: the id of a volume, available."""
        name = self.resources.name(purpose)
        wanted: dict[str, Any] = {"name": name, "size": 1}
        if self.settings.get("volume_type"):
            wanted["volume_type"] = self.settings["volume_type"]
        answer = self.resources.create(
            self.block_storage, "volume", "/volumes", name=name, json={"volume": wanted}
        ).setup(202)
        id = str(answer.json["volume"]["id"])
        self.wait(id, "available")
        return id

    def wait(self, id: str, status: str, *, promised: bool = False) -> dict[str, Any]:
        """Wait for the volume's status.

        With `promised`, an error or resting in the other status is PromiseBroken; without, it is CannotTell.
        """
        end = time.monotonic() + SETTLED
        volume = wait_for(
            lambda: dict(self.block_storage.get(f"/volumes/{id}").setup(200).json["volume"]),
            lambda seen: (
                seen["status"] == status
                or seen["status"].startswith("error")
                or (promised and seen["status"] in RESTING and time.monotonic() > end)
            ),
            because=f"volume {id} becomes {status}",
            show=lambda seen: seen["status"],
        )
        if volume["status"] != status:
            message = f"volume {id} is {volume['status']}, not {status}"
            if promised:
                raise PromiseBroken(message, expected=status, seen=volume["status"])
            raise CannotTell(message)
        return volume

    def attach(self, server: str, volume: str) -> Answer:
        return self.compute.post(
            f"/servers/{server}/os-volume_attachments", json={"volumeAttachment": {"volumeId": volume}}
        )

    def attached(self, server: str) -> Answer:
        return self.compute.get(f"/servers/{server}/os-volume_attachments")

    def detach(self, server: str, volume: str) -> Answer:
        return self.compute.delete(f"/servers/{server}/os-volume_attachments/{volume}")

    def expect_held(self, volume: str, server: str) -> None:
        """The volume must come to be in use by the server alone."""
        shown = self.wait(volume, "in-use", promised=True)
        holders = [one.get("server_id") for one in shown["attachments"]]
        assert holders == [server], f"volume {volume}: expected the server {server} to hold it, seen {holders}"

    def expect_free(self, volume: str) -> None:
        """The volume must come to be available, and held by none."""
        shown = self.wait(volume, "available", promised=True)
        assert shown["attachments"] == [], f"volume {volume}: available, yet held by {shown['attachments']}"
