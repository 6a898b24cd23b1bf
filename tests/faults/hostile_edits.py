"""Edits of valid documents: of their structure where it is known, of their bytes in any case."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.faults.hostile_values import BYTES, TEXTS, VALUES, YAML, Raw

LARGEST = 10_000_000
"""Characters that one edit adds, at most."""


class Members(list[list[Any]]):
    """An object as a list of [key, value], so that a key may stand twice."""


def thawed(value: Any) -> Any:
    match value:
        case dict():
            return Members([[key, thawed(inner)] for key, inner in value.items()])
        case list() | tuple():
            return [thawed(inner) for inner in value]
    return value


def written(value: Any) -> str:
    """As JSON, which our YAML holds too."""
    match value:
        case Raw():
            return str(value)
        case Members():
            inner = ",".join(
                f"{key if isinstance(key, Raw) else json.dumps(key)}: {written(one)}" for key, one in value
            )
            return f"{{{inner}}}"
        case list():
            return f"[{','.join(map(written, value))}]"
    return json.dumps(value)


Slot = tuple[list[Any], int]
"""A list and the index in it at which a value stands; of an object's member the pair and 1."""


def slots(value: Any) -> Iterator[Slot]:
    for n, one in enumerate(value):
        slot = (one, 1) if isinstance(value, Members) else (value, n)
        yield slot
        inner = slot[0][slot[1]]
        if isinstance(inner, list):
            yield from slots(inner)


def _set(slot: Slot, tree: Any, n: int) -> None:
    slot[0][slot[1]] = VALUES[n % len(VALUES)]


def _set_yaml(slot: Slot, tree: Any, n: int) -> None:
    slot[0][slot[1]] = YAML[n % len(YAML)]


def _text(slot: Slot, tree: Any, n: int) -> None:
    """A text where a text stands: few documents say what it may be."""
    if isinstance(slot[0][slot[1]], str):
        slot[0][slot[1]] = TEXTS[n % len(TEXTS)]


def _mix(slot: Slot, tree: Any, n: int) -> None:
    """A hostile text within the text that is there, so that its beginning or its end is as it should be."""
    value, text = slot[0][slot[1]], TEXTS[n % len(TEXTS)]
    if isinstance(value, str) and not isinstance(value, Raw):
        slot[0][slot[1]] = (f"{value}{text}", f"{text}{value}", f"{value[:3]}{text}{value[3:]}")[n % 3]
    else:
        slot[0][slot[1]] = text


def _rename(slot: Slot, tree: Any, n: int) -> None:
    if slot[1] == 1 and isinstance(slot[0][0], str):
        slot[0][0] = TEXTS[n % len(TEXTS)]


def _nest(slot: Slot, tree: Any, n: int) -> None:
    depth = (1, 2, 35, 45, 900, 3_000)[n % 6]
    inner = written(slot[0][slot[1]])
    opened, closed = ("[", "]") if n % 2 else ('{"a":', "}")
    slot[0][slot[1]] = Raw(opened * depth + inner + closed * depth)


def _exchange(slot: Slot, tree: Any, n: int) -> None:
    """The value of another place."""
    places = list(slots(tree))
    holder, index = places[n % len(places)]
    slot[0][slot[1]] = copy.deepcopy(holder[index])


def _empty(slot: Slot, tree: Any, n: int) -> None:
    value = slot[0][slot[1]]
    slot[0][slot[1]] = type(value)() if isinstance(value, list | str) else None


def _twice(slot: Slot, tree: Any, n: int) -> None:
    """What is in a collection stands there twice, or many times; a key, too."""
    value = slot[0][slot[1]]
    if isinstance(value, list) and value:
        key, one = value[n % len(value)] if isinstance(value, Members) else ("", value[n % len(value)])
        text = Raw(written(one))  # so that a later edit does not change all of them at once
        times = min((1, 1, 2, 50, 2_000)[n % 5], LARGEST // (1 + len(text)))
        value.extend([key, text] if isinstance(value, Members) else text for _ in range(times))


def _more(slot: Slot, tree: Any, n: int) -> None:
    """A key that is not known, or one more value."""
    value = slot[0][slot[1]]
    hostile = VALUES[n % len(VALUES)]
    if isinstance(value, Members):
        value.append([TEXTS[n % len(TEXTS)], hostile])
    elif isinstance(value, list):
        value.append(hostile)


def _less(slot: Slot, tree: Any, n: int) -> None:
    value = slot[0][slot[1]]
    if isinstance(value, list) and value:
        del value[n % len(value)]


OF_A_TREE: tuple[Callable[[Slot, Any, int], None], ...] = (
    _set,
    _set,
    _text,
    _text,
    _text,
    _text,
    _mix,
    _mix,
    _mix,
    _rename,
    _nest,
    _exchange,
    _empty,
    _twice,
    _more,
    _less,
)
Edit = tuple[int, int, int]
"""Which edit, where, and with what."""


def with_text_everywhere(document: Any, text: str) -> Iterator[bytes]:
    """The document once for each text in it, with this one in its place; once more with it at its end."""
    for n, (holder, index) in enumerate(slots(thawed(document))):
        if isinstance(holder[index], str):
            for new in (text, f"{holder[index]}{text}"):
                tree = thawed(document)
                own, at = list(slots(tree))[n]
                own[at] = new
                yield written(tree).encode()


def edited_tree(document: Any, edits: list[Edit], *, yaml: bool = False) -> bytes:
    """The document with these edits, as the bytes of a file."""
    tree = Members([["", thawed(document)]])
    for what, where, with_what in edits:
        places = list(slots(tree))
        edit = OF_A_TREE[what % len(OF_A_TREE)]
        if yaml and with_what % 5 == 0:
            edit = _set_yaml
        edit(places[where % len(places)], tree, with_what)
    return written(tree[0][1] if tree else "").encode(errors="surrogatepass")


def edited_bytes(content: bytes, edits: list[Edit]) -> bytes:
    """The content with bytes changed, left out, repeated, moved or put in."""
    made = bytearray(content)
    for what, where, with_what in edits:
        at = where % (len(made) + 1)
        match what % 7:
            case 0 if at < len(made):
                made[at] = with_what % 256
            case 1:
                del made[at:]
            case 2:
                del made[at : at + 1 + with_what % 60]
            case 3:
                made[at:at] = made[at : at + 1 + with_what % 300] * (1 + with_what % 4)
            case 4:
                made[at:at] = TEXTS[with_what % len(TEXTS)].encode(errors="surrogatepass")
            case 5:
                other = with_what % (len(made) + 1)
                made[at:at] = made[other : other + 40]
            case _:
                made[at:at] = BYTES[with_what % len(BYTES)]
    return bytes(made)


QUOTED = re.compile(r"""(?<==)"[^"]*"|(?<=>)[^<]+(?=<)""")


def edited_xml(content: bytes, edits: list[Edit]) -> bytes:
    """Texts and attributes of the XML hold something else; then, now and then, bytes are changed too."""
    text = content.decode()
    for what, where, with_what in edits:
        places = list(QUOTED.finditer(text))
        place = places[where % len(places)]
        new = quoteattr(TEXTS[with_what % len(TEXTS)])
        if what % 2:  # what XML cannot hold, by its number
            new = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", lambda one: f"&#{ord(one[0])};", new)
        else:
            new = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "?", new)
        text = text[: place.start()] + (new if place[0].startswith('"') else new[1:-1]) + text[place.end() :]
    made = text.encode(errors="surrogatepass")
    return edited_bytes(made, edits[-1:]) if edits[0][0] % 5 == 0 else made
