"""Removing what a run left behind, as its ledger tells: by id, or by name where no answer told the id.

What depends on others goes first; what is still in use is waited for. Nothing here needs the feature under test
to work as promised: every answer but "gone" is tried again until a deadline, and then told.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from keystoneauth1.exceptions import ClientException

from defcore.errors import CannotTell, DefcoreError
from defcore.model.resources import KINDS, ResourceKind
from defcore.model.result import Leftover
from defcore.run.contact import CloudUser
from defcore.run.events import Listener, Removed
from defcore.run.ledger import Entry
from defcore.run.unblock import prepare, unblock

GONE = (404, 410)
ACCEPTED = (200, 202, 204)
REFUSED = (401, 403, 405, 501)
MOST_NAMED = 5
"""Ids of what something may be, that are told."""
MOST_REFUSALS = 3
"""After which there is no point in asking again."""
PATIENCE = 120.0
"""Seconds for one thing to accept its removal, and as many to be gone."""
NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""Raised on the way through a body that is not what it should be."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    entry: Entry
    kind: ResourceKind
    user: CloudUser


def sweep(
    entries: Iterable[Entry],
    *,
    open_cloud: Callable[[str], CloudUser],
    gone: Callable[[Entry], None],
    listener: Listener,
    go_on: Callable[[], bool] = lambda: True,
    patience: float = PATIENCE,
) -> tuple[Leftover, ...]:
    """Remove what the entries name, and return what is left.

    `gone` hears of each that is no more; `go_on` is asked before each whether to.
    """
    left: list[Leftover] = []
    users: dict[str, CloudUser | str] = {}
    for entry in removal_order(entries):
        trouble: str | None = None
        try:
            if not go_on():
                raise CannotTell("interrupted before it could be removed")
            target = _target(entry, users, open_cloud)
            for path in _paths(target):
                _remove(target, path, patience)
        except (CannotTell, ClientException, DefcoreError) as error:
            trouble = str(error)
            left.append(Leftover(kind=entry.kind, id=entry.id, name=entry.name, cloud=entry.cloud, reason=trouble))
        except NONSENSE as error:
            trouble = f"the cloud's answers make no sense: {type(error).__name__}: {error}"
            left.append(Leftover(kind=entry.kind, id=entry.id, name=entry.name, cloud=entry.cloud, reason=trouble))
        else:
            gone(entry)
        listener(Removed(kind=entry.kind, id=entry.id, name=entry.name, cloud=entry.cloud, trouble=trouble))
    return tuple(left)


def removal_order(entries: Iterable[Entry]) -> list[Entry]:
    """What depends on others first; among equals the newest first."""
    newest_first = list(entries)[::-1]
    return sorted(newest_first, key=lambda entry: KINDS[entry.kind].order if entry.kind in KINDS else 0)


def _target(entry: Entry, users: dict[str, CloudUser | str], open_cloud: Callable[[str], CloudUser]) -> _Target:
    kind = KINDS.get(entry.kind)
    if kind is None:
        raise CannotTell(f"this version of defcore does not know the kind {entry.kind!r}")
    if entry.cloud not in users:
        try:
            users[entry.cloud] = open_cloud(entry.cloud)
        except DefcoreError as error:
            users[entry.cloud] = str(error)
    user = users[entry.cloud]
    if isinstance(user, str):
        raise CannotTell(user)
    return _Target(entry=entry, kind=kind, user=user)


def _paths(target: _Target) -> Iterator[str]:
    """Where the thing is, or the things: none if it was never made."""
    entry, kind = target.entry, target.kind
    if entry.id is not None:
        yield entry.path.replace("{id}", entry.id)
    elif kind.id_key == "name" and entry.name:
        yield entry.path.replace("{id}", quote(entry.name, safe=""))
    elif kind.lists and entry.name:
        named = re.compile(re.escape(entry.name) + kind.name_end)
        for row in _listed(target, entry.name):
            if named.fullmatch(str(row.get(kind.name_key))) and row.get(kind.id_key):
                yield entry.path.replace("{id}", str(row[kind.id_key]))
    elif kind.name != "security_group_rule":  # a rule goes with its group
        _show_never_made(target)


def _show_never_made(target: _Target) -> None:
    """It was asked for without a name, and no answer told its id. Raises CannotTell if there is anything like it.

    What may be another's is not touched.
    """
    kind = target.kind
    if not kind.lists:
        raise CannotTell("no answer told its id, and it has no name to find it by: look for it by hand")
    nameless = [
        str(row.get(kind.id_key) or "on a further page") for row in _listed(target, None) if not row.get(kind.name_key)
    ]
    if nameless:
        may_be = ", ".join(nameless[:MOST_NAMED])
        raise CannotTell(f"it was asked for without a {kind.name_key}, and no answer told its id; it may be {may_be}")


def _listed(target: _Target, name: str | None) -> list[dict[str, Any]]:
    """The rows of the collection: all, or if the cloud can look for it what has the name. Raises CannotTell."""
    kind, place = target.kind, target.kind.lists or ""
    if "?" in place:
        place = place.replace("{user}", quote(target.user.user_id, safe=""))
    else:
        place = target.entry.path.rpartition("/{id}")[0] if "{owner}" in place else place
        place += f"?{kind.name_key}={quote(name, safe='')}" if name else ""
    answer = target.user.ask("GET", kind.service, place)
    if answer.status_code in GONE:
        return []
    if answer.status_code != 200:
        raise CannotTell(f"GET {answer.url} answered {answer.status_code}")
    return _rows(answer)


def _rows(answer: Any) -> list[dict[str, Any]]:
    """The collection in an answer, whatever its envelope is called."""
    try:
        body = answer.json()
    except ValueError:
        raise CannotTell(f"GET {answer.url} answered no JSON") from None
    lists = [value for value in body.values() if isinstance(value, list)] if isinstance(body, dict) else []
    return [row for rows in lists for row in rows if isinstance(row, dict)]


def _remove(target: _Target, path: str, patience: float) -> None:
    """Ask for the removal until it is accepted, and wait until the thing is gone. Raises CannotTell."""
    user, kind = target.user, target.kind
    prepare(user, kind.name, path)
    method, headers = ("POST", {kind.undo: "x"}) if kind.undo else ("DELETE", {})
    query = "?cascade=true" if kind.name == "volume" else ""
    end, pause, refusals = time.monotonic() + patience, FIRST_PAUSE, 0
    while True:
        try:
            answer = user.ask(method, kind.service, path + query, headers=headers)
        except CannotTell:  # the cloud may come back
            if time.monotonic() > end:
                raise
            time.sleep(LONGEST_PAUSE)
            continue
        if answer.status_code in GONE or (answer.status_code in kind.stays and _is_empty(user, kind, path)):
            return
        if answer.status_code in ACCEPTED:
            break
        helped = unblock(user, kind.name, path)
        refusals += answer.status_code in REFUSED
        if time.monotonic() > end or (refusals and not helped) or refusals > MOST_REFUSALS:
            raise CannotTell(f"{method} {answer.url} answered {answer.status_code}: {answer.text[:300]}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    if kind.asynchronous:
        _wait(user, kind, path, patience)


def _is_empty(user: CloudUser, kind: ResourceKind, path: str) -> bool:
    answer = user.ask("GET", kind.service, path)
    return answer.status_code in GONE or (answer.status_code in (200, 204) and answer.content.strip() in (b"", b"[]"))


def _wait(user: CloudUser, kind: ResourceKind, path: str, patience: float) -> None:
    end, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        answer = user.ask("GET", kind.service, path)
        if answer.status_code in GONE:
            return
        if kind.purge is not None and _status(answer, kind) == kind.purge.status:
            place = kind.purge.path.format(id=path.rpartition("/")[2])
            user.ask("POST", kind.service, place, json=json.loads(kind.purge.body))
        if time.monotonic() > end:
            raise CannotTell(f"{path} is still there {patience:.0f} s after its removal was accepted")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _status(answer: Any, kind: ResourceKind) -> object:
    """What the resource in an answer says of its state, if there is one."""
    try:
        return answer.json()[kind.envelope]["status"] if answer.status_code == 200 else None
    except (ValueError, KeyError, TypeError):
        return None
