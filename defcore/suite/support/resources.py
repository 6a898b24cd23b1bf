"""What a test creates: written down before the request, removed after the test."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Collection
from typing import Any

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.model.capability import Service
from defcore.model.resources import KINDS, ResourceKind
from defcore.suite.support.actor import RunContext
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.ownership import PREFIX, bears, is_part, need_own
from defcore.suite.support.quota import SIZED, Usage, full_account, used_up
from defcore.suite.support.wait import FIRST_PAUSE, SERVER_PAUSE, wait_for

_counter = itertools.count(1)
GONE = (404, 410)
DELETED = (200, 202, 204)
REFUSED, BROKE_DOWN = 400, 500
"""From 500 on it may have been made all the same: the ledger keeps it for the sweep, which looks for its name."""
PATIENCE = 60.0
"""Seconds in which something must accept its removal."""
ROOM = 10.0
"""Seconds in which others may make room where a quota is used up: the tests of a run take turns, so it is little."""


class _Tracked:
    def __init__(
        self,
        api: Api,
        kind: ResourceKind,
        key: str,
        id: str | None,
        owner: str,
        *,
        name: str | None = None,
        gigabytes: int = 0,
    ) -> None:
        self.api, self.kind, self.key, self.id, self.owner = api, kind, key, id, owner
        self.name, self.gigabytes = name, gigabytes
        self.shown = False
        """Whether an answer has told that it was made."""

    @property
    def path(self) -> str:
        return self.kind.path.format(id=self.id, owner=self.owner)


class _Pending:
    """Something whose id is not known yet."""

    def __init__(
        self,
        tracked: _Tracked,
        known: Callable[[_Tracked, str], None],
        forget: Callable[[_Tracked], None],
        shows_ours: Callable[[_Tracked, str, Answer | None], bool],
    ) -> None:
        self._tracked, self._known, self._forget, self._shows_ours = tracked, known, forget, shows_ours

    def never_asked_for(self) -> None:
        """The request was not sent, or was refused; else what may have been made counts until it is swept."""
        self._forget(self._tracked)

    def known_as(self, id: str, *, told: Answer | None = None) -> None:
        """What came into being; `told` as in `Resources.track`.

        Raises CannotTell if another's is shown under the id. What is not shown at all stays known by its name alone.
        """
        if self._shows_ours(self._tracked, id, told):
            self._known(self._tracked, id)


class Resources:
    """Creates and removes the resources of one test; the fixture `resources`."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._tracked: list[_Tracked] = []

    def name(self, purpose: str) -> str:
        """A name that no other test uses: `defcore-<tag>-<purpose>-<number>`."""
        return f"{PREFIX}{self._run.tag}-{purpose}-{next(_counter)}-{id(self) & 0xFFFFFF:06x}"

    def create(
        self,
        api: Api,
        kind: str,
        path: str,
        *,
        method: str = "POST",
        id: str | None = None,
        name: str | None = None,
        owner: str = "",
        grows_to: int = 0,
        there: Collection[str] = (),
        **request: Any,
    ) -> Answer:
        """Send the request that creates a resource of a kind of `defcore.model.resources.KINDS`.

        Written down before it is sent; `id` where the tester chooses it (containers, objects: the quoted path
        without the first slash). The answer is not asserted on: `.expect(...)` if its status is the promise
        under test, `.setup(...)` if not. Removed after the test, whatever comes. `grows_to`: GiB that a volume will
        have later. `there`: ids of what was there before, which are not taken for the new one's should the answer tell
        one of them. Raises Prerequisite if the run's budget or the project's quota leaves no room for it.
        """
        row = KINDS[kind]
        if row.undo:  # so that only what is set here is taken back
            name = row.setting(request["headers"])
        size = max(grows_to, self._gigabytes(row, request.get("json")))
        key = self._intend(api, row, name=name, id=id, owner=owner, gigabytes=size)
        tracked = _Tracked(api, row, key, id, owner, name=name, gigabytes=size)
        self._tracked.append(tracked)
        answer = self._asked(api, row, lambda: api.request(method, path, **request), [tracked])
        if answer.status == 413 and row.service is Service.OBJECT_STORE:
            self._need_room(tracked, answer, len(request.get("data") or b""))
        if REFUSED <= answer.status < BROKE_DOWN:
            self._forget(tracked)
        elif id is not None and answer.status < REFUSED:
            self._known(tracked, id)
        elif id is None:
            self._learn(tracked, answer, there)
        return answer

    def _need_room(self, tracked: _Tracked, refusal: Answer, size: int) -> None:
        """Raises Prerequisite if the account is full by its own figures."""
        full = full_account(tracked.api, size)
        if full:
            self._forget(tracked)
            raise Prerequisite(f"the account has no room: bytes: {full} ({refusal.where})")

    def _learn(self, tracked: _Tracked, answer: Answer, there: Collection[str]) -> None:
        """The id, if the answer tells it, and it is not that of something which was there before."""
        row = tracked.kind
        with contextlib.suppress(PromiseBroken, KeyError, TypeError):
            body = answer.json
            id = str((body[row.envelope] if row.envelope else body)[row.id_key])
            self._forget(tracked) if id in there else self._known(tracked, id)

    def create_several(
        self, api: Api, kind: str, path: str, *, collection: str, names: list[str], **request: Any
    ) -> Answer:
        """Send the request that creates several resources, with these names; `collection` is the body's key."""
        row = KINDS[kind]
        keys = [self._intend(api, row, name=name) for name in names]
        made = [_Tracked(api, row, key, None, "", name=name) for key, name in zip(keys, names, strict=True)]
        self._tracked += made
        answer = self._asked(api, row, lambda: api.post(path, **request), made)
        if REFUSED <= answer.status < BROKE_DOWN:
            for tracked in made:
                self._forget(tracked)
            return answer
        with contextlib.suppress(PromiseBroken, KeyError, TypeError):
            for tracked, body in zip(made, answer.json[collection], strict=False):
                self._known(tracked, str(body[row.id_key]))
        return answer

    def _asked(self, api: Api, kind: ResourceKind, send: Callable[[], Answer], made: list[_Tracked]) -> Answer:
        """The answer to a request that makes these, asked again while a quota is used up and room may come."""
        try:
            answer = send()
        except Absent:  # there is no service that it could have been sent to
            for tracked in made:
                self._forget(tracked)
            raise
        if kind.service is Service.OBJECT_STORE or not answer.refused_for_quota:
            return answer
        size = sum(one.gigabytes for one in made)
        told = used_up(api, kind, count=len(made), gigabytes=size)
        if told is None or told.limit >= self._wanted(api, kind, told)[0]:
            end = time.monotonic() + ROOM
            answer = wait_for(
                send,
                lambda seen: not seen.refused_for_quota or time.monotonic() >= end,
                because=f"there is room for another {kind.name}",
            )
            told = used_up(api, kind, count=len(made), gigabytes=size) if answer.refused_for_quota else None
        if answer.refused_for_quota:
            need = self._wanted(api, kind, told)[1]
            for tracked in made:
                self._forget(tracked)
            in_use = told or shortened(answer.text, 200)
            raise Prerequisite(f"needs {need} at a time, and the quota leaves no room: {in_use} ({answer.where})")
        return answer

    def _wanted(self, api: Api, kind: ResourceKind, told: Usage | None) -> tuple[int, str]:
        """How much the test wants at a time of what a quota counts; and in words."""
        own = [one for one in self._tracked if one.api.actor is api.actor]
        if told is not None and told.unit:
            size = sum(one.gigabytes for one in own if one.kind.name in SIZED)
            return size, f"{size} {told.unit} of volumes and snapshots"
        count = sum(one.kind is kind for one in own)
        return count, f"{count} {kind.name.replace('_', ' ')}{'s' if count > 1 else ''}"

    def track(
        self, api: Api, kind: str, id: str, *, name: str | None = None, owner: str = "", told: Answer | None = None
    ) -> None:
        """Take over something that came into being otherwise, such as a port of a server or a snapshot image.

        It must be this test's: known as such, or shown with a name that the test gave, or as part of something that is
        the test's, or without a name though `told`, the answer to the test's own POST, names it. Where the tester
        chooses the id, it must be in something that is the test's. Raises CannotTell if not, and nothing is removed.
        """
        row = KINDS[kind]
        tracked = _Tracked(api, row, "", None, owner, name=name)
        known = is_part(row, id, {(one.kind.name, one.id) for one in self._tracked if one.id})
        if not known:
            try:
                known = self._shows_ours(tracked, id, told)
            finally:
                if not known and self.bears(name, name):
                    self._intend(api, row, name=name, owner=owner)  # the sweep looks whether it is there by its name
        if known:
            tracked.key = self._intend(api, row, name=name, id=id, owner=owner)
            self._tracked.append(tracked)
            self._known(tracked, id)

    def intend(self, api: Api, kind: str, *, name: str, owner: str = "") -> _Pending:
        """Write down what a request will bring into being on the side, such as the image of an upload.

        `api` is the service that removes it. Call `known_as` on what is returned as soon as the id is known.
        """
        row = KINDS[kind]
        tracked = _Tracked(api, row, self._intend(api, row, name=name, owner=owner), None, owner, name=name)
        self._tracked.append(tracked)
        return _Pending(tracked, self._known, self._forget, self._shows_ours)

    def bears(self, name: str | None, shown: object) -> bool:
        """Whether what is shown with a name bears this one, which `name` gave; of several that one request makes each
        has an end of its own."""
        return bears(name, shown, tag=self._run.tag)

    def _shows_ours(self, tracked: _Tracked, id: str, told: Answer | None) -> bool:
        """Whether this test's thing is shown under the id. Raises CannotTell if another's is."""
        answer = tracked.api.get(tracked.kind.path.format(id=id, owner=tracked.owner))
        if answer.status != 200:
            return False
        own = {one.id for one in self._tracked if one.id}
        need_own(tracked.kind, id, answer, named=tracked.name, tag=self._run.tag, own=own, told=told)
        return True

    def _gigabytes(self, row: ResourceKind, body: Any) -> int:
        """GiB that the budget counts: of a volume what is asked for, or what it is made of has; of a snapshot the
        volume's. What the cloud will refuse, such as a size that is no number, counts as the least."""
        if row.name not in ("volume", "snapshot"):
            return 0
        wanted = body.get(row.envelope) if isinstance(body, dict) else None
        wanted = wanted if isinstance(wanted, dict) else {}
        sources = [wanted.get(name) for name in ("source_volid", "snapshot_id", "volume_id")]
        known = [one.gigabytes for one in self._tracked if one.id is not None and one.id in sources]
        size = wanted.get("size")
        return max(1, *known, size if isinstance(size, int) else 0)

    def _intend(
        self,
        api: Api,
        row: ResourceKind,
        *,
        name: str | None,
        id: str | None = None,
        owner: str = "",
        gigabytes: int = 0,
    ) -> str:
        """The key in the ledger; empty for what ends with a user or an account made for the test, which are in it."""
        if api.actor.temporary:
            if not row.of_a_user:
                raise CannotTell(f"a {row.name} would outlive the user made for this test")
            return ""
        path = row.path.replace("{owner}", owner)
        return self._run.ledger.intend(
            kind=row.name, cloud=api.actor.cloud, path=path, name=name, id=id, gigabytes=gigabytes
        )

    def _known(self, tracked: _Tracked, id: str) -> None:
        tracked.id, tracked.shown = id, True
        if tracked.key:
            self._run.ledger.created(tracked.key, id=id)

    def forget(self, kind: str, id: str) -> None:
        """The test itself has shown that it is gone."""
        for tracked in [one for one in self._tracked if one.kind.name == kind and one.id == id]:
            self._forget(tracked)

    def remove(self, kind: str, id: str) -> None:
        """Remove one now, and wait until it is gone. Raises CannotTell."""
        for tracked in [one for one in self._tracked if one.kind.name == kind and one.id == id]:
            self._remove(tracked)

    def cleanup(self) -> None:
        """Remove everything, the newest first. Raises CannotTell naming what is left."""
        left: list[str] = []
        # What something older still holds, such as a port that is a router's interface, waits for the second round.
        for patience in (0, PATIENCE):
            left = []
            for tracked in reversed(self._tracked[:]):
                try:
                    self._remove(tracked, patience)
                except Exception as error:  # each one gets its chance; what is left is told below and in the ledger
                    left.append(f"{tracked.kind.name} {tracked.id}: {error}")
        if left:
            raise CannotTell(f"clean-up left {len(left)}: {'; '.join(left)}")

    def _remove(self, tracked: _Tracked, patience: float = PATIENCE) -> None:
        if tracked.id is None:
            return  # made, it seems, but the answer told no id: the ledger keeps it for the sweep
        if tracked.kind.undo and not _is_set(tracked):
            if tracked.shown:  # else it may be set yet: the sweep looks again
                self._forget(tracked)
            return
        answer = wait_for(
            lambda: _delete(tracked),
            lambda seen: seen.status in DELETED + GONE + tracked.kind.stays,
            because=f"{tracked.kind.name} {tracked.id} accepts its removal",
            timeout=patience,
            show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
        )
        if answer.status in GONE and not tracked.shown:
            return  # the cloud may still be about to make it: the sweep looks again
        if answer.status in tracked.kind.stays and tracked.api.get(tracked.path).body.strip():
            raise CannotTell(f"{answer.where} answered {answer.status}, and it is not empty")
        if tracked.kind.asynchronous and answer.status not in GONE:
            wait_for(
                lambda: shown_deleted(tracked.api, tracked.kind, str(tracked.id), tracked.path),
                lambda seen: seen.status in GONE,
                because=f"{tracked.kind.name} {tracked.id} is gone",
                timeout=120,
                pause=SERVER_PAUSE if tracked.kind.name == "server" else FIRST_PAUSE,
                show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
            )
        self._forget(tracked)

    def _forget(self, tracked: _Tracked) -> None:
        self._tracked.remove(tracked)
        if tracked.key:
            self._run.ledger.removed(tracked.key)


def shown_deleted(api: Api, kind: ResourceKind, id: str, path: str) -> Answer:
    """What is shown of something whose deletion was accepted.

    A cloud may keep it for a while (nova: `reclaim_instance_interval`); then it is asked to end it now.
    """
    answer = api.get(path)
    if kind.purge is not None and answer.status == 200:
        with contextlib.suppress(PromiseBroken, KeyError, TypeError):
            if answer.json[kind.envelope]["status"] == kind.purge.status:
                api.post(kind.purge.path.format(id=id), json=json.loads(kind.purge.body))
    return answer


def _is_set(tracked: _Tracked) -> bool:
    """Whether a setting is still the one that the test made; another is not the test's to take back."""
    head = tracked.api.head(tracked.path).setup(200, 204, *GONE)
    return tracked.kind.setting(head.headers) == tracked.name


def _delete(tracked: _Tracked) -> Answer:
    """Ask for its deletion, freeing it first of what its kind's `release` names.

    Not only after a refusal: a cloud may say that it deleted what is in use.
    """
    release, api = tracked.kind.release, tracked.api
    if release is not None:
        with contextlib.suppress(PromiseBroken, KeyError, TypeError, AttributeError):
            listed = api.get(release.lists.format(id=tracked.id)).json[release.collection]
            members = release.members(listed, str(tracked.id))
            for path, body in release.steps(tracked.path, members, thorough=False):
                api.put(path, json=body)
    if tracked.kind.undo:
        return api.post(tracked.path, headers={tracked.kind.undo: "x"})
    return api.delete(tracked.path)
