"""The pages on which a study is explored, asked without a server."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.conftest import STUDY, csrf_of, keep_study, sign_in
from coterie.app import AppSettings, make_app
from coterie.app.charts import CHARTS
from coterie.app.look import made, tokens
from coterie.app.pages import TABLE
from coterie.app.people import People
from coterie.app.routing import Page
from coterie.app.shelf import Shelf
from coterie.app.words import Reader, _locale, visible
from coterie.campaigns import LIFE, NO_ORDER, STAGES
from coterie.errors import StudyError
from coterie.outputs import Study, load
from outputs.factories import NAMES, make_segmentation
from outputs.hostile import HOSTILE_CATEGORIES, HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

BASE = f"/studies/{STUDY}"
#: The pages that only explore.
OWN = (
    "/segments/2",
    "/compare",
    "/map",
    "/number",
    "/stages",
    "/worth",
    "/targets",
    "/customers",
    "/data",
    "/fairness",
)
HOSTILE_IDS = ("<script>alert(1)</script>", "=1+2", "\u202eevil", "a&b?c=d#e", "x" * 300)


class Seen(HTMLParser):
    """The text and the tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def paths_of_a_study() -> list[str]:
    """Every page of the router that needs no more than a study and a segment."""
    found = [each.path for each in TABLE if isinstance(each, Page) and each.path.startswith("/studies/{study}")]
    filled = [path.replace("{study}", STUDY).replace("{segment:int}", "2") for path in found]
    return [path for path in filled if "{" not in path]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in which names, categories and customer ids want to do harm."""
    study = Study.from_segmentation(make_segmentation(names=HOSTILE_NAMES, categories=HOSTILE_CATEGORIES))
    ids = dict(zip(study.customers.index, HOSTILE_IDS, strict=False))
    customers = study.customers.rename(index=ids).sort_index()
    changed = dataclasses.replace(study, customers=customers)
    changed.__dict__["charts"] = {}  # pictures cost seconds, and the app shows none of them
    return changed.write(tmp_path_factory.mktemp("hostile") / STUDY)


@pytest.fixture
def hostile_client(hostile: Path, tmp_path: Path) -> TestClient:
    app = make_app(AppSettings(tmp_path / "home"), clock=lambda: 1_000_000.0)
    keep_study(app, hostile)
    return sign_in(app)


def test_every_page_of_a_study_is_shown_and_has_a_twin_in_json(client: TestClient) -> None:
    paths = paths_of_a_study()
    assert {f"{BASE}{end}" for end in ("", "/segments/2", "/compare", "/map", "/number", "/stages", "/worth")} <= set(
        paths
    )
    for path in paths:
        assert client.get(path).status_code == 200, path
        assert client.get(f"/api{path}").json()["ok"], path


def test_no_page_has_a_style_or_a_script_that_the_policy_would_block(client: TestClient) -> None:
    for path in paths_of_a_study():
        for tag, attributes in Seen(client.get(path).text).tags:
            assert tag != "style", path
            assert "style" not in attributes, (path, tag)
            assert not [name for name in attributes if name.startswith("on")], (path, tag)
            assert tag != "script" or attributes.get("src") or attributes.get("type") == "application/json", path


def test_the_verdict_stands_before_the_segments(client: TestClient) -> None:
    text = Seen(client.get(BASE).text).text
    places = [text.index(words) for words in ("Five segments that come back", *NAMES)]
    assert places[0] == min(places)
    told = client.get(f"/api{BASE}").json()
    assert [card["number"] for card in told["segments"]] == [1, 2, 3, 4, 5]
    assert all(len(card["facts"]) <= 3 and card["play"]["title"] for card in told["segments"])


def test_the_first_page_weighs_less_than_100_kb(client: TestClient) -> None:
    page = client.get(BASE)
    parts = [
        value for _, attributes in Seen(page.text).tags for value in (attributes.get("href"), attributes.get("src"))
    ]
    own = [part for part in parts if part and part.startswith("/static/")]
    assert len(own) >= 3
    assert len(page.content) + sum(len(client.get(part).content) for part in own) < 100_000


def test_a_segment_tells_its_profile_its_rule_and_its_play(client: TestClient, garden: Path) -> None:
    segment = load(garden).profiled[1]
    text = Seen(client.get(f"{BASE}/segments/2").text).text
    for words in (segment.name, segment.play.title, segment.play.avoid, segment.play.offer):
        assert words in text
    assert not [identity for identity in segment.typical if identity in text]  # ids stay out of sight


def test_an_unknown_segment_or_study_is_not_there(client: TestClient) -> None:
    for path in (f"{BASE}/segments/99", "/studies/nosuchstudy", "/studies/..%2f..%2fetc/map", f"{BASE}/charts/nothing",
                 f"{BASE}/charts/place?of=99", f"{BASE}/charts/beside?of=1", f"{BASE}/charts/map?of=1"):  # fmt: skip
        assert client.get(path).status_code == 404, path


def test_two_segments_are_compared_by_what_differs_most(client: TestClient, garden: Path) -> None:
    told = client.get(f"/api{BASE}/compare?a=1&b=5").json()
    assert [segment["number"] for segment in told["pair"]] == [1, 5]
    rows = told["rows"] + told["more"]
    assert [row["apart"] for row in rows] == sorted((row["apart"] for row in rows), reverse=True)
    profiles = load(garden).profiles
    effects = profiles.pivot_table(index="feature", columns="segment_id", values="effect_size")
    assert rows[0]["apart"] == pytest.approx((effects[1] - effects[5]).abs().max(), abs=1e-3)


@pytest.mark.parametrize("asked", ["?a=1&b=1", "?a=99&b=x", "", "?a=&b=-1", "?a=1&b=1e9"])
def test_a_pair_that_is_none_becomes_two_segments_all_the_same(client: TestClient, asked: str) -> None:
    told = client.get(f"/api{BASE}/compare{asked}").json()
    assert len({segment["number"] for segment in told["pair"]}) == 2


def test_a_rectangle_on_the_map_counts_who_is_inside(client: TestClient, garden: Path) -> None:
    customers = load(garden).customers
    left, right = customers["map_x"].quantile([0.3, 0.8])
    low, high = customers["map_y"].min(), customers["map_y"].max()
    told = client.get(f"/api{BASE}/map?box={left},{right},{low},{high}").json()["selection"]
    inside = customers[customers["map_x"].between(left, right)]
    assert told["customers"] == len(inside)
    expected = inside["segment_id"].map(dict(enumerate(NAMES, start=1))).value_counts().to_dict()
    assert {row["name"]: row["customers"] for row in told["segments"]} == expected
    assert told["features"]


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,1,2,3", "inf,1,2,3", "1,2,3,4,5"])
def test_a_rectangle_that_is_none_selects_nobody(client: TestClient, box: str) -> None:
    assert client.get(f"/api{BASE}/map", params={"box": box}).json()["selection"] is None


def test_the_ninths_of_the_map_hold_every_customer_once(client: TestClient) -> None:
    told = client.get(f"/api{BASE}/map").json()
    counts = [client.get(f"/api{BASE}/map", params={"area": area}).json()["selection"] for area in told["areas"]]
    assert sum(found["customers"] for found in counts) == told["n_shown"]


def test_few_customers_inside_a_rectangle_have_no_averages(client: TestClient, garden: Path) -> None:
    one = load(garden).customers.iloc[0]
    box = f"{one.map_x - 1e-9},{one.map_x + 1e-9},{one.map_y - 1e-9},{one.map_y + 1e-9}"
    told = client.get(f"/api{BASE}/map?box={box}").json()["selection"]
    assert told["customers"] == 1
    assert told["features"] == []


def test_a_customer_is_found_by_id_with_the_reason(client: TestClient, garden: Path) -> None:
    study = load(garden)
    identity = study.customers.index[123]
    told = client.get(f"/api{BASE}/customers?q={identity}").json()["one"]
    row = study.customers.loc[identity]
    assert (told["id"], told["segment"], told["reason"]) == (identity, row["segment"], row["reason"])
    assert told["features"]
    page = client.get(f"{BASE}/customers?q={identity}")
    assert row["reason"] in Seen(page.text).text
    assert page.headers["cache-control"] == "no-store"


def test_customers_whose_id_begins_so_are_listed(client: TestClient) -> None:
    told = client.get(f"/api{BASE}/customers?q=C0001").json()
    assert [row["id"] for row in told["rows"]] == [f"C0001{digit}" for digit in range(10)]
    assert client.get(f"/api{BASE}/customers?q=C0").json()["more"]
    assert "No such customer" in client.get(f"{BASE}/customers?q=nobody").text


def test_stages_are_shares_of_each_segment_and_few_customers_stay_hidden(client: TestClient, garden: Path) -> None:
    customers = load(garden).customers
    counts = pd.crosstab(customers["segment_id"], customers["stage"])
    for row in client.get(f"/api{BASE}/stages").json()["rows"]:
        for cell in row["cells"]:
            if cell["hidden"]:
                assert cell["customers"] is None
            elif cell["stage"] in counts:
                assert cell["customers"] == counts.loc[row["number"], cell["stage"]]
                assert cell["customers"] == 0 or cell["customers"] >= 10


def test_another_number_of_segments_needs_the_tables(client: TestClient) -> None:
    token = csrf_of(client)
    refused = client.post(f"/api{BASE}/number", data={"csrf": token, "segments": "1"})
    assert refused.status_code == 400
    without = client.post(f"/api{BASE}/number", data={"csrf": token, "segments": "5"})
    assert without.status_code == 409
    assert "not kept any more" in without.json()["error"]["what"]


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_charts_say_what_is_shown_and_nothing_of_paper_and_ink(client: TestClient, chart: str) -> None:
    about = {"place": "?of=2", "profile": "?of=2", "beside": "?of=2,3"}.get(chart, "")
    answer = client.get(f"{BASE}/charts/{chart}{about}")
    spec = json.loads(answer.text, parse_constant=lambda constant: pytest.fail(f"{constant} in {chart}"))
    assert spec["width"] == "container"
    assert set(spec["config"]) == {"view"}
    assert len(answer.content) < 200_000


def test_a_study_without_orders_has_pages_that_say_what_is_missing(tmp_path: Path) -> None:
    study = Study.from_segmentation(make_segmentation(categories=(), orders=False))
    study.__dict__["charts"] = {}
    app = make_app(AppSettings(tmp_path / "home"), clock=lambda: 1_000_000.0)
    keep_study(app, study.write(tmp_path / STUDY))
    client = sign_in(app)
    for path in paths_of_a_study():
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "nan" not in Seen(answer.text).text.lower().split(), path
    assert client.get(f"{BASE}/charts/worth").status_code == 404


def test_hostile_names_are_shown_literally_and_never_run(hostile_client: TestClient) -> None:
    for path in [*paths_of_a_study(), f"{BASE}/segments/5", f"{BASE}/compare?a=1&b=5"]:
        answer = hostile_client.get(path)
        assert answer.status_code == 200, path
        seen = Seen(answer.text)
        assert "\u202e" not in answer.text, path
        assert "x" * 500 not in seen.text, path
        assert {attributes.get("src", "/")[:8] for tag, attributes in seen.tags if tag in ("script", "img")} <= {
            "/static/"
        }
    assert HOSTILE_NAMES[0] in Seen(hostile_client.get(BASE).text).text
    assert "left⟨U+202E⟩right {{7*7}} $\\frac{" in Seen(hostile_client.get(BASE).text).text


@pytest.mark.parametrize("identity", HOSTILE_IDS)
def test_hostile_ids_are_found_and_shown_literally(hostile_client: TestClient, identity: str) -> None:
    answer = hostile_client.get(f"{BASE}/customers", params={"q": identity})
    seen = Seen(answer.text)
    assert visible(identity)[:60] in seen.text
    assert "\u202e" not in answer.text
    assert "alert(1)" not in "".join(str(attributes) for tag, attributes in seen.tags if tag == "script")


def parquet_of(frame: pd.DataFrame, path: Path, piece: int) -> People:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=piece)
    return People(path)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "customer_id": [f"K{number:04d}" for number in range(1000)],
            "segment_id": rng.integers(1, 4, 1000),
            "map_x": np.where(rng.random(1000) < 0.1, np.nan, rng.normal(size=1000)),
            "map_y": rng.normal(size=1000),
            "order_count": rng.integers(1, 9, 1000).astype(float),
        }
    )


@pytest.mark.parametrize("piece", [1000, 64, 7])
def test_the_customers_read_do_not_depend_on_the_pieces_of_the_file(
    many: pd.DataFrame, tmp_path: Path, piece: int
) -> None:
    people = parquet_of(many, tmp_path / "customers.parquet", piece)
    placed = many[many["map_x"].notna()]
    drawn = people.sample(["segment_id"], most=100)
    assert drawn["map_x"].tolist() == placed["map_x"].iloc[:: -(-len(placed) // 100)].tolist()
    assert people.find("K01", ["segment_id"], 20)[0].index.tolist() == [f"K{n:04d}" for n in range(100, 120)]
    assert people.rows(["K0999", "K0000", "nobody"], ["order_count"])["order_count"].tolist() == [
        many["order_count"].iloc[0],
        many["order_count"].iloc[-1],
    ]
    counted = {row["segment_id"]: row["count_all"] for row in people.counts(["segment_id"])}
    assert counted == many["segment_id"].value_counts().to_dict()


def test_one_customer_is_looked_for_in_one_piece_of_the_file(many: pd.DataFrame, tmp_path: Path) -> None:
    people = parquet_of(many, tmp_path / "customers.parquet", 64)
    assert list(people._groups_with("K0500")) == [500 // 64]
    assert list(people._groups_with("Z")) == []


def test_a_study_that_was_written_anew_is_opened_anew(tmp_path: Path) -> None:
    study = Study.from_segmentation(make_segmentation(100))
    study.__dict__["charts"] = {}
    folder, shelf = study.write(tmp_path / "one"), Shelf(most=1)
    first = shelf.open(folder)
    assert shelf.open(folder) is first
    assert len(first.study.customers) == 0
    assert first.study.manifest["n_customers"] == 100
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text() + " ")
    assert shelf.open(folder) is not first
    shelf.forget(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(StudyError, match="not there any more"):
        shelf.open(folder)


@pytest.mark.parametrize(
    ("language", "number", "share"),
    [("de-DE,de;q=0.9", "12.345,6", "4,5\u00a0%"), ("en-GB", "12,345.6", "4.5\u00a0%"), ("*", "12,345.6", "4.5\u00a0%"),
     ("xx-nonsense,\x00,fr", "12\u202f345,6", "4,5\u00a0%")],
)  # fmt: skip
def test_numbers_are_written_as_the_reader_writes_them(language: str, number: str, share: str) -> None:
    reader = Reader(_locale(language))
    assert reader.decimal(12345.6) == number
    assert reader.percent(0.045) == share
    assert reader.count(float("nan")) == "—"


def test_a_page_has_its_numbers_as_the_reader_writes_them_and_its_twin_as_programs_do(client: TestClient) -> None:
    german = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    english, page = (Seen(client.get(f"{BASE}/segments/1", headers=way).text) for way in ({}, german))
    amounts = re.findall(r"£\d+,\d{3}\b", english.text)
    assert amounts
    assert all(amount.replace(",", ".") in page.text and amount not in page.text for amount in amounts)
    drawn, redrawn = ([found for found in seen.tags if found[0] == "rect"] for seen in (english, page))
    assert drawn == redrawn  # lengths of drawings are not for readers
    twin = f"/api{BASE}/segments/1"
    assert client.get(twin).json() == client.get(twin, headers=german).json()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Has spent £2,027, 3.1 times as much (648).", "Has spent £2.027, 3,1 times as much (648)."),
        ("Coterie 0.1.0 of 2025-01-02", "Coterie 0.1.0 of 2025-01-02"),
        ("orders.2.csv, C0001.5", "orders.2.csv, C0001.5"),
        ("0.84 of 1; 12,345,678.9", "0,84 of 1; 12.345.678,9"),
    ],
)
def test_only_numbers_are_rewritten(english: str, german: str) -> None:
    assert Reader(_locale("de")).rewritten(english) == german
    assert Reader(_locale("en")).rewritten(english) == english


def test_names_keep_their_numbers() -> None:
    model = {"name": "Top 1,000", "facts": ["1,000 of them"], "width": "12.5", "rows": [{"id": "1.234", "here": "1.2"}]}
    assert Reader(_locale("de")).rewrite(model) == {
        "name": "Top 1,000", "facts": ["1.000 of them"], "width": "12.5", "rows": [{"id": "1.234", "here": "1,2"}],
    }  # fmt: skip


def test_the_report_and_the_app_share_one_set_of_tokens(garden: Path, client: TestClient) -> None:
    report = (garden / "report.html").read_text(encoding="utf-8")
    root = tokens().decode().partition(".tint-")[0].strip()
    assert root in report
    assert client.get(made("tokens.css")).content == tokens()
    assert ".tint-0072b2 { --tint: #0072b2; }" in tokens().decode()


def test_stages_stand_in_the_order_of_a_life(client: TestClient) -> None:
    told = client.get(f"/api{BASE}/stages").json()["stages"]
    assert len(told) > 2
    assert told == sorted(told, key=lambda stage: LIFE.index(stage) if stage in LIFE else len(LIFE))
    assert set(LIFE) == {*STAGES, NO_ORDER}
