"""Taking secrets out of whatever is kept: evidence, journal, pytest's output.

Three nets, each for what slips through the one before: names that hold secrets (headers by allow-list, JSON
keys, form fields, query parameters), shapes that are secrets (private keys, tokens), and values: those that this
run is known to use (passwords, tokens, what the user names in a file), and those that the first net has met since the
test began. Values are found plain, encoded, escaped, compressed, and cut in two. Pure functions of their arguments;
broken JSON, truncated bodies and text that merely looks like JSON pass the same nets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import unquote

from defcore.errors import DefcoreError
from defcore.run.cuts import Cuts
from defcore.run.escapes import Span, View, occurrences, views
from defcore.run.forms import encodings, in_base64
from defcore.run.packed import Room, decoded, packed_bytes, packed_texts

Value = TypeVar("Value")
REDACTED = "[redacted]"
SHORTEST_OWN = 4
"""Characters of the shortest value of the user's own that is replaced wherever it occurs."""
SHORTEST_LEARNED = 8
"""The same for a value met on the way, such as the administrator's password of a new server."""
MOST_VIEWED = 256 << 10
"""Bytes of something packed that are looked at in every view; of the rest, only as it is."""
DEEPEST = 3
"""How often one thing may be packed in another."""
MOST_LEARNED = 1000
"""Values learned in one test; looking for more takes for ever."""

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
    "signaturevalue",
    "authorizationcode",
    "devicecode",
    "codeverifier",
    "userdata",
    "blob",
    "cookie",
    "authorization",
)
"""How names that hold secrets end, in lower case, without what is neither letter nor digit."""
SECRET_SETTINGS = ("code", "OS_CODE")
"""Names that hold secrets in a configuration or an environment alone: elsewhere, a code is that of an error."""
PARAMETERS = (
    r"token|sig|signature|password|passwd|passcode|secret|credential|accesskeyid|private_key|api_key|accesskey"
    r"|samlresponse|assertion|device_code|code_verifier"
)

_NAMED = (
    r"(?:pass(?:word|wd|phrase|code)|adminpass|secret"
    r"|(?:private|secret|access|auth|api|sync|encryption)[_-]?key"
    r"|temp[_-]url[_-]key(?:[_-]2)?|tokens?|signature(?:[_-]?value)?|user[_-]?data|cookie|authorization"
    r"|(?:authorization|device)[_-]?code|code[_-]?verifier)"
)
_NAME = rf"[\w .-]*?{_NAMED}"
_WORD = rf"[\w.:-]{{0,60}}?{_NAMED}"
# A password in an address, after the user's colon: up to the last `@` of host and port, as urllib3 reads them. Where no
# port follows the colon and no `@` either, what follows is no host: then it has one of `/?#` in it.
_AT = r"(?!\d{{1,5}}[/?#\\'\"<>,])(?:[^\s/?#\\{0}]{{1,256}}|[^\s{0}]{{1,256}})(?=@)"
_USER = r"(?i)\b[a-z][a-z0-9+.-]{0,15}://(?!\[)[^/\s:@\"']{0,256}:"
# The secret is the group `v`.
_NETS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?is)name=\"(?:{_NAME}|sig)\"[^\r\n]*(?:\r?\n[^\r\n]+){{0,8}}\r?\n\r?\n(?P<v>.*?)(?=\r?\n--|\Z)",
        rf"(?is)(?P<q>[\"']){_NAME}(?P=q)\s*:\s*b?(?P<w>[\"'])(?P<v>(?:\\.|(?!(?P=w)).)*)",
        rf"(?is)(?P<q>\\{{1,8}}[\"']){_NAME}(?P=q)\s*:\s*(?P=q)(?P<v>(?:(?!(?P=q)).)*)",
        r"(?im)\b(?:x-(?:auth|subject|service|storage)-token|(?:proxy-)?authorization|(?:set-)?cookie)[\"']?\s*[:=]\s*"
        r"(?![\"'\[])(?P<v>[^\r\n,}]+)",
        rf"(?i)<{_WORD}(?:\s[^<>]{{0,200}})?>(?P<v>[^<]+)",  # XML
        rf"(?is)\bname=(?P<q>[\"']){_WORD}(?P=q)[^<>]{{0,200}}?\bvalue=(?P<w>[\"'])(?P<v>(?:(?!(?P=w)).)*)",  # HTML
        # Without quotes, as in a sentence or in YAML: what has a digit.
        # What urllib3 says of a connection to an address that ends in such a word is none.
        rf"(?i){_NAMED}[\"']?\s*(?:[:=]|\bis\b)\s*[\"'<(\[]?(?!\w{{4,30}}Pool\(host=)(?P<v>(?=[^\s\d]{{0,200}}\d)[^\s\"'<>,;&)\]}}\\]{{6,}})",
        r"\bgrant_type=[^\s\"'<>]{0,2000}?&code=(?P<v>[^&\s\"'<>]+)",
        r"\bcode=(?P<v>[^&\s\"'<>]+)(?=&[^\s\"'<>]{0,2000}?\bgrant_type=)",
        rf"(?i)(?:{PARAMETERS})(?:=|%3D)(?P<v>[^&\s\"'<>;)\\]+)",
        r"(?P<v>gAAAAA[\w-]{50,}(?:={1,2}|%3D)*)",  # a Fernet token
        r"(?P<v>\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})",  # a signed token
        rf"{_USER}(?P<v>{_AT.format(chr(34))})",
    )
)
_NUMBER = re.compile(rf"(?i)([\"']{_NAME}[\"']\s*:\s*)(-?\d[\d.eE+-]*)")
_PRIVATE_KEY = re.compile(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)")
_NAME_NETS, _URL_NETS = _NETS[:-4], _NETS[-4:]
_STEMS = (
    *("pass", "secret", "key", "token", "sig", "user_data", "user-data", "userdata", "cookie", "authorization"),
    *("device", "verifier", "grant_type"),
)
"""One of these is in every name that `_NAME_NETS` know: without, they need not be tried."""
_USERINFO = re.compile(f"{_USER}({_AT.format('')})")
_PROXY = re.compile(r"(?:\w+://)?[^/\s:@]*:(.+)@")


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
    return _through(_URL_NETS, url, [])


def redact_text(text: str, found: list[str] | None = None) -> str:
    """Any text: JSON in whole or in part, forms, messages, tracebacks. What is taken out is added to `found`."""
    found = [] if found is None else found
    text = _PRIVATE_KEY.sub(REDACTED, text)
    folded = text.casefold()
    if any(stem in folded for stem in _STEMS):
        text = _NUMBER.sub(rf'\1"{REDACTED}"', text)
        text = _through(_NAME_NETS, text, found)
    return _through(_URL_NETS, text, found)


def _through(nets: Iterable[re.Pattern[str]], text: str, found: list[str]) -> str:
    def blank(match: re.Match[str]) -> str:
        start, end = (place - match.start() for place in match.span("v"))
        if match["v"] and REDACTED not in match["v"]:
            found.append(match["v"])
        return f"{match[0][:start]}{REDACTED}{match[0][end:]}"

    for net in nets:
        text = net.sub(blank, text)
    return text


def redact_json(
    text: str, *, keep: int | None = None, values: Callable[[str], str] = str
) -> tuple[str, tuple[str, ...]]:
    """A JSON body without its secrets, cut to `keep` characters, and the secrets found.

    `values` takes known ones out of the text, before it is looked at as text. Its layout is kept if it holds none. Text
    that is no JSON is cleaned as text.
    """
    found: list[str] = []
    try:
        document = json.loads(text)
        cleaned = _walk(document, found, parent="")
        if found:
            text = json.dumps(cleaned, ensure_ascii=False)
    except (ValueError, RecursionError):
        found.clear()
    return redact_text(values(text[:keep]), found), tuple(found)


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
        or (key == "code" and "grant_type" in beside)
        or (key == "access" and "secret" in beside)
        or (key == "value" and any(holds_secret(str(beside.get(name, ""))) for name in ("name", "key")))
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
    if REDACTED not in str(value):
        found.append(str(value))
    return REDACTED


def secrets_in(settings: Mapping[str, Any], *, shortest: int = SHORTEST_OWN) -> Iterator[str]:
    """The values in a configuration or an environment whose names hold secrets, and the passwords in addresses."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from secrets_in(value, shortest=shortest)
        elif isinstance(value, list):
            yield from secrets_in({f"{name}": one for one in value if isinstance(one, Mapping)}, shortest=shortest)
        elif value is not None and not isinstance(value, bool):
            if (holds_secret(str(name)) or name in SECRET_SETTINGS) and len(str(value)) >= shortest:
                yield str(value)
            yield from _passwords(str(value), proxy=str(name).lower().endswith("proxy"))


def _passwords(address: str, *, proxy: bool) -> Iterator[str]:
    """Of an address, or a text with some; with what a reader of addresses takes for the port, and tells."""
    for password in {*_USERINFO.findall(address), *(_PROXY.findall(address) if proxy else ())}:
        for part in (password, re.split(r"[/?#\\]", password)[0]):
            yield from {part, unquote(part)} - {""}


def environment_secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Of an environment: passwords of OpenStack however short, of other programs if they are no common words."""
    own = {name: value for name, value in environment.items() if name.startswith("OS_")}
    others = {name: value for name, value in environment.items() if name not in own}
    yield from secrets_in(own)
    yield from secrets_in(others, shortest=SHORTEST_LEARNED)


@dataclass(slots=True)
class Secrets:
    """Values that must not be kept: the user's own for good, those met during a test until the next one."""

    own: set[str] = field(default_factory=set)
    learned: set[str] = field(default_factory=set)
    count: int = 0
    """Grows with each value that was not known before."""
    overflowed: bool = False
    """There was more to learn: what is kept of this test's bodies may hold it."""
    _variants: tuple[str, ...] | None = None
    _in_base64: tuple[str, ...] = ()
    _cuts: Cuts = field(default_factory=Cuts)

    def add(self, *values: str | None) -> None:
        """Values of the user's own: passwords, tokens."""
        new = {value for value in values if value and len(value) >= SHORTEST_OWN} - self.own
        self.own |= new
        self._grown(len(new))

    def learn(self, *values: str) -> None:
        """Values met on the way."""
        new = {value for value in values if len(value) >= SHORTEST_LEARNED} - self.learned - self.own
        if len(self.learned) + len(new) > MOST_LEARNED:
            self.overflowed, new = True, set()
        self.learned |= new
        self._grown(len(new))

    def _grown(self, by: int) -> None:
        if by:
            self.count += by
            self._variants = None

    def forget_learned(self) -> None:
        self.learned.clear()
        self._variants, self.overflowed = None, False

    def variants(self) -> tuple[str, ...]:
        """Every form in which a value is looked for, the longest first."""
        if self._variants is None:
            forms = {form for value in self.own | self.learned for form in encodings(value)}
            self._variants = tuple(sorted(forms, key=len, reverse=True))
            self._in_base64 = tuple({form for value in self.own | self.learned for form in in_base64(value)})
            self._cuts = Cuts.of(self._variants)
        return self._variants

    def redact(self, text: str) -> str:
        """The text without the values."""
        found = list(self._found(text, Room(), DEEPEST))
        if not found:
            return text
        parts: list[str] = []
        at = 0
        for start, end in sorted(found):
            if end > at:
                parts += [text[at:start], REDACTED] if start > at or not parts else []
                at = end
        return "".join((*parts, text[at:]))

    def _found(self, text: str, room: Room, deeper: int) -> Iterator[Span]:
        """Where values are, or parts of them, or what holds one."""
        variants = self.variants()
        for view in views(text):
            for form in self._in_base64 if view.joined else variants:
                yield from map(view.place, occurrences(view.text, form))
            yield from map(view.place, self._cuts.found(view.text))
            if deeper:
                yield from map(view.place, self._packed(view, room, deeper - 1))

    def _packed(self, view: View, room: Room, deeper: int) -> Iterator[Span]:
        yield from (span for span, content in packed_texts(view.text, room) if self._in(content, room, deeper))
        inner = None if view.in_lines else decoded(view.text, room.clear)
        if inner:
            found = list(self._found(inner.text, room, deeper))
            yield from map(inner.place, found)
            if not found:
                room.clear.update(inner.pieces)

    def _in(self, data: bytes, room: Room, deeper: int) -> bool:
        if data not in room.holds:
            text = data.decode("utf-8", "replace")
            room.holds[data] = next(self._found(text[:MOST_VIEWED], room, deeper), None) is not None or (
                len(text) > MOST_VIEWED and any(form in text for form in self.variants())
            )
        return room.holds[data]

    def redact_bytes(self, data: bytes) -> bytes:
        """The data without the values; nothing of it, if one is compressed within."""
        room = Room()
        if any(self._in(content, room, DEEPEST - 1) for content in packed_bytes(data, room)):
            return REDACTED.encode()
        return self.redact(data.decode("latin-1")).encode("latin-1")

    def clean(self, text: str) -> str:
        """All three nets for a message. Values first: what looks like a name in one of them would tear it apart."""
        return redact_text(self.redact(text))

    def cleaned(self, value: Value) -> Value:
        """A value, be it a tree of dataclasses and tuples, with each text in it cleaned."""
        made: Any = value
        if isinstance(value, str) and not isinstance(value, Enum):
            made = self.clean(value)
        elif isinstance(value, tuple):
            made = tuple(map(self.cleaned, value))
        elif is_dataclass(value) and not isinstance(value, type):
            made = replace(value, **{one.name: self.cleaned(getattr(value, one.name)) for one in fields(value)})
        cleaned: Value = made
        return cleaned

    @contextmanager
    def out_of_errors(self) -> Iterator[None]:
        """What is raised inside comes out with its messages cleaned."""
        try:
            yield
        except DefcoreError as error:
            raise type(error)(*map(self.cleaned, error.problems)) from None
        except Exception as error:
            self._clean_chain(error)
            raise

    def _clean_chain(self, error: BaseException | None) -> None:
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            error.args = tuple(self.clean(one) if isinstance(one, str) else one for one in error.args)
            error = error.__cause__ or error.__context__

    def occur_in(self, data: bytes) -> bool:
        """Whether one of the user's own values is in the data, in any form."""
        return any(form.encode("utf-8", "surrogatepass") in data for value in self.own for form in encodings(value))
