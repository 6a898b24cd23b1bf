"""The headers of the object store's answers: which must be there, and in what form."""

from __future__ import annotations

import re

from defcore.errors import PromiseBroken
from defcore.model.outcome import Finding
from defcore.suite.support.answer import Answer

DIGITS = r"[0-9]+"
SOMETHING = r"(?s).+"
FORMATS = {
    "Content-Length": DIGITS,
    "X-Timestamp": r"[0-9]+\.?[0-9]*",
    "X-Account-Bytes-Used": DIGITS,
    "X-Account-Container-Count": DIGITS,
    "X-Account-Object-Count": DIGITS,
    "X-Container-Bytes-Used": DIGITS,
    "X-Container-Object-Count": DIGITS,
    "Content-Type": SOMETHING,
    "X-Copied-From": r"\S+/\S+.*",
    "X-Copied-From-Last-Modified": SOMETHING,
    "X-Trans-Id": r"tx[0-9a-f]{21}-[0-9a-f]{10}.*",
    "Date": SOMETHING,
    "Last-Modified": SOMETHING,
    "Accept-Ranges": r"bytes",
    "ETag": r"[0-9A-Za-z]+",
    "Transfer-Encoding": r"chunked",
}
"""Header -> the form of its whole value, wherever it comes."""
POLICY_USAGE = ("Bytes-Used", "Object-Count", "Container-Count")


def well_formed(answer: Answer, *also: str, quoted_etag: bool = False) -> Answer:
    """The headers that every answer has, and those named, are there, and all of them have their form.

    `quoted_etag`: the ETag of a large object stands in double quotes. Raises PromiseBroken.
    """
    if "Transfer-Encoding" not in answer.headers and answer.status != 204:
        answer.header("Content-Length")
    for name in ("Content-Type", "X-Trans-Id", "Date", *also):
        answer.header(name)
    return in_form(answer, quoted_etag=quoted_etag)


def in_form(answer: Answer, *, quoted_etag: bool = False) -> Answer:
    """The headers that are there have their form. Raises PromiseBroken."""
    forms = FORMATS | {"ETag": f'"{FORMATS["ETag"]}"'} if quoted_etag else FORMATS
    for name, form in forms.items():
        value = answer.headers.get(name)
        if value is not None and not re.fullmatch(form, value):
            raise PromiseBroken(f"{answer.where}: {name} is not well formed", expected=form, seen=value)
    return answer


def account_headers(answer: Answer) -> Answer:
    """The answer to GET or HEAD of an account tells what is stored in it. Raises PromiseBroken."""
    well_formed(
        answer,
        "X-Timestamp",
        "X-Account-Bytes-Used",
        "X-Account-Container-Count",
        "X-Account-Object-Count",
    )
    return _ranges(answer)


def account_policies(answer: Answer, policy_names: list[str]) -> None:
    """An account with containers tells its use of at least one storage policy, if the cloud names policies at all."""
    if not policy_names or answer.headers.get("X-Account-Container-Count") == "0":
        return
    told = [
        policy
        for policy in policy_names
        if all(
            re.fullmatch(DIGITS, answer.headers.get(f"X-Account-Storage-Policy-{policy}-{kind}", ""))
            for kind in POLICY_USAGE
        )
    ]
    if not told:
        raise PromiseBroken(
            f"{answer.where}: no storage policy with its use",
            expected=f"X-Account-Storage-Policy-NAME-{'|'.join(POLICY_USAGE)}, NAME being one of {policy_names}",
            seen=sorted(answer.headers),
        )


def container_headers(answer: Answer, policy_names: list[str] | None = None) -> Answer:
    """The answer to GET or HEAD of a container tells what is stored in it. Raises PromiseBroken."""
    well_formed(answer, "X-Timestamp", "X-Container-Bytes-Used", "X-Container-Object-Count")
    if policy_names:
        policy = answer.header("X-Storage-Policy")
        if policy.lower() not in policy_names:
            raise PromiseBroken(
                f"{answer.where}: /info does not name the container's storage policy",
                expected=policy_names,
                seen=policy,
            )
    return _ranges(answer)


def object_headers(answer: Answer, *, quoted_etag: bool = False) -> Answer:
    """The answer to GET or HEAD of an object tells its age and its ETag. Raises PromiseBroken."""
    well_formed(answer, "X-Timestamp", "ETag", "Last-Modified", quoted_etag=quoted_etag)
    return _ranges(answer)


def stored_headers(answer: Answer, *, quoted_etag: bool = False) -> Answer:
    """The answer to an upload tells the ETag of what was stored, and when. Raises PromiseBroken."""
    return well_formed(answer, "ETag", "Last-Modified", quoted_etag=quoted_etag)


def copied_headers(answer: Answer) -> Answer:
    """The answer to COPY tells as much as that to an upload, and what was copied. Raises PromiseBroken."""
    return well_formed(answer, "ETag", "Last-Modified", "X-Copied-From", "X-Copied-From-Last-Modified")


def meta(answer: Answer, of: str) -> dict[str, str]:
    """The metadata in the headers by lower-case name; `of` is Account, Container or Object."""
    start = f"x-{of}-meta-".lower()
    return {
        name.lower().removeprefix(start): value
        for name, value in answer.headers.items()
        if name.lower().startswith(start)
    }


def number(answer: Answer, name: str) -> str:
    """A header that must be there and be made of digits. Raises PromiseBroken."""
    value = answer.header(name)
    if not re.fullmatch(r"[0-9]+", value):
        raise PromiseBroken(f"{answer.where}: {name} is no number", expected="digits", seen=value)
    return value


def usage(head: Answer) -> tuple[int, int]:
    """(objects, bytes) of a container, from the headers of its HEAD or GET."""
    return int(number(head, "X-Container-Object-Count")), int(number(head, "X-Container-Bytes-Used"))


def _ranges(answer: Answer) -> Answer:
    """Accept-Ranges is documented, but weaker stores leave it out where ranges make no sense: a finding."""
    if "Accept-Ranges" not in answer.headers:
        answer.note(
            Finding(kind="missing-header", where=answer.where, expected="Accept-Ranges: bytes", seen="no such header")
        )
    return answer
