"""The way from files to segments in a real browser against a real server, with everything that can go wrong on it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from app.conftest import Served, sign_in_browser, stop_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app-journey")]

_WAIT = 150_000  # ms; the machine may be busy


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small list of customers with two kinds among them."""
    rows = [
        f"C{n:03d},{20 + n % 45},{(20 if n % 2 else 90) + n % 17},{(80 if n % 2 else 15) + n % 13}" for n in range(240)
    ]
    path = tmp_path_factory.mktemp("tables") / "Our customers.csv"
    path.write_text("CustomerID,Age,Annual Income (k$),Spending Score (1-100)\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path / "home")
    yield server
    server.stop()
    stop_jobs(server.home)


def upload(page: Page, base: str, *tables: Path) -> None:
    page.goto(f"{base}/")
    page.set_input_files("input[type=file]", [str(table) for table in tables])
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Yes, go on").wait_for(timeout=_WAIT)


def go_to_run(page: Page) -> str:
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url("**/choose")
    page.get_by_role("button", name="Find the segments").click()
    page.wait_for_url("**/jobs/**")
    return page.url.rpartition("/")[2]


def jobs_of(home: Path) -> list[str]:
    return [path.parent.name for path in (home / "jobs").glob("*/settings.toml")]


def test_from_a_file_to_its_segments_with_a_reload_and_a_closed_page(page: Page, served: Served, table: Path) -> None:
    upload(page, served.base, table)
    assert page.get_by_role("heading", name="Our customers.csv").is_visible()
    assert page.get_by_role("cell", name="C000 C001 C002").is_visible()
    page.reload()
    assert page.get_by_role("heading", name="This is what your tables say").is_visible()
    job = go_to_run(page)
    page.reload()
    assert page.url.endswith(job)
    context = page.context
    page.close()
    other = context.new_page()
    other.goto(f"{served.base}/jobs/{job}")
    other.wait_for_url(f"**/studies/{job}", timeout=_WAIT)
    assert other.get_by_role("heading", level=1).is_visible()
    other.go_back()
    other.goto(f"{served.base}/")
    assert other.get_by_role("link", name="Our customers").first.is_visible()


def test_a_changed_meaning_is_understood_anew_and_asked_for_again(page: Page, served: Served, table: Path) -> None:
    upload(page, served.base, table)
    page.get_by_label("What Age means").select_option("-")
    page.get_by_role("button", name="Yes, go on").click()  # what is changed is looked at before anything goes on
    page.get_by_role("button", name="Yes, go on").wait_for(timeout=_WAIT)
    assert page.url.endswith("/check")
    assert page.get_by_label("What Age means").input_value() == "-"
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url("**/choose")
    assert "leave out age" not in page.content().lower()


def test_a_table_that_cannot_be_used_is_told_with_what_to_do(page: Page, served: Served, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("<html><body>Please log in</body></html>\n")
    page.goto(f"{served.base}/")
    page.set_input_files("input[type=file]", str(odd))
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("heading", name="This needs your answer first").wait_for(timeout=_WAIT)
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_role("button", name="Yes, go on").count() == 0
    draft = page.url.split("/")[-2]
    answer = page.request.get(f"{served.base}/new/{draft}/choose")
    assert answer.status == 409


def test_a_double_click_makes_one_study_and_cancel_ends_it(page: Page, served: Served, table: Path) -> None:
    upload(page, served.base, table)
    before = set(jobs_of(served.home))
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url("**/choose")
    page.get_by_label("How many segments").select_option("4")
    page.get_by_role("button", name="Find the segments").dblclick()
    page.wait_for_url("**/jobs/**")
    assert len(set(jobs_of(served.home)) - before) == 1
    start = time.monotonic()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="Cancelled").wait_for()
    assert time.monotonic() - start < 6
    assert page.get_by_role("button", name="Run again").is_visible()


def test_a_killed_server_finds_its_job_again(browser: Browser, own_server: Served, table: Path) -> None:
    context, _ = sign_in_browser(browser, own_server)
    page = context.new_page()
    upload(page, own_server.base, table)
    job = go_to_run(page)
    until = time.monotonic() + 60
    while not (own_server.home / "jobs" / job / "progress.jsonl").exists() and time.monotonic() < until:
        time.sleep(0.05)
    own_server.kill()
    own_server.start()
    page.wait_for_url(f"**/studies/{job}", timeout=_WAIT)  # the page waited for the server to come back
    assert json.loads((own_server.home / "studies" / job / "manifest.json").read_text())["n_customers"] == 240
    assert len(jobs_of(own_server.home)) == 1
    context.close()


def test_two_browsers_see_the_same_and_neither_gets_in_by_the_others_link(browser: Browser, served: Served) -> None:
    link = served.link()
    one, other = browser.new_context(), browser.new_context()
    first, second = one.new_page(), other.new_page()
    first.goto(link)
    assert first.get_by_role("heading", name="Find out who your customers are").is_visible()
    second.goto(link)
    assert second.get_by_role("heading", name="This link was used before").is_visible()
    second.goto(served.link())
    assert second.get_by_role("heading", name="Find out who your customers are").is_visible()
    one.close()
    other.close()


def test_a_form_of_another_site_changes_nothing(browser: Browser, served: Served) -> None:
    context, _ = sign_in_browser(browser, served)
    page = context.new_page()
    before = len(list((served.home / "uploads").iterdir()))
    form = f'<form method=post action="{served.base}/sample"><input name=csrf value=x></form>'
    body = f"{form}<script>document.forms[0].submit()</script>"
    page.route("http://evil.test/**", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto("http://evil.test/")
    page.wait_for_url(f"{served.base}/**")
    assert "/check" not in page.url
    assert len(list((served.home / "uploads").iterdir())) == before
    context.close()


def test_the_way_works_without_script(browser: Browser, served: Served, table: Path) -> None:
    context, _ = sign_in_browser(browser, served, java_script_enabled=False)
    page = context.new_page()
    upload(page, served.base, table)
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url("**/choose")
    assert page.get_by_role("button", name="Find the segments").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_way_are_accessible_and_fit_a_phone(
    browser: Browser, served: Served, table: Path, scheme: str
) -> None:
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    context, watched = sign_in_browser(browser, served, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    upload(page, served.base, table)
    check = page.url
    for url in (
        f"{served.base}/",
        check,
        check.replace("check", "choose"),
        f"{served.base}/login",
        f"{served.base}/nothing",
    ):
        page.goto(url)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        found = axe_playwright.Axe().run(page)
        assert found.violations_count == 0, f"{url}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
    assert [text for text in watched.wrong if "404" not in text] == []
    context.close()


def test_the_way_can_be_gone_with_the_keyboard_alone(page: Page, served: Served) -> None:
    page.goto(f"{served.base}/")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    assert "Skip to the page" in reached
    assert "files" in reached
    assert "Upload and check" in reached
    assert "Try the sample store" in reached


@pytest.mark.slow
def test_from_the_sample_store_to_its_segments(page: Page, served: Served) -> None:
    page.goto(f"{served.base}/")
    page.get_by_role("button", name="Try the sample store").click()
    page.get_by_role("button", name="Yes, go on").wait_for(timeout=_WAIT)
    assert page.get_by_text("3,000 customers").is_visible()
    job = go_to_run(page)
    page.wait_for_url(f"**/studies/{job}", timeout=_WAIT)


@pytest.mark.data
@pytest.mark.slow
def test_from_the_customers_of_a_mall_to_their_segments(page: Page, served: Served, data_folder: Path) -> None:
    (mall,) = sorted(data_folder.rglob("Mall_Customers.csv"))[:1]
    upload(page, served.base, mall)
    job = go_to_run(page)
    page.wait_for_url(f"**/studies/{job}", timeout=_WAIT)
    assert json.loads((served.home / "studies" / job / "manifest.json").read_text())["n_customers"] == 200
