from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from coterie.errors import StudyError
from coterie.outputs import Study, load
from coterie.outputs.charts import NAMES
from coterie.outputs.page.rules import tree
from coterie.outputs.page.trust import opening
from coterie.outputs.report import render_report
from outputs.factories import make_segmentation
from outputs.hostile import HOSTILE_CATEGORIES, HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


class Page(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = Study.from_segmentation(make_segmentation(names=HOSTILE_NAMES, categories=HOSTILE_CATEGORIES))
    return study.write(tmp_path_factory.mktemp("hostile") / "study")


def test_the_report_is_drawn_from_the_folder_alone(folder: Path, text: str) -> None:
    assert render_report(load(folder)) == text


def test_the_report_holds_no_customer(study: Study, text: str) -> None:
    assert not [identity for identity in study.customers.index if identity in text]


def test_the_report_is_under_three_megabytes(text: str) -> None:
    assert len(text.encode()) < 3_000_000


def test_the_report_has_no_script_and_asks_for_nothing(text: str) -> None:
    page = Page(text)
    assert "script" not in page.tags
    assert not {"link", "iframe", "object", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    sources = [value or "" for name, value in page.attributes if name in ("src", "href")]
    assert all(source.startswith(("data:image/svg+xml;base64,", "#")) for source in sources)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes
    assert "url(" not in text
    assert "@import" not in text


def test_the_first_words_are_the_verdict_and_every_segment_has_a_card(study: Study, text: str) -> None:
    page = Page(text)
    assert study.verdict.sentence in page.text
    for segment in study.profiled:
        assert page.texts.count(segment.name) >= 3
        assert f"#segment-{segment.segment_id}" in text
        assert segment.play is not None
        assert segment.play.avoid in page.text


def test_every_picture_has_words_and_every_table_heads(text: str) -> None:
    page = Page(text)
    alternatives = [value for name, value in page.attributes if name == "alt"]
    assert len(alternatives) == page.tags.count("img") == len(NAMES)
    assert all(alternatives)
    assert ("scope", "col") in page.attributes
    assert ("scope", "row") in page.attributes
    assert page.tags.count("h1") == 1


def test_the_account_of_the_rows_is_told(text: str) -> None:
    page = Page(text)
    for words in ("12,480", "11,902", "578", "540: no customer id", "38: amount is not a number"):
        assert words in page.text


def test_hostile_names_are_shown_and_never_run(hostile_folder: Path) -> None:
    text = (hostile_folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>document.title='owned'</script>" in page.text
    assert "left⟨U+202E⟩right {{7*7}} $\\frac{" in page.text
    assert "\u202e" not in text
    assert "x" * 200 not in text


def test_hostile_names_are_no_formulas_in_any_spreadsheet(hostile_folder: Path) -> None:
    import csv

    for path in hostile_folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for name in ("segment", "name", "segment_name", "summary"):
                    assert not (row.get(name) or "").startswith(("=", "+", "-", "@")), path.name


def test_hostile_names_make_harmless_file_names(hostile_folder: Path) -> None:
    names = sorted(path.name for path in (hostile_folder / "audiences").iterdir())
    assert names[0] == "01-script-document-title-owned-script.csv"
    assert all(len(name) < 60 for name in names)


def test_a_study_with_hostile_names_comes_back_as_it_was(hostile_folder: Path) -> None:
    assert tuple(segment.name for segment in load(hostile_folder).profiled) == HOSTILE_NAMES


def test_a_segment_of_under_ten_customers_shows_no_averages() -> None:
    study = Study.from_segmentation(make_segmentation(40))
    small = [segment for segment in study.profiled if segment.size < 10]
    assert small
    assert render_report(study).count("fewer than ten customers, so its averages are not shown") == len(small)


def test_a_study_without_money_or_categories_has_a_report() -> None:
    text = render_report(Study.from_segmentation(make_segmentation(categories=(), orders=False)))
    assert "nan" not in Page(text).text.lower().split()


def test_the_report_can_be_written_anywhere(study: Study, folder: Path, tmp_path: Path, text: str) -> None:
    assert study.report(tmp_path / "mine.html").read_text(encoding="utf-8") == text
    assert load(folder).report() == folder / "report.html"


def test_without_a_folder_the_report_asks_for_a_file() -> None:
    with pytest.raises(StudyError, match="no folder yet"):
        Study.from_segmentation(make_segmentation(100)).report()


def test_a_notebook_shows_the_verdict_and_the_segments(study: Study) -> None:
    page = Page(study._repr_html_())
    assert study.verdict.sentence in page.text
    assert all(segment.name in page.text for segment in study.profiled)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser_nothing_runs_nothing_is_asked_for_and_nothing_sticks_out(
    hostile_folder: Path, browser: Browser, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((hostile_folder / "report.html").as_uri())
    title = page.title()
    reach = page.evaluate("document.documentElement.scrollWidth")
    drawn = page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    page.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [(hostile_folder / "report.html").as_uri()]
    assert title == "Customer segments · Garden & Home"
    assert reach <= width
    assert drawn


def test_the_first_screen_says_what_bare_amounts_mean_only_where_the_currency_is_unknown() -> None:
    segmentation = make_segmentation()
    told = []
    for currency in ("£", ""):
        segmentation.customers = replace(segmentation.customers, currency=currency)
        told.append(opening(Study.from_segmentation(segmentation))["figures"][2]["label"])
    assert told == ["revenue", "revenue, in your shop's currency"]


def test_a_percent_sign_stays_with_its_number(text: str) -> None:
    assert "\u00a0%" in text
    assert not [part for part in Page(text).texts if re.search(r"\d %", part)]


def test_rules_that_misplace_too_many_are_not_called_the_segments(study: Study) -> None:
    rough = tree(study)
    assert rough["title"] == "A rough guide to the segments"
    assert "do not stand for them" in rough["lead"]
    assert "place 79 of 100 customers" in rough["lead"]
    faithful = {**study.manifest, "profiles": {**study.manifest["profiles"], "rule_fidelity_unseen": 0.9}}
    assert tree(replace(study, manifest=faithful))["title"] == "The segments in a few questions"
    assert [line["segment"] != "" for line in rough["lines"]] == [True, False, True, True]
