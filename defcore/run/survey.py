"""A look at the cloud before the tests: log all users in, gather facts, choose settings, decide what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import CannotTell, DefcoreError, InputError, Problem, UnknownError
from defcore.model.plan import Plan, Setting
from defcore.run.capacity import Room, room_for, safe_workers
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.run.facts import Facts, gather
from defcore.run.preflight import Preflight, chosen_flavor, preflight
from defcore.run.settings import choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    facts: Facts
    settings: tuple[Setting, ...]
    preflight: Preflight
    workers: int
    room: Room | None
    recorder: Recorder
    """Knows the users' secrets."""


def survey(
    users: Mapping[str, str],
    *,
    given: Mapping[str, str],
    plan: Plan | None,
    workers: int | None,
    reference_file: Path | None,
) -> Survey:
    """`users`: role -> name in clouds.yaml; `workers` None: a safe number. Raises InputError and UnknownError."""
    recorder = Recorder()
    opened = _open_all(users, recorder, reference_file)
    try:
        facts = gather(opened[0], opened[1:])
    except CannotTell as error:  # the token had to be renewed, and could not
        raise UnknownError(Problem(code="cloud.unreachable", message=str(error))) from None
    settings = choose(facts, given)
    flavor = chosen_flavor(facts, settings)
    if workers is None:
        workers = safe_workers(os.cpu_count() or 1, facts.quotas, flavor)
    decided = preflight(facts, settings, plan, workers=workers)
    recorder.take()
    return Survey(
        facts=facts,
        settings=settings,
        preflight=decided,
        workers=workers,
        room=room_for(facts.quotas, flavor, workers),
        recorder=recorder,
    )


def _open_all(users: Mapping[str, str], recorder: Recorder, reference_file: Path | None) -> list[CloudUser]:
    """Every user logged in. One that cannot be asked ends it; refusals are collected."""
    opened: list[CloudUser] = []
    problems: list[Problem] = []
    for role, name in users.items():
        try:
            user = open_user(role, name, recorder, reference_file=reference_file)
            user.open()
            opened.append(user)
        except InputError as error:
            problems += error.problems
        except DefcoreError as error:
            raise type(error)(*error.problems, *problems) from None
    if problems:
        raise InputError(*problems)
    return opened
