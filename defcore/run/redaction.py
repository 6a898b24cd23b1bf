"""Taking secrets out of whatever is kept: evidence, journal, pytest's output.

Three nets, each for what slips through the one before: names that hold secrets (headers by allow-list, JSON
keys, form fields, query parameters), shapes that are secrets (private keys, tokens), and the values that this
run is known to use (passwords, tokens), plain or encoded. Pure functions of their arguments; broken JSON,
truncated bodies and text that merely looks like JSON pass the same nets.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
SHORTEST_OWN = 4
"""Characters of the shortest value of the user's own that is replaced wherever it occurs."""
SHORTEST_LEARNED = 8
"""The same for a value met on the way, such as the administrator's password of a new server."""

SHOWN_HEADERS = frozenset(
    """
    accept accept-encoding accept-language accept-ranges age allow cache-control connection content-disposition
    content-encoding content-language content-length content-range content-type date destination destination-account
    etag expect expires fresh-metadata host if-match if-modified-since if-none-match if-unmodified-since keep-alive
    last-modified link location openstack-api-maximum-version openstack-api-minimum-version openstack-api-version
    pragma range retry-after server transfer-encoding user-agent vary via www-authenticate
    x-compute-request-id x-copied-from x-copied-from-account x-copied-from-last-modified x-copy-from
    x-copy-from-account x-delete-after x-delete-at x-detect-content-type x-domain-id x-fresh-metadata x-history-location
    x-if-delete-at x-image-meta-status x-newest x-openstack-image-size x-openstack-nova-api-maximum-version
    x-openstack-nova-api-minimum-version x-openstack-nova-api-version x-openstack-request-id x-put-timestamp
    x-static-large-object x-symlink-target x-symlink-target-account x-timestamp x-trans-id x-versions-enabled
    x-versions-location x-openstack-image-store-ids openstack-image-import-methods openstack-image-store-ids
    """.split()  # noqa: SIM905 - a page of quotes and commas reads worse
)
"""Headers whose values are kept; those of others are replaced."""
SHOWN_HEADER_PREFIXES = ("x-account-", "x-container-", "x-object-", "x-remove-", "access-control-")
SECRET_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "adminpass",
    "secret",
    "secretkey",
    "privatekey",
    "accesskey",
    "authkey",
    "apikey",
    "synckey",
    "encryptionkey",
    "tempurlkey",
    "tempurlkey2",
    "token",
    "tokens",
    "signature",
    "userdata",
    "blob",
    "cookie",
    "authorization",
)
"""How names that hold secrets end, in lower case, without what is neither letter nor digit."""
PARAMETERS = (
    r"[\w.-]*(?:token|sig|signature|password|passwd|secret|credential|accesskeyid|private_key|api_key|accesskey)"
)

_QUERY = re.compile(rf"(?i)((?:^|[?&;\s\"'(]|%26|&amp;)(?:{PARAMETERS})(?:=|%3D))([^&\s\"'<>;)\\]+)")
_NAME = (
    r"[\w .-]*?(?:pass(?:word|wd|phrase|code)|adminpass|secret"
    r"|(?:private|secret|access|auth|api|sync|encryption)[_-]?key"
    r"|temp[_-]url[_-]key(?:[_-]2)?|tokens?|signature|user[_-]?data|cookie|authorization)"
)
_QUOTED = re.compile(rf"(?is)(?P<q>[\"'])(?P<name>{_NAME})(?P=q)(?P<mid>\s*:\s*b?)(?P<v>[\"'])(?:\\.|(?!(?P=v)).)*")
_DOUBLY_QUOTED = re.compile(rf"(?is)(?P<q>\\{{1,8}}[\"'])(?P<name>{_NAME})(?P=q)(?P<mid>\s*:\s*)(?P=q)(?:(?!(?P=q)).)*")
_NUMBER = re.compile(rf"(?i)([\"']{_NAME}[\"']\s*:\s*)(-?\d[\d.eE+-]*)")
_HEADER_LINE = re.compile(
    r"(?im)(\b(?:x-(?:auth|subject|service|storage)-token|authorization|set-cookie)[\"']?\s*[:=]\s*)(?![\"'\[])([^\r\n,}]+)"
)
_MULTIPART = re.compile(
    rf"(?is)(name=\"(?:{_NAME}|sig)\"[^\r\n]*(?:\r?\n[^\r\n]+){{0,8}}\r?\n\r?\n)(.*?)(?=\r?\n--|\Z)"
)
_PRIVATE_KEY = re.compile(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)")
_FERNET = re.compile(r"gAAAAA[\w-]{50,}(?:={1,2}|%3D)*")
_USERINFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,15}://[^/\s:@\"']{0,256}:)([^/\s@\"']{1,256})(@)")


def holds_secret(name: str) -> bool:
    """Whether a key, field, parameter or header of this name holds a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain.endswith(SECRET_ENDINGS)


def redact_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Values of headers that are not on the allow-list replaced, the others cleaned as text."""
    return tuple((name, redact_text(value) if _shown(name) else REDACTED) for name, value in headers)


def _shown(name: str) -> bool:
    low = name.lower()
    return (low in SHOWN_HEADERS or low.startswith(SHOWN_HEADER_PREFIXES)) and not holds_secret(name)


def redact_url(url: str) -> str:
    """Signatures, tokens and user information taken out of an address."""
    return _USERINFO.sub(rf"\1{REDACTED}\3", _FERNET.sub(REDACTED, _QUERY.sub(rf"\1{REDACTED}", url)))


def redact_text(text: str) -> str:
    """Any text: JSON in whole or in part, forms, messages, tracebacks."""
    text = _PRIVATE_KEY.sub(REDACTED, text)
    text = _MULTIPART.sub(rf"\1{REDACTED}", text)
    text = _QUOTED.sub(_blank_quoted, text)
    text = _DOUBLY_QUOTED.sub(lambda m: f"{m['q']}{m['name']}{m['q']}{m['mid']}{m['q']}{REDACTED}", text)
    text = _NUMBER.sub(rf'\1"{REDACTED}"', text)
    text = _HEADER_LINE.sub(rf"\1{REDACTED}", text)
    return redact_url(text)


def _blank_quoted(match: re.Match[str]) -> str:
    return f"{match['q']}{match['name']}{match['q']}{match['mid']}{match['v']}{REDACTED}"


def redact_json(text: str, *, keep: int | None = None) -> tuple[str, tuple[str, ...]]:
    """A JSON body without its secrets, cut to `keep` characters, and the secrets found.

    Its layout is kept if it holds none. Text that is no JSON is cleaned as text.
    """
    try:
        document = json.loads(text)
        found: list[str] = []
        cleaned = _walk(document, found, parent="")
        if found:
            text = json.dumps(cleaned, ensure_ascii=False)
    except (ValueError, RecursionError):
        found = []
    return redact_text(text[:keep]), tuple(found)


def _walk(value: Any, found: list[str], parent: str) -> Any:
    if isinstance(value, dict):
        return {key: _member(key, own, value, found, parent) for key, own in value.items()}
    if isinstance(value, list):
        return [_walk(own, found, parent) for own in value]
    return value


def _member(key: str, value: Any, beside: dict[str, Any], found: list[str], parent: str) -> Any:
    secret = (
        holds_secret(key)
        or (key == "id" and parent == "token")
        or (key == "access" and "secret" in beside)
        or (key == "output" and len(beside) == 1)  # what a guest writes to its console
    )
    return _blank(value, found, key) if secret else _walk(value, found, key)


def _blank(value: Any, found: list[str], key: str) -> Any:
    if isinstance(value, dict):
        return _walk(value, found, key)
    if isinstance(value, list):
        return [_blank(own, found, key) for own in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    found.append(str(value))
    return REDACTED


@dataclass(slots=True)
class Secrets:
    """Values that must not be kept: the user's own for good, those met during a test until the next one."""

    own: set[str] = field(default_factory=set)
    learned: set[str] = field(default_factory=set)
    _variants: tuple[str, ...] | None = None

    def add(self, *values: str | None) -> None:
        """Values of the user's own: passwords, tokens."""
        new = {value for value in values if value and len(value) >= SHORTEST_OWN} - self.own
        if new:
            self.own |= new
            self._variants = None

    def learn(self, *values: str) -> None:
        """Values met on the way."""
        new = {value for value in values if len(value) >= SHORTEST_LEARNED} - self.learned - self.own
        if new:
            self.learned |= new
            self._variants = None

    def forget_learned(self) -> None:
        if self.learned:
            self.learned.clear()
            self._variants = None

    def variants(self) -> tuple[str, ...]:
        """Every form in which a value is looked for, the longest first."""
        if self._variants is None:
            forms = {form for value in self.own | self.learned for form in encodings(value)}
            self._variants = tuple(sorted(forms, key=len, reverse=True))
        return self._variants

    def redact(self, text: str) -> str:
        for form in self.variants():
            text = text.replace(form, REDACTED)
        return text

    def redact_bytes(self, data: bytes) -> bytes:
        for form in self.variants():
            data = data.replace(form.encode(), REDACTED.encode())
        return data

    def clean(self, text: str) -> str:
        """All three nets for a message."""
        return self.redact(redact_text(text))

    def occur_in(self, data: bytes) -> bool:
        """Whether one of the user's own values is in the data, in any form."""
        return any(form.encode() in data for value in self.own for form in encodings(value))


def encodings(value: str) -> Iterator[str]:
    """The value plain, URL-encoded, as JSON writes it, and as it shows within base64."""
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"\0" * before + raw).decode()[first:last]
            if len(inner) >= SHORTEST_OWN + 1:
                yield inner
