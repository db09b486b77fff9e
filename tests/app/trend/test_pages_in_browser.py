"""The pages of a trend in a real browser, without a network."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield opened
        opened.close()


@pytest.fixture
def pages(nights, tmp_path):
    root = nights([0, 1, 0, 2] * 7, factors=[{"stretched": bool(k % 3)} for k in range(28)])
    names = [tmp_path / "t.html", tmp_path / "s.html"]
    told = ["trend", str(root), "--out", str(names[0]), "--summary", str(names[1])]
    assert CliRunner().invoke(app, told).exit_code == 0
    return names


def listen(page):
    """Return the list that what the page says, and how it fails, goes to."""
    heard = []
    page.on("console", lambda told: heard.append((told.type, told.text)))
    page.on("pageerror", lambda error: heard.append(("error", str(error))))
    return heard


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_without_network_fault_or_overflow(browser, pages, width, scheme):
    view = {"width": width, "height": 900}
    context = browser.new_context(viewport=view, color_scheme=scheme, offline=True)
    for path in pages:
        page = context.new_page()
        heard = listen(page)
        page.goto(path.as_uri())
        if path.name == "t.html":
            page.wait_for_function("window.Bokeh && Bokeh.documents[0]?.is_idle")
        assert [words for kind, words in heard if kind in ("error", "warning")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_summary_prints_on_one_page(browser, pages):
    page = browser.new_page()
    page.goto(pages[1].as_uri())
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
