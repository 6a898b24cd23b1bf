"""Characters that nobody sees on a screen: two names that differ by them alone look the same.

Names that strangers choose are refused with them; everywhere else they are shown by their numbers.
"""

from __future__ import annotations

import unicodedata

CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""What controls, formats, breaks lines, or has no look that all fonts agree on."""
IGNORABLE = (
    (0x34F, 0x34F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2065, 0x2065),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
"""First and last of those that Unicode lets a screen leave out (Default_Ignorable_Code_Point), of other categories."""
EMPTY = ((0x2800, 0x2800), (0x16FE4, 0x16FE4), (0x1D159, 0x1D159))
"""Of no blank's category, and drawn as one, or as nothing."""
OTHERS = frozenset(chr(number) for first, last in (*IGNORABLE, *EMPTY) for number in range(first, last + 1))


def is_unseen(character: str) -> bool:
    """Line breaks and tabs are among them."""
    return unicodedata.category(character) in CATEGORIES or character in OTHERS


def unseen(text: str) -> tuple[str, ...]:
    """Those that the text holds, each once, in its order."""
    if text.isascii() and text.isprintable():
        return ()
    return tuple(one for one in dict.fromkeys(text) if is_unseen(one))
