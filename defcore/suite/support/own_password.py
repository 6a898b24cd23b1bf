"""A user's own password: changed, used, put back."""

from __future__ import annotations

import re

from defcore.errors import Absent, CannotTell, shortened
from defcore.suite.support.actor import RunContext
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.disposable import new_password
from defcore.suite.support.identity import ask_token, own_project, password_user, show_token, token_in
from defcore.suite.support.wait import wait_for

SETTLES = 30.0
"""Seconds in which a change is known to all of a cloud's identity service."""
LONGEST_HISTORY = 30
"""Passwords that a cloud may remember for the first one to be put back."""
POLICIES = ("minimum password age", "policy disallowing password changes")
"""What keystone says where its operator lets a user not change the password, or not again so soon."""


class OwnPassword:
    """The password of a disposable user, as its tests change it."""

    def __init__(self, identity: Api, run: RunContext) -> None:
        self.identity, self._run = identity, run
        self.first = self.current = password_user(identity.actor)["password"]
        self._token: str | None = None

    def new(self) -> str:
        """One that was never used."""
        password = new_password()
        self._run.keep_secret(password)
        return password

    def change(self, new: str, *, original: str | None = None, by: Api | None = None) -> Answer:
        """Ask for another password; not asserted on. `by`: with the token of somebody else."""
        api = by or self.identity
        place = f"/v3/users/{self.identity.actor.user_id}/password"
        about = {"password": new, "original_password": original or self.current}
        answer = api.post(place, json={"user": about}, token=None if by else self.token())
        if answer.status == 204:
            self.current, self._token = new, None
        return answer

    def allowed(self, answer: Answer) -> Answer:
        """The answer to a change. Raises Absent if it says that the cloud lets users change none, or not so soon."""
        if answer.status == 400 and any(policy in answer.text for policy in POLICIES):
            raise Absent(f"the cloud's policy is against it ({answer.where} answered {shortened(answer.text, 300)})")
        return answer

    def changed(self, new: str) -> Answer:
        """The change is made: 204. Raises Absent where the cloud says that it lets users not do so."""
        answer = self.allowed(self.change(new))
        if answer.status in (403, 501) and not self.identity.actor.temporary:  # such as one in a directory of a company
            raise Absent(f"the cloud does not keep this user's password ({answer.where} answered {answer.status})")
        if answer.status == 400:
            self._fits_the_rule(new)
        return answer.expect(204)

    def _fits_the_rule(self, password: str) -> None:
        """Raises CannotTell if it is the rule for passwords that ours do not fit."""
        token = self.token()
        like = show_token(self.identity, token, token=token).setup(200).json["token"]
        place = f"/v3/domains/{like['user']['domain']['id']}/config/security_compliance"
        answer = self.identity.get(place, token=token)
        rules = answer.json.get("config", {}).get("security_compliance", {}) if answer.status == 200 else {}
        rule = rules.get("password_regex")
        if isinstance(rule, str) and not re.match(rule, password):
            raise CannotTell(f"the passwords of this test do not fit the cloud's rule {rule!r} ({answer.where})")

    def log_in(self, password: str) -> Answer:
        """Ask for a token by a password; not asserted on."""
        user = {"id": self.identity.actor.user_id, "password": password}
        return ask_token(self.identity, {"password": {"user": user}}, scope=own_project(self.identity.actor))

    def token(self) -> str:
        """A valid token by the present password. Raises PromiseBroken if none is to be had.

        Keystone counts in seconds: a token of the second in which the password was changed is revoked as well.
        """
        if self._token is None:
            answer = wait_for(
                lambda: self.log_in(self.current),
                lambda seen: seen.status == 201 and self._is_valid(token_in(seen)),
                because="the present password gets a token that is valid",
                timeout=SETTLES,
                promised=True,
                show=lambda seen: f"{seen.where} answered {seen.status}",
            )
            self._token = token_in(answer)
        return self._token

    def _is_valid(self, token: str) -> bool:
        return self.identity.get("/v3/auth/projects", token=token).status == 200

    def put_back(self) -> None:
        """The tester's user has the password that clouds.yaml names. Raises CannotTell if it cannot be had."""
        if self.identity.actor.temporary or self.current == self.first:
            return
        for _ in range(LONGEST_HISTORY):
            if self.change(self.first).status == 204:
                self.token()  # who logs in from now on gets a valid one as well
                return
            self.change(self.new()).setup(204)
        raise CannotTell("the disposable user has another password now than clouds.yaml says: set it anew")
