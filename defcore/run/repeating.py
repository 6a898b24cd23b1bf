"""Which requests are sent again after trouble on the way, when, and what stays unknown. Pure.

Trouble is no answer, or one that something on the way gave instead of the service (502, 503, 504, 52x), or a request to
come again later (429, 413 with Retry-After), or that the request was not taken at all (407, 408, 421, 425, 511). No
promise of the API is such an answer.

Sent again is what changes nothing, what may be done twice (PUT, DELETE), logging in, and whatever certainly was
not done. What may have been done is remembered as unsure: after it, what a test sees may be its own doing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

MOST_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
"""Seconds between two tries; each pause is twice the one before."""
LONGEST_WAIT = 60.0
"""Seconds that a Retry-After is waited for."""
ALL_TRIES = 240.0
"""Seconds after which no further try begins."""
UNCHANGING = ("GET", "HEAD", "OPTIONS")
REPEATABLE = (*UNCHANGING, "PUT", "DELETE")
TOKENS = re.compile(r"/auth/tokens/?$")
ON_THE_WAY = (502, 503, 504, *range(520, 530))
"""52x are those of networks that deliver content, when the cloud behind them does not answer as it should."""
LATER = (413, 429)
NOT_TAKEN = (408, 421, 425, 511)
"""Nothing was done (RFC 9110, 15.5.9 and 15.5.20; RFC 8470; RFC 6585). Balancers send 408 where nobody has asked."""
PROXY_LOGIN = 407
"""Of a proxy that wants to know who asks."""
FOR_GOOD = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.RetryError,
)
"""What the next try will meet as well."""
NO_TUNNEL = "Tunnel connection failed"
"""As `http.client` says that a proxy does not let through what would be asked."""
UNREACHED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a try gave no answer of the service."""

    done: bool
    """It may have been done all the same."""
    lasting: bool = False
    """Asking again is of no use."""
    after: float | None = None
    """Seconds to wait, as the answer asks."""
    unreached: bool = False
    """There was nobody to hear it."""


def trouble_with_answer(status: int, headers: Mapping[str, str], *, now: datetime) -> Trouble | None:
    """None if it is the service's own answer. `now`: when it came, for an answer that has no date of its own; who says
    when to come again says it by their own clock."""
    after = retry_after(headers.get("Retry-After"), now=_date(headers.get("Date")) or now)
    if status in LATER and after is not None:
        return Trouble(done=False, after=after)
    if status in NOT_TAKEN:
        return Trouble(done=False, after=after)
    if status == PROXY_LOGIN:
        return Trouble(done=False, lasting=True)
    if status == 429:  # a quota that is used up, it may be, which no waiting mends
        return Trouble(done=False, lasting=True)
    if status in ON_THE_WAY:
        return Trouble(done=status != 503 or after is None, after=after)
    return None


def trouble_without_answer(error: requests.RequestException) -> Trouble:
    """What a failed exchange means for the request."""
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble(done=True, lasting="CERTIFICATE_VERIFY_FAILED" in str(error) or "WRONG_VERSION" in str(error))
    if isinstance(error, FOR_GOOD):
        return Trouble(done=True, lasting=True)
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, urllib3.exceptions.ProxyError):
        reason = reason.original_error  # also of a proxy that had passed the request on, and then hung up
    unreached = isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, UNREACHED)
    return Trouble(done=not unreached and NO_TUNNEL not in str(reason), unreached=unreached)


def pause_before_next(
    method: str, url: str, trouble: Trouble, *, tries: int, elapsed: float, login: bool = False, patient: bool = False
) -> float | None:
    """Seconds to wait before the request is sent again; None if it is not.

    `login`: it asks for a token; `patient`: somebody who is not there now may be back soon.
    """
    if trouble.lasting or (tries >= MOST_TRIES and not (patient and trouble.unreached)):
        return None
    if trouble.done and not (login or method.upper() in REPEATABLE or asks_for_token(method, url)):
        return None
    pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)
    if trouble.after is not None:
        if trouble.after > LONGEST_WAIT:
            return None
        pause = max(pause, trouble.after)
    return pause if elapsed + pause <= ALL_TRIES else None


def leaves_doubt(method: str, trouble: Trouble, *, login: bool = False) -> bool:
    """Whether something may have changed in the cloud unseen."""
    return trouble.done and not login and method.upper() not in UNCHANGING


def asks_for_token(method: str, url: str) -> bool:
    """One token more does no harm."""
    return method.upper() == "POST" and TOKENS.search(urlsplit(url).path) is not None


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds, from a number or a date (RFC 9110, 10.2.3); None if it says neither."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    moment = _date(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _date(value: str | None) -> datetime | None:
    """Of a header, as RFC 9110, 5.6.7 has it."""
    try:
        moment = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment
