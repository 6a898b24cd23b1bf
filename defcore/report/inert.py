"""Text from a cloud, made harmless for whoever looks at it.

Control characters, escape sequences, direction marks, invisible characters and half surrogate pairs become
visible notation (`\\x1b`, `\\u202e`); lengths are capped. Escaping for HTML, XML or Markdown comes on top.
"""

from __future__ import annotations

import re
import unicodedata

from defcore.reading.unseen import is_unseen

STACKED = {"Mn", "Me"}
MOST_STACKED = 3
"""Marks on one letter; with more of them text climbs over its neighbours."""
BLANKS = re.compile("[ \\t\\n\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]{2,}")
"""With many of them a line goes on where the terminal breaks it, and looks like a line of ours."""
LINE = 300
"""Characters of a name or another thing that stands in a line."""
BLOCK = 4_000
"""Characters of a reason, or of what was expected and seen."""


def _notation(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """The text with what cannot be seen, or moves what can, shown as notation. Line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    shown, stacked = [], 0
    for one in text.replace("\r\n", "\n"):
        stacked = stacked + 1 if unicodedata.category(one) in STACKED else 0
        hidden = is_unseen(one) and one not in "\n\t"
        shown.append(_notation(one) if hidden or stacked > MOST_STACKED else one)
    return "".join(shown)


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and how much of it was left out."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def line(text: str | None, limit: int = LINE) -> str:
    """In one line, several blanks as one."""
    if not text:
        return ""
    cut = shortened(text, limit).replace("\r\n", "\n")
    return visible(BLANKS.sub(" ", cut).replace("\n", " ").replace("\t", " "))


def block(text: str | None, limit: int = BLOCK) -> str:
    """In lines."""
    return visible(shortened(text, limit)) if text else ""
