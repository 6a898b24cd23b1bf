"""The page in a browser: nothing of the cloud's runs, and what is ours works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from defcore.cli.rendering import FORMATS
from tests.report.hostile import EVIDENCE, hostile

pytestmark = pytest.mark.browser
CARD, RESULT = hostile()


class Watched:
    """A page with everything that it tried to do."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        page.goto(address)

    def shown(self) -> list[str]:
        return self.page.eval_on_selector_all("details.test:not([hidden])", "all => all.map(one => one.id)")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(FORMATS["html"](CARD, RESULT, EVIDENCE.get))
    return path.as_uri()


@pytest.fixture
def watched(chromium: Any, address: str) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page(), address)
    context.close()


def test_nothing_that_the_cloud_sent_runs_or_reaches_the_network(watched, address):
    page = watched.page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for place in page.locator("code.url:visible, .name:visible").all()[:20]:
        place.hover(timeout=5000)
    page.wait_for_timeout(300)
    assert (watched.dialogs, watched.errors) == ([], [])
    assert watched.requests == [address]
    assert page.title().startswith("NON_CONFORMANT: All components </script></style></title><script>alert(1)")


def test_the_page_is_as_wide_as_the_screen_whatever_the_names(chromium, address):
    for width in (1280, 360):
        context = chromium.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_the_filter_narrows_by_text_outcome_and_service(watched):
    page, everything = watched.page, len(RESULT.tests)
    assert page.inner_text("output") == f"{everything} of {everything} tests shown"
    page.fill("input[name=text]", "TEST_good")
    assert len(watched.shown()) == 1
    assert page.inner_text("output") == f"1 of {everything} tests shown"
    page.click("button[type=reset]")
    page.select_option("select[name=outcome]", "ERROR")
    assert len(watched.shown()) == 1
    page.select_option("select[name=outcome]", "!PASSED")
    assert len(watched.shown()) == everything - 1
    page.select_option("select[name=outcome]", "findings")
    assert len(watched.shown()) == 11
    page.select_option("select[name=service]", "compute")
    assert len(watched.shown()) == 11


def test_the_filter_works_from_the_keyboard(watched):
    page = watched.page
    page.keyboard.press("/")
    page.keyboard.type("test_good")
    assert len(watched.shown()) == 1
    page.keyboard.press("Escape")
    page.wait_for_timeout(50)
    assert len(watched.shown()) == len(RESULT.tests)
    page.focus("details.test summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details.test').open")


def test_a_test_opens_with_its_exchange(watched):
    page = watched.page
    page.click("details.test >> nth=0 >> summary >> nth=0")
    exchange = page.locator("details.test >> nth=0 >> details.exchange >> nth=1")
    assert not exchange.locator("pre").last.is_visible()
    exchange.locator("summary").first.click()
    assert exchange.locator("pre").last.is_visible()
    assert "<img src=x onerror=alert(2)>" in exchange.inner_text()
    assert "500" in exchange.locator("summary .status").inner_text()


def test_a_link_to_a_filtered_test_shows_and_opens_it(watched):
    page = watched.page
    page.select_option("select[name=outcome]", "PASSED")
    page.evaluate("location.hash = 'test-0'")
    page.wait_for_selector("#test-0[open]", state="visible")


def test_missing_evidence_is_said(watched):
    page = watched.page
    page.fill("input[name=text]", "test_missing")
    page.click("details.test:not([hidden]) summary")
    assert "Evidence missing or damaged" in page.inner_text("details.test:not([hidden])")


def test_the_page_is_complete_without_scripts(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert not page.locator("form.filter").is_visible()
    assert page.locator("details.test").count() == len(RESULT.tests)
    page.click("details.test >> nth=0 >> summary >> nth=0")
    assert page.locator("details.test >> nth=0 >> .claims").is_visible()
    context.close()
