"""A binary subunit stream (version 2), read with python-subunit.

Between the packets there may be lines of text that a test printed, 1 MiB of them; anything else that is no packet,
a packet that is torn, and a checksum that does not hold are refused: part of what the stream told is lost.
"""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import Any

from defcore.model.result import Result
from defcore.results.foreign import make_result
from defcore.results.source import Source
from defcore.results.subunit_events import OUTCOMES, PARSER, Collector

SIGNATURE = b"\xb3"
STRAY = "stray"
MOST_STRAY = 1 << 20
"""Bytes; python-subunit hands them over one by one."""
CONTROL = frozenset(range(0x20)) - frozenset(b"\t\n\r\x1b")


MOST_PACKETS = 3_000_000


class _Torn(Exception):
    """The stream holds what is no subunit."""


class _Bytes(io.BytesIO):
    """Knows where it is read, and refuses the lengths that a broken packet may ask for."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise _Torn("a packet states an impossible length")
        return super().read(size)

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


class _Events:
    """The receiving end of python-subunit's parser."""

    def __init__(self, source: Source) -> None:
        self.collector = Collector(source)
        self._stray = 0
        self._packets = 0

    def status(
        self,
        test_id: str | None = None,
        test_status: str | None = None,
        file_name: str | None = None,
        file_bytes: Any = None,
        route_code: str | None = None,
        timestamp: datetime | None = None,
        **_: object,
    ) -> None:
        self._packets += 1
        if self._packets > MOST_PACKETS + self._stray:
            raise _Torn(f"more than {MOST_PACKETS:,} packets")
        if test_id is None:
            if file_name == STRAY:
                self._text(bytes(file_bytes))
            return
        route = route_code or ""
        if test_id == PARSER and file_name == "Parser Error":
            raise _Torn(bytes(file_bytes).decode("utf-8", "replace"))
        if test_status == "inprogress":
            self.collector.begin(test_id, timestamp, route)
        if file_name is not None:
            self.collector.attach(test_id, file_name, bytes(file_bytes), route)
        if test_status in OUTCOMES:
            self.collector.end(test_id, test_status, timestamp, route)

    def _text(self, content: bytes) -> None:
        self._stray += len(content)
        if not CONTROL.isdisjoint(content):
            raise _Torn("these bytes are no packet of subunit, and no text either")
        if self._stray > MOST_STRAY:
            raise _Torn(f"more than {MOST_STRAY >> 20} MiB of text between the packets")


def read(source: Source) -> Result:
    """The result in the stream. InputError with the byte at which it cannot be understood."""
    from subunit.v2 import ByteStreamToStreamResult  # noqa: PLC0415 - its imports take longer than most verbs

    events = _Events(source)
    stream = _Bytes(source.content)
    try:
        ByteStreamToStreamResult(stream, non_subunit_name=STRAY).run(events)
    except (_Torn, struct.error, ValueError, IndexError, OverflowError) as error:
        message = f"the subunit stream is damaged before byte {stream.tell()}: {str(error)[:200]}"
        source.wrong("subunit", message, hint="fetch the whole file once more")
    return make_result(source, events.collector.report())
