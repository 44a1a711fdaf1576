"""The explore pages in a real browser: by axe, wide and narrow, light and dark, by keyboard, without script."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from app.conftest import STUDY, Served, sign_in_browser
from app.test_explore import BASE, HOSTILE_IDS, OWN, hostile
from coterie.app.store import open_store, studies

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app-explore")]

__all__ = ["hostile"]  # a fixture of the other file
PAGES = ("", *OWN, "/map?area=middle", "/customers?q=C0001", "/customers?q=C00012")
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
HARMFUL = "harmfulstudy2222"
_WAIT = 30_000  # ms; the machine may be busy


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until its charts are drawn: those that are not in sight come when they are scrolled to."""
    page.goto(address)
    for figure in page.locator("figure[data-source]").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas, svg.marks").first.wait_for(timeout=_WAIT)


def violations(page: Page) -> list[str]:
    """What axe finds: the rule, and the first place of it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found: Any = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found]


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["wide and light", "phone and dark"])
def test_every_page_is_clear_to_all_readers_and_fits_the_screen(
    browser: Browser, served: Served, screen: dict[str, Any]
) -> None:
    context, watched = sign_in_browser(browser, served, **screen)
    page, wrong = context.new_page(), {}
    for end in PAGES:
        open_page(page, f"{served.base}{BASE}{end}")
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found = violations(page) + (["wider than the screen"] if too_wide else [])
        wrong |= {end: found} if found else {}
    context.close()
    assert wrong == {}
    assert watched.wrong == []


def test_dragging_over_the_map_tells_who_is_inside(page: Page, served: Served) -> None:
    open_page(page, f"{served.base}{BASE}/map")
    area = page.locator("figure canvas").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.2, area["y"] + area["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.8, area["y"] + area["height"] * 0.8, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"\?box="), timeout=_WAIT)
    told = page.locator("#selection h2").inner_text()
    assert re.match(r"\d+ customers chosen", told)
    page.reload()
    assert page.locator("#selection h2").inner_text() == told


def test_a_part_of_the_map_is_chosen_by_keyboard_alone(page: Page, served: Served) -> None:
    page.goto(f"{served.base}{BASE}/map")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the page"
    page.keyboard.press("Enter")
    reached = [page.evaluate("(document.activeElement.id || document.activeElement.tagName)")]
    while "area" not in reached and len(reached) < 30:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.id || document.activeElement.tagName)"))
    assert reached[-1] == "area"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?area=top\+left"), timeout=_WAIT)
    assert "chosen" in page.locator("#selection h2").inner_text()


def test_the_way_back_leads_to_the_page_before(page: Page, served: Served) -> None:
    page.goto(f"{served.base}{BASE}")
    page.locator(".card h3 a").first.click()
    page.wait_for_url("**/segments/1")
    page.get_by_role("link", name="Compare with another segment").click()
    page.wait_for_url(re.compile(r"/compare\?a=1&b=2"), timeout=_WAIT)
    page.go_back()
    page.go_back()
    assert page.url == f"{served.base}{BASE}"


def test_without_script_everything_but_the_drawings_is_there(browser: Browser, served: Served) -> None:
    context, _ = sign_in_browser(browser, served, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.base}{BASE}/segments/1")
    page.locator("summary", has_text="The numbers behind it").click()
    assert page.locator("table.profile tbody tr").first.is_visible()
    page.goto(f"{served.base}{BASE}/map?area=middle")
    assert "chosen" in page.locator("#selection h2").inner_text()
    context.close()


def test_a_chart_follows_from_light_to_dark(page: Page, served: Served) -> None:
    page.emulate_media(color_scheme="light")
    open_page(page, f"{served.base}{BASE}/number")
    ink = "() => document.querySelector('svg.marks .role-axis-label text').getAttribute('fill')"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => ({ink})() !== before", arg=light, timeout=_WAIT)


def test_hostile_names_do_nothing_in_a_browser(page: Page, served: Served, hostile: Path) -> None:
    shutil.copytree(hostile, served.home / "studies" / HARMFUL)
    store = open_store(served.home / "state.sqlite")
    studies.add_study(store, HARMFUL, json.loads((hostile / "manifest.json").read_text()))
    store.close()
    for end in (*PAGES, "/segments/1", "/segments/5"):
        open_page(page, f"{served.base}{BASE}{end}".replace(STUDY, HARMFUL))
        assert page.title() != "owned"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), end
    for identity in HOSTILE_IDS:
        page.goto(f"{served.base}/studies/{HARMFUL}/customers")
        page.get_by_label("Customer id").fill(identity)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/customers\?q="), timeout=_WAIT)
        assert page.locator("article.card h2").count() == 1, identity
