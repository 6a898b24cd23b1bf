"""Removing what a run left behind, as its ledger tells: by id, or by name where no answer told the id.

What depends on others goes first; what is still in use is waited for. Nothing here needs the feature under test
to work as promised: every answer but "gone" is tried again until a deadline, and then told.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

from keystoneauth1.exceptions import ClientException

from defcore.errors import CannotTell, DefcoreError, shortened
from defcore.model.resources import KINDS, ResourceKind
from defcore.model.result import Leftover
from defcore.run.contact import CloudUser
from defcore.run.events import Awaiting, Listener, Removed, Stopping
from defcore.run.ledger import Entry
from defcore.run.unblock import prepare, unblock

GONE = (404, 410)
ACCEPTED = (200, 202, 204)
REFUSED = (401, 403, 405, 501)
RULE = "security_group_rule"
"""Goes with its group, also if no answer told its id."""
OURS = re.compile(r"defcore-", re.IGNORECASE)
"""In each name that `Resources.name` gives."""
GIVEN = ("name", "description", "path")
"""Attributes that anybody may give any value."""
THERE_ALREADY = {("security_group", "default"), ("compute_security_group", "default")}
"""Kinds and names of what a project has from its beginning."""
MOST_NAMED = 5
"""Ids of what something may be, that are told."""
MOST_REFUSALS = 3
"""After which there is no point in asking again."""
PATIENCE = 120.0
"""Seconds for one thing to accept its removal, and as many to be gone."""
NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""Raised on the way through a body that is not what it should be."""
FIRST_PAUSE, LONGEST_PAUSE, AGAIN = 0.1, 3.0, 1.0
LOOK = 0.2
"""Seconds after which a wait asks whether it is to go on."""
AT_WORK = timedelta(seconds=30)
"""After a request, in which the cloud may still be about to do it, though nobody waits for its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    entry: Entry
    kind: ResourceKind
    user: CloudUser
    patience: float
    go_on: Callable[[], bool]


class _AnothersSetting(Exception):
    """Somebody has set another value since."""


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

    `gone` hears of each that is no more; `go_on` is asked all the while whether to. What is not there and was asked for
    less than AT_WORK ago may still come, and is waited for.
    """
    left: list[Leftover] = []
    users: dict[str, CloudUser | str] = {}
    going = _heard(go_on, listener)
    for entry in removal_order(entries):
        trouble: str | None = None
        instead: str | None = None
        found = False
        try:
            if not going():
                raise CannotTell("interrupted before it could be removed")
            found = _remove_all(_target(entry, users, open_cloud, patience, going), listener)
        except _AnothersSetting as error:
            instead = str(error)
        except (CannotTell, ClientException, DefcoreError) as error:
            trouble = str(error)
        except NONSENSE as error:
            trouble = f"the cloud's answers make no sense: {type(error).__name__}: {error}"
        kind, name = entry.kind, shown_name(entry)
        if trouble is None:
            gone(entry)
        else:
            left.append(Leftover(kind=kind, id=entry.id, name=name, cloud=entry.cloud, reason=trouble))
        about = Removed(kind=kind, id=entry.id, name=name, cloud=entry.cloud, trouble=trouble, found=found)
        listener(replace(about, instead=instead))
    return tuple(left)


def shown_name(entry: Entry) -> str | None:
    """Of a setting the ledger has a digest in the place of a name: it says nothing to anybody."""
    return None if entry.kind in KINDS and KINDS[entry.kind].undo else entry.name


def _heard(go_on: Callable[[], bool], listener: Listener) -> Callable[[], bool]:
    """`go_on`, which tells the listener as soon as it says no."""
    told = False

    def ask() -> bool:
        nonlocal told
        if go_on():
            return True
        if not told:
            told = True
            listener(Stopping(at_once=True, cleaning=True))
        return False

    return ask


def _rest(seconds: float, target: _Target) -> None:
    """Wait so long. Raises CannotTell as soon as it is not to go on."""
    end = time.monotonic() + seconds
    while True:
        if not target.go_on():
            raise CannotTell("interrupted before it was seen to be gone")
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, LOOK))


def _remove_all(target: _Target, listener: Listener) -> bool:
    """Remove the thing, or each of the things; one that may still come is waited for. False: there was none.

    Raises CannotTell, and _AnothersSetting.
    """
    entry, waiting = target.entry, False
    while not sum(_remove(target, path) for path in _paths(target)):
        seconds = _may_come_for(target)
        if not seconds:
            return False
        if not waiting:
            listener(Awaiting(kind=entry.kind, name=shown_name(entry) or entry.id, seconds=seconds))
        waiting = True
        _rest(min(AGAIN, seconds), target)
    return True


def _may_come_for(target: _Target) -> float:
    """Seconds in which the cloud may yet make it."""
    asked = target.entry.asked
    if asked is None or target.kind.name == RULE:
        return 0.0
    age = datetime.now(UTC) - asked
    return (AT_WORK - age).total_seconds() if timedelta(0) <= age < AT_WORK else 0.0


def removal_order(entries: Iterable[Entry]) -> list[Entry]:
    """What depends on others first; among equals the newest first."""
    newest_first = list(entries)[::-1]
    return sorted(newest_first, key=lambda entry: KINDS[entry.kind].order if entry.kind in KINDS else 0)


def _target(
    entry: Entry,
    users: dict[str, CloudUser | str],
    open_cloud: Callable[[str], CloudUser],
    patience: float,
    go_on: Callable[[], bool],
) -> _Target:
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
    return _Target(entry=entry, kind=kind, user=user, patience=patience, go_on=go_on)


def _paths(target: _Target) -> Iterator[str]:
    """Where the thing is, or the things: none if it was never made."""
    entry, kind = target.entry, target.kind
    if entry.id is not None:
        yield entry.path.replace("{id}", entry.id)
    elif kind.id_key == "name" and _is_ours(entry.name, kind):
        yield entry.path.replace("{id}", quote(str(entry.name), safe=""))
    elif kind.lists and _is_ours(entry.name, kind):
        named = re.compile(re.escape(str(entry.name)) + kind.name_end)
        for row in _listed(target, entry.name):
            if named.fullmatch(str(row.get(kind.name_key))) and row.get(kind.id_key):
                yield entry.path.replace("{id}", str(row[kind.id_key]))
    elif kind.name != RULE:
        _show_never_made(target)


def _is_ours(name: str | None, kind: ResourceKind) -> bool:
    """Whether nobody else gives such a name; by another, such as `default`, nothing is removed."""
    return bool(name) and (OURS.search(str(name)) is not None or kind.name_key not in GIVEN)


def _show_never_made(target: _Target) -> None:
    """It was asked for without a name of ours, and no answer told its id. Raises CannotTell if there is any like it.

    What may be another's is not touched.
    """
    kind, name = target.kind, target.entry.name
    if not kind.lists:
        raise CannotTell("no answer told its id, and it has no name of ours to find it by: look for it by hand")
    rows = [row for row in _listed(target, name) if (row.get(kind.name_key) or None) == (name or None)]
    like = [str(row.get(kind.id_key) or "on a further page") for row in rows]
    if (kind.name, name) in THERE_ALREADY:
        like = like[1:]
    if like:
        asked = f"with the {kind.name_key} {name!r}" if name else f"without a {kind.name_key}"
        raise CannotTell(
            f"it was asked for {asked}, and no answer told its id; it may be {', '.join(like[:MOST_NAMED])}"
        )


def _listed(target: _Target, name: str | None) -> list[dict[str, Any]]:
    """The rows of the collection: all, or if the cloud can look for it what has the name. Raises CannotTell."""
    kind, place = target.kind, target.kind.lists or ""
    of: dict[str, str] = {}
    if "?" in place:
        place = place.replace("{user}", quote(target.user.user_id, safe=""))
        of = dict(parse_qsl(place.partition("?")[2]))
    else:
        place = target.entry.path.rpartition("/{id}")[0] if "{owner}" in place else place
        place += f"?{kind.name_key}={quote(name, safe='')}" if name else ""
    answer = target.user.ask("GET", kind.service, place)
    if answer.status_code in GONE:
        return []
    if answer.status_code != 200:
        raise CannotTell(f"GET {answer.url} answered {answer.status_code}")
    rows = [inner if isinstance(inner := row.get(kind.envelope or ""), dict) else row for row in _rows(answer)]
    return [row for row in rows if all(row.get(key) == value for key, value in of.items())]


def _rows(answer: Any) -> list[dict[str, Any]]:
    """The collection in an answer, whatever its envelope is called."""
    try:
        body = answer.json()
    except ValueError:
        raise CannotTell(f"GET {answer.url} answered no JSON") from None
    lists = [value for value in body.values() if isinstance(value, list)] if isinstance(body, dict) else []
    return [row for rows in lists for row in rows if isinstance(row, dict)]


def _remove(target: _Target, path: str) -> bool:
    """Ask for the removal until it is accepted, and wait until the thing is gone; False if there was none.

    Raises CannotTell, and _AnothersSetting.
    """
    user, kind = target.user, target.kind
    if kind.undo and not _is_set(target, path):
        return False
    prepare(user, kind.name, path)
    method, headers = ("POST", {kind.undo: "x"}) if kind.undo else ("DELETE", {})
    query = "?cascade=true" if kind.name == "volume" else ""
    end, pause, refusals = time.monotonic() + target.patience, FIRST_PAUSE, 0
    while True:
        try:
            answer = user.ask(method, kind.service, path + query, headers=headers)
        except CannotTell:  # the cloud may come back
            if time.monotonic() > end:
                raise
            _rest(LONGEST_PAUSE, target)
            continue
        if answer.status_code in GONE:
            return False
        if answer.status_code in kind.stays and _is_empty(user, kind, path):
            return True
        if answer.status_code in ACCEPTED:
            break
        helped = unblock(user, kind.name, path)
        refusals += answer.status_code in REFUSED
        if time.monotonic() > end or (refusals and not helped) or refusals > MOST_REFUSALS:
            raise CannotTell(f"{method} {answer.url} answered {answer.status_code}: {shortened(answer.text, 300)}")
        _rest(pause, target)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    if kind.asynchronous:
        _wait(target, path)
    return True


def _is_set(target: _Target, path: str) -> bool:
    """Whether a setting of an account is there. Raises _AnothersSetting if it is not the one of the run."""
    answer = target.user.ask("HEAD", target.kind.service, path)
    if answer.status_code not in (200, 204, *GONE):
        raise CannotTell(f"HEAD {answer.url} answered {answer.status_code}")
    there = target.kind.setting(answer.headers)
    if there is not None and there != target.entry.name:
        raise _AnothersSetting(f"{target.kind.shown[0]} is set, but not to what the run set: it is left alone")
    return there is not None


def _is_empty(user: CloudUser, kind: ResourceKind, path: str) -> bool:
    answer = user.ask("GET", kind.service, path)
    return answer.status_code in GONE or (answer.status_code in (200, 204) and answer.content.strip() in (b"", b"[]"))


def _wait(target: _Target, path: str) -> None:
    user, kind = target.user, target.kind
    end, pause = time.monotonic() + target.patience, FIRST_PAUSE
    while True:
        answer = user.ask("GET", kind.service, path)
        if answer.status_code in GONE:
            return
        if kind.purge is not None and _status(answer, kind) == kind.purge.status:
            place = kind.purge.path.format(id=path.rpartition("/")[2])
            user.ask("POST", kind.service, place, json=json.loads(kind.purge.body))
        if time.monotonic() > end:
            raise CannotTell(f"{path} is still there {target.patience:.0f} s after its removal was accepted")
        _rest(pause, target)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _status(answer: Any, kind: ResourceKind) -> object:
    """What the resource in an answer says of its state, if there is one."""
    try:
        return answer.json()[kind.envelope]["status"] if answer.status_code == 200 else None
    except (ValueError, KeyError, TypeError):
        return None
