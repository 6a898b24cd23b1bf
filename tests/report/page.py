"""A page, read as a browser reads it: its elements, attributes, links and policy."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.metas: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(source)
        self.tags = set(self.elements)
        self.policy = dict(rule.strip().split(" ", 1) for rule in self.metas["Content-Security-Policy"].split(";"))

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        values = dict(attrs)
        self.attributes |= set(values)
        if "href" in values:
            self.links.append(values["href"])
        if tag == "meta":
            self.metas[values.get("http-equiv") or values.get("name") or "charset"] = values.get("content")
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def count(self, tag: str) -> int:
        return self.elements.count(tag)

    def hash_of(self, tag: str) -> str:
        digest = hashlib.sha256(self.texts[tag].encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"
