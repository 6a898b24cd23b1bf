"""Conformance tests and verdicts for clouds with the OpenStack API."""

__version__ = "0.1.0"
