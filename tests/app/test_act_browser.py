"""Act and keep in a real browser: a whole campaign by keyboard and mouse; axe, phone and dark; hostile names."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from app.conftest import STUDY, Served, sign_in_browser
from app.test_act_edit import HOSTILE
from app.test_explore_browser import PHONE, violations
from coterie.app.store import open_store, studies

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app-act")]
OWN = "actingstudy22222"
BASE = f"/studies/{OWN}"
_WAIT = 120_000  # ms; the machine may be busy


@pytest.fixture(scope="module")
def acted(served: Served, garden: Path) -> Served:
    """A study of its own in the served home, which these tests may change."""
    import json

    store = open_store(served.home / "state.sqlite")
    shutil.copytree(garden, served.home / "studies" / OWN)
    studies.add_study(store, OWN, json.loads((garden / "manifest.json").read_text()), parent=STUDY)
    store.close()
    return served


def send(page: Page, button: str) -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation(timeout=_WAIT):
        page.get_by_role("button", name=button, exact=True).click()


def test_a_campaign_from_names_to_what_it_brought(page: Page, acted: Served) -> None:
    page.set_default_timeout(_WAIT)
    page.goto(f"{acted.base}{BASE}/edit")
    page.get_by_label("Name").first.fill("Gold customers")
    send(page, "Save")
    assert "Saved." in page.get_by_role("status").inner_text()
    page.goto(f"{acted.base}{BASE}/plan")
    page.get_by_label("How many would buy anyway").fill("10")
    send(page, "Draw the plan")
    plan = page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Everyone, with their group").click()
    groups = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    page.goto(f"{acted.base}{BASE}/audiences")
    page.get_by_label("Gold customers").check()
    send(page, "Show me what they would hold")
    told = page.get_by_role("heading", level=1).inner_text()
    held = sum(row["treatment"] == "holdout" and row["segment"] == "Gold customers" for row in groups)
    assert told == f"{112 - held} people would be in this list"
    page.reload()
    assert page.get_by_role("heading", level=1).inner_text() == told
    send(page, "Yes, write the list")
    with page.expect_download() as download:
        page.get_by_role("link", name="01-gold-customers.csv").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + 112 - held
    page.goto(plan)
    rows = [f"{row['customer_id']},{30 if row['treatment'] == 'treat' else 3}" for row in groups[::2]]
    body = "\n".join(["customer_id,revenue", *rows]).encode()
    page.get_by_label("Orders or answers since the campaign").set_input_files(
        {"name": "results.csv", "mimeType": "text/csv", "buffer": body}
    )
    send(page, "What did it bring?")
    assert page.locator("svg.reach").count() == 6
    assert "bought" in page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["wide and light", "phone and dark"])
def test_every_page_is_clear_to_all_readers_and_fits_the_screen(
    browser: Browser, acted: Served, screen: dict[str, Any]
) -> None:
    context, watched = sign_in_browser(browser, acted, **screen)
    page, wrong = context.new_page(), {}
    page.goto(f"{acted.base}{BASE}/plan")
    plan = page.locator("main .rows a").first.get_attribute("href") if page.locator("main .rows a").count() else ""
    page.goto(f"{acted.base}{BASE}/audiences")
    lists = page.locator("main .rows a").first.get_attribute("href") if page.locator("main .rows a").count() else ""
    ends = [f"{BASE}/{end}" for end in ("edit", "audiences", "plan", "downloads", "against", "again", "delete")]
    for path in ["/studies", *ends, *filter(None, (plan, lists))]:
        page.goto(f"{acted.base}{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found = violations(page) + (["wider than the screen"] if too_wide else [])
        wrong |= {path: found} if found else {}
    context.close()
    assert wrong == {}
    assert watched.wrong == []


def test_a_segment_is_renamed_and_the_change_taken_back_by_keyboard_alone(page: Page, acted: Served) -> None:
    page.goto(f"{acted.base}{BASE}/edit")
    own = page.locator("#name-2").input_value()
    page.locator("#name-2").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("By keyboard")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#name-2").input_value() == "By keyboard"
    page.get_by_role("button", name="Take the last change back").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#name-2").input_value() == own


def test_hostile_names_are_shown_as_they_are_and_run_nothing(page: Page, acted: Served) -> None:
    page.goto(f"{acted.base}{BASE}/edit")
    numbers = [field.get_attribute("id").rpartition("-")[2] for field in page.locator("input[id^=name-]").all()]
    for number, text in zip(numbers, HOSTILE.values(), strict=False):
        page.locator(f"#name-{number}").fill(text)
        page.locator(f"#note-{number}").fill(text * 20)
    send(page, "Save")
    for path in (BASE, f"{BASE}/edit", f"{BASE}/audiences", f"{BASE}/plan", f"{BASE}/segments/1", f"{BASE}/map"):
        page.goto(f"{acted.base}{path}")
        assert page.evaluate("document.querySelectorAll('main img, main script:not([type])').length") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    told = page.request.get(f"{acted.base}/api{BASE}").json()
    assert told["segments"][0]["name"] == HOSTILE["script"]
    page.goto(f"{acted.base}{BASE}/edit")
    send(page, "Take the last change back")


def test_a_deleted_study_is_gone_from_the_list_and_the_disk(page: Page, acted: Served) -> None:
    page.goto(f"{acted.base}{BASE}/delete")
    page.get_by_label("Yes, delete it.").check()
    send(page, "Delete the study")
    assert page.url.startswith(f"{acted.base}/studies?deleted=1")
    assert not (acted.home / "studies" / OWN).exists()
    assert page.locator(f"a[href='{BASE}']").count() == 0
