"""Pytest's output, line by line, without secrets."""

from __future__ import annotations

from defcore.run.redaction import REDACTED, Secrets


class LogCleaner:
    """Remembers whether a private key has begun that has not ended."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._in_key = False

    def clean(self, line: str) -> str:
        begins = "-----BEGIN" in line and "PRIVATE KEY" in line
        if begins or self._in_key:
            self._in_key = "-----END" not in line.rpartition("-----BEGIN")[2]
            return f"{REDACTED}\n"
        return self._secrets.clean(line)
