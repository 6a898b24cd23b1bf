"""JSON in its canonical form (RFC 8785): one sequence of bytes for a value, whoever writes it.

Half a surrogate pair, which a hostile cloud can send and UTF-8 cannot hold, is written as a question mark.
"""

from __future__ import annotations

import json

import rfc8785

from defcore.errors import InputError, Problem


def canonical(value: object) -> bytes:
    """The canonical bytes. InputError for a number that does not survive every reader of JSON."""
    try:
        return rfc8785.dumps(json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace")))
    except ValueError as error:
        message = f"this has no canonical form: {str(error)[:200]}"
        raise InputError(Problem(code="canonical", message=message)) from None
