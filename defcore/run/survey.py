"""A look at the cloud before the tests: log all users in, gather facts, choose settings, decide what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from defcore.errors import CannotTell, DefcoreError, InputError, Problem, UnknownError
from defcore.model.budget import Budget
from defcore.model.plan import Plan, Setting
from defcore.run.capacity import Room, allowed, room_for, safe_workers
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.run.facts import Facts, UserFact, gather
from defcore.run.journal import Identity
from defcore.run.preflight import Preflight, chosen_flavor, preflight
from defcore.run.redaction import Secrets
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
    identities: tuple[Identity, ...]
    """Of the users, without ids that are to be kept out of everything."""


def survey(
    users: Mapping[str, str],
    *,
    given: Mapping[str, str],
    plan: Plan | None,
    workers: int | None,
    reference_file: Path | None,
    hidden: tuple[str, ...] = (),
) -> Survey:
    """`users`: role -> name in clouds.yaml; `workers` None: a safe number; `hidden`: values to keep out of everything.

    Raises InputError and UnknownError.
    """
    recorder = Recorder(*hidden)
    with recorder.secrets.out_of_errors():
        return _survey(recorder, users, given=given, plan=plan, workers=workers, reference_file=reference_file)


def _survey(
    recorder: Recorder,
    users: Mapping[str, str],
    *,
    given: Mapping[str, str],
    plan: Plan | None,
    workers: int | None,
    reference_file: Path | None,
) -> Survey:
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
    budget = plan.budget if plan else Budget()
    recorder.take()
    secrets = recorder.secrets
    return Survey(
        facts=replace(
            facts, **{name: secrets.cleaned(getattr(facts, name)) for name in ("cloud", "silent", "astray", "lost")}
        ),
        settings=tuple(replace(one, reason=secrets.clean(one.reason)) for one in settings),
        preflight=secrets.cleaned(decided),
        workers=workers,
        room=room_for((*facts.quotas, *allowed(budget)), flavor, workers),
        recorder=recorder,
        identities=tuple(_identity(one, secrets) for one in facts.users),
    )


def _identity(user: UserFact, secrets: Secrets) -> Identity:
    shown = [id if secrets.clean(id) == id else "" for id in (user.user_id, user.project_id)]
    return Identity(role=user.role, user=shown[0], project=shown[1])


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
