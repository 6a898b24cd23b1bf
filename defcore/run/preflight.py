"""Is everything there that a run needs? Decided from facts, before any test runs. Pure.

What is missing does not stop a run: the tests that need it are SKIPPED, and those a verdict depends on are named
here. What is wrong stops it: a second user who is none would turn into false outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from defcore.errors import Problem
from defcore.model.budget import Budget
from defcore.model.capability import NEEDS, Service
from defcore.model.plan import Plan, PlannedTest, Setting
from defcore.run.capacity import allowed, per_worker, workers_within
from defcore.run.facts import Facts, FlavorFact, UserFact
from defcore.run.outcomes import missing_needs

MOST_SKEW = 60.0
"""Seconds between the clocks; tests of expiry and of signed addresses allow for less than minutes."""
WRITING_ROLES = {"member", "admin", "manager", "_member_", "swiftoperator"}
POWERFUL_ROLES = {"admin", "manager", "service", "reselleradmin"}
OPTIONAL = ("volume_type", "availability_zone", "ssh_user", "ssh_port")


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    """Fewer tests, or more to look at; the run can start."""
    WRONG = "wrong"
    """The run must not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    state: State
    what: str
    """Such as `image` or `quota`."""
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedTest:
    """A required test that cannot run, known beforehand."""

    test: PlannedTest
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    checks: tuple[Check, ...]
    skipped: tuple[SkippedTest, ...]
    """Required tests that want a prerequisite: CONFORMANT is out of reach while there are any."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What must be put right before a run."""
        return tuple(
            Problem(code=f"preflight.{check.what}", message=check.message, hint=check.remedy)
            for check in self.checks
            if check.state is State.WRONG
        )


def preflight(facts: Facts, settings: tuple[Setting, ...], plan: Plan | None, *, workers: int) -> Preflight:
    """All checks, and the required tests of the plan that will be SKIPPED."""
    checks = (
        *_users(facts),
        *_services(facts, plan),
        *_settings(settings),
        *_quotas(facts, settings, workers),
        _budget(plan.budget if plan else Budget(), workers),
        *_clock(facts),
        *(
            Check(state=State.NOTE, what="answer", message=f"no usable answer: {asked}: {why}")
            for asked, why in facts.silent
        ),
        *(
            Check(state=State.NOTE, what="catalog", message=f"{name} is passed over: its address {why}")
            for name, why in facts.astray
            if not any(why in told for _, told in facts.lost)
        ),
    )
    return Preflight(checks=checks, skipped=_skipped(facts, settings, plan))


def _users(facts: Facts) -> Iterator[Check]:
    primary = facts.users[0]
    roles = ", ".join(primary.roles) or "no role"
    message = f"{primary.cloud}: user {primary.user_id} in project {primary.project_id} ({roles})"
    yield Check(state=State.OK, what="user", message=message)
    if powerful := sorted({name.lower() for name in primary.roles} & POWERFUL_ROLES):
        yield Check(
            state=State.NOTE,
            what="user",
            message=f"the first user has the role {', '.join(powerful)}: conformance is what an ordinary user sees",
            remedy="an ordinary user (--cloud NAME)",
        )
    for user in facts.users[1:]:
        yield _second_user(primary, user)
    yield from _shared(facts.users)
    given = {user.role for user in facts.users}
    for role in sorted({"alt", "reader", "admin", "disposable"} - given):
        if role == "disposable" and "admin" in given:
            yield _to_be_made(facts)
        else:
            yield Check(state=State.NOTE, what=role, message=f"no {role} user", remedy=NEEDS[role])


def _to_be_made(facts: Facts) -> Check:
    if _makes_users(facts):
        message = "one is made for each test that needs it, and removed"
        return Check(state=State.OK, what="disposable", message=message)
    message = "none: the administrator may not list users, and is not expected to make any"
    return Check(state=State.NOTE, what="disposable", message=message, remedy="one (--disposable-cloud NAME)")


def _makes_users(facts: Facts) -> bool:
    return any(user.lists_users for user in facts.users)


def _second_user(primary: UserFact, user: UserFact) -> Check:
    wrong = None
    if not all((primary.user_id, primary.project_id, user.user_id, user.project_id)):
        message = f"{user.cloud}: whether it is another one cannot be told: a token lacks the user or the project"
        return Check(state=State.NOTE, what=user.role, message=message)
    if user.cpid != primary.cpid:
        wrong = "is of another cloud"
    elif user.role != "disposable" and (user.user_id, user.project_id) == (primary.user_id, primary.project_id):
        wrong = "is the same user in the same project"
    elif user.role == "alt" and user.project_id == primary.project_id:
        wrong = "is in the same project as the first user"
    elif user.role == "reader" and user.project_id != primary.project_id:
        wrong = "is not in the project of the first user"
    elif user.role == "reader" and {name.lower() for name in user.roles} & WRITING_ROLES:
        wrong = f"may write (roles {', '.join(user.roles)})"
    if wrong:
        return Check(
            state=State.WRONG,
            what=user.role,
            message=f"{user.cloud!r} {wrong}: no use as {user.role} user",
            remedy=NEEDS[user.role],
        )
    if user.role == "admin" and "reselleradmin" not in {name.lower() for name in user.roles}:
        message = f"{user.cloud!r} has no role ResellerAdmin; the cloud may call it otherwise"
        return Check(state=State.NOTE, what=user.role, message=message, remedy=NEEDS[user.role])
    roles = ", ".join(user.roles)
    return Check(state=State.OK, what=user.role, message=f"{user.cloud}: project {user.project_id} ({roles})")


def _shared(users: tuple[UserFact, ...]) -> Iterator[Check]:
    """A disposable user that another role's user would suffer with."""
    for own in (user for user in users if user.role == "disposable"):
        for user in users:
            alike = (("user", user.user_id, own.user_id), ("project", user.project_id, own.project_id))
            same = [what for what, one, other in alike if one and one == other]
            if user is not own and same:
                message = f"{own.cloud!r} is of the same {same[0]} as {user.cloud!r}: no use as disposable user"
                yield Check(state=State.WRONG, what="disposable", message=message, remedy=NEEDS["disposable"])


def _services(facts: Facts, plan: Plan | None) -> Iterator[Check]:
    wanted = {test.case.service for test in plan.tests} if plan else set(Service)
    for service in Service:
        if service not in wanted:
            continue
        url = dict(facts.cloud.endpoints).get(str(service))
        if url:
            yield Check(state=State.OK, what=str(service), message=url)
        elif lost := dict(facts.lost).get(str(service)):
            remedy = "put the address in the catalog right"
            yield Check(state=State.NOTE, what=str(service), message=f"{lost}: its tests will be ERROR", remedy=remedy)
        else:
            yield Check(
                state=State.NOTE,
                what=str(service),
                message="not in the catalog: its tests will be SKIPPED (absent)",
                remedy="add the service to the catalog, or check region_name and interface in clouds.yaml",
            )


def _settings(settings: tuple[Setting, ...]) -> Iterator[Check]:
    for one in settings:
        if one.value:
            yield Check(state=State.OK, what=one.name, message=f"{one.value} ({one.reason})")
        elif one.name in OPTIONAL:
            yield Check(state=State.OK, what=one.name, message=one.reason)
        else:
            yield Check(state=State.NOTE, what=one.name, message=f"none: {one.reason}", remedy=NEEDS.get(one.name))


def chosen_flavor(facts: Facts, settings: tuple[Setting, ...]) -> FlavorFact | None:
    wanted = next((one.value for one in settings if one.name == "flavor"), None)
    return next((one for one in facts.flavors if one.id == wanted), None)


def _quotas(facts: Facts, settings: tuple[Setting, ...], workers: int) -> Iterator[Check]:
    bound, tightest = workers_within(facts.quotas, chosen_flavor(facts, settings))
    if bound is None:
        yield Check(state=State.OK, what="quota", message="no limits shown")
    elif bound >= workers:
        yield Check(state=State.OK, what="quota", message=f"enough for {workers} at once (up to {bound})")
    else:
        quota = next(one for one in facts.quotas if one.name == tightest)
        message = f"{quota.name}: {quota.used} of {quota.limit} used, "
        message += f"enough for {bound} at once" if bound else "too little for some tests"
        remedy = f"free some, ask for more, or run fewer at once (-n {max(1, bound)})"
        yield Check(state=State.NOTE, what="quota", message=message, remedy=remedy)


def _budget(budget: Budget, workers: int) -> Check:
    bound, tightest = workers_within(allowed(budget), None)
    if bound is None or tightest is None or bound >= workers:
        return Check(state=State.OK, what="budget", message=str(budget))
    message = f"{budget}: "
    message += f"of the tests that need them, {bound} run at a time" if bound else "too little for some tests"
    more = f"{tightest.removeprefix('budget.')}={workers * per_worker(None)[tightest]}"
    return Check(state=State.NOTE, what="budget", message=message, remedy=f"more for more at a time (--budget {more})")


def _clock(facts: Facts) -> Iterator[Check]:
    if facts.clock_skew is None:
        return
    if abs(facts.clock_skew) <= MOST_SKEW:
        yield Check(state=State.OK, what="clock", message="agrees with the cloud's")
        return
    way = "ahead of" if facts.clock_skew > 0 else "behind"
    message = f"the cloud's clock is {abs(facts.clock_skew):.0f} s {way} this machine's"
    yield Check(state=State.NOTE, what="clock", message=message, remedy="set the clocks: tests of expiry rely on them")


def _skipped(facts: Facts, settings: tuple[Setting, ...], plan: Plan | None) -> tuple[SkippedTest, ...]:
    roles = [user.role for user in facts.users]
    locked = "disposable" not in roles and "admin" in roles and not _makes_users(facts)
    values = {one.name: one.value for one in settings}
    found = []
    for test in plan.tests if plan else ():
        missing = missing_needs(test.case.needs, roles, values)
        if locked and "disposable" in test.case.needs:
            missing += (("disposable", NEEDS["disposable"]),)
        if missing and test.required and facts.has(test.case.service):  # what the cloud lacks is absent
            found.append(SkippedTest(test=test, remedies=tuple(remedy for _, remedy in missing)))
    return tuple(found)
