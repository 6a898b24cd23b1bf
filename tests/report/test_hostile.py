"""Nothing that a cloud says does anything to whoever looks at the report."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import pytest

from defcore.cli.rendering import FORMATS
from defcore.model.documents import result_document, text
from defcore.report import html
from defcore.report.facts import link, percent
from defcore.report.inert import block, line, visible
from tests.report.hostile import ALL, EVIDENCE, LINKS, LONG, har, hostile
from tests.report.page import Page

CARD, RESULT = hostile()
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_passes_on_a_control_character_or_the_length(form):
    started = time.monotonic()
    rendered = FORMATS[form](CARD, RESULT, EVIDENCE.get)
    assert time.monotonic() - started < 20
    assert CONTROL.findall(rendered) == []
    rendered.encode()
    if form != "json":  # a document, which holds everything, as pure ASCII
        assert len(rendered) < 3_000_000


def test_the_page_holds_only_its_own_elements():
    page = Page(FORMATS["html"](CARD, RESULT, EVIDENCE.get))
    assert page.count("script") == page.count("style") == 1
    assert page.tags.isdisjoint({"img", "iframe", "object", "embed", "base", "link", "foreignobject"})
    assert {name for name in page.attributes if name.startswith("on") or name in ("src", "style", "srcset")} == set()
    assert all(address.startswith(("#", "https://docs.openstack.org/")) for address in page.links)
    assert page.metas["referrer"] == "no-referrer"
    assert page.policy["default-src"] == "'none'"
    assert "unsafe" not in str(page.policy)


def test_the_page_allows_exactly_its_own_style_and_script():
    page = Page(FORMATS["html"](CARD, RESULT, EVIDENCE.get))
    assert page.policy["script-src"] == page.hash_of("script")
    assert page.policy["style-src"] == page.hash_of("style")


@pytest.mark.parametrize("address", LINKS)
def test_a_reference_elsewhere_is_no_link(address):
    assert link(address) is None


def test_a_reference_to_the_documentation_is_a_link():
    address = "https://docs.openstack.org/api-ref/compute/#servers-servers"
    assert link(address) == address


def test_the_junit_report_is_xml_whatever_the_names():
    root = ElementTree.fromstring(FORMATS["junit"](CARD, RESULT, EVIDENCE.get))
    assert len(root.findall(".//testcase")) == len(RESULT.tests)


def test_markdown_shows_markup_as_text():
    rendered = FORMATS["md"](CARD, RESULT, EVIDENCE.get)
    outside_code = re.sub(r"(`+).*?\1", "", rendered)
    assert not re.search(r"(?<!\\)<(?!br>)", outside_code)
    assert "evil.example/api-ref)" not in outside_code


def test_the_terminal_report_takes_no_markup_from_a_name():
    assert "[bold]rich[/bold]" in FORMATS["text"](CARD, RESULT, EVIDENCE.get)


def test_a_hostile_result_survives_its_document():
    assert text(result_document(RESULT)).isascii()


def test_hidden_characters_become_visible():
    assert visible("a\u202eb\x1b[0m\U000e0041") == "a\\u202eb\\x1b[0m\\U000e0041"
    assert visible("ACME\u3164\u115f\u034f\ufe0f\u2800") == "ACME\\u3164\\u115f\\u034f\\ufe0f\\u2800"
    assert visible("é\n\t漢字 👍") == "é\n\t漢字 👍"
    assert visible("e\u0301") == "e\u0301"
    assert line("a\r\nb\nc\td") == "a b c d"
    assert line(f"a{' ' * 200}b \n\tc\u00a0\u3000 d") == "a b c d"
    assert line(LONG, 10) == "AAAAAAAAAA… (999,990 more characters)"
    assert len(block(ALL * 1000)) < 20_000


def test_only_all_of_it_is_a_hundred_percent():
    assert percent(99.999) == "99.9 %"
    assert percent(100.0) == "100.0 %"
    assert percent(None) == "0 of 0"


def test_the_page_keeps_no_more_evidence_in_memory_than_it_can_hold(monkeypatch):
    monkeypatch.setattr(html, "HELD", 2_000)
    rendered = html.render(CARD, RESULT, lambda _: har("x" * 1_500))
    assert rendered.count("The page is full") >= len(LINKS) - 1
