"""From a study to files for a tool, in the folder and in the record."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.campaigns.audiences import read_log
from coterie.errors import ConfigError, NotEnoughDataError, StudyError
from coterie.outputs import Study, load
from coterie.outputs.conditions import rules_document, rules_text, segment_rules
from coterie.outputs.folder import FolderWriter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(folder: Path, tmp_path: Path) -> Study:
    """The made-up study in a folder that a test may write to."""
    return load(shutil.copytree(folder, tmp_path / "garden"))


@pytest.fixture
def customers(study: Study) -> pd.DataFrame:
    """Its customer file: every tenth customer did not agree."""
    ids = list(study.customers.index)
    return pd.DataFrame(
        {
            "CustomerID": ids,
            "Email": [f"person{n}@shop.com" for n in range(len(ids))],
            "Phone": "020 7946 0018",
            "First Name": "Ann",
            "Last Name": "Lee",
            "consent": ["no" if n % 10 == 0 else "yes" for n in range(len(ids))],
        }
    )


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_a_segment_becomes_a_file_whole_private_and_written_down(
    kept: Study, customers: pd.DataFrame, tmp_path: Path
) -> None:
    made = kept.audience("klaviyo", segment="Frequent big-basket regulars", customers=customers, country="GB")
    (path,) = made.write(tmp_path / "out")
    header, *rows = rows_of(path)
    assert header == ["Email", "Phone Number", "First Name", "Last Name", "Segment", "Segment Confidence"]
    assert (
        len(rows) == made.size == made.audiences[0].members - made.audiences[0].left_out["did not agree to marketing"]
    )
    assert {row[1] for row in rows} == {"+442079460018"}
    assert {p.stat().st_mode & 0o777 for p in path.parent.iterdir()} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "personal data" in (path.parent / "about.txt").read_text()
    (entry,) = read_log(kept.folder)  # type: ignore[arg-type]
    assert entry["destination"] == "klaviyo"
    assert entry["lists"][0]["people"] == made.size
    assert entry["files"][path.name]["bytes"] == path.stat().st_size


def test_neither_the_record_nor_the_study_holds_a_persons_data(
    kept: Study, customers: pd.DataFrame, tmp_path: Path
) -> None:
    kept.audience("google", customers=customers, country="GB").write(tmp_path / "out")
    assert kept.folder
    for path in kept.folder.rglob("*"):
        assert not path.is_file() or b"@shop.com" not in path.read_bytes(), path.name
    text = (kept.folder / "exports.jsonl").read_text()
    assert not any(key in text for key in kept.customers.index)
    assert load(kept.folder).segments.equals(kept.segments)


def test_a_failure_in_the_middle_leaves_no_list_and_no_entry(
    kept: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = FolderWriter.put

    def full_disk(writer: FolderWriter, name: str, content: bytes) -> None:
        if name.startswith("03"):
            raise OSError(28, "No space left on device")
        put(writer, name, content)

    monkeypatch.setattr(FolderWriter, "put", full_disk)
    with pytest.raises(StudyError, match="nothing was left there"):
        kept.audience("generic").write(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["garden"]
    assert read_log(kept.folder) == []  # type: ignore[arg-type]


def test_lists_never_overwrite_what_is_there(kept: Study, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(StudyError, match="something is there already"):
        kept.audience("generic").write(tmp_path / "out")


def test_lists_leave_only_from_a_study_that_keeps_the_record(study: Study, tmp_path: Path) -> None:
    unkept = Study(study.manifest, study.profiled, study.customers, study.tables, study.model)
    with pytest.raises(StudyError, match="keeps the record"):
        unkept.audience("generic").write(tmp_path / "out")
    assert unkept.audience("generic").frame["customer_id"].tolist()


def test_the_generic_list_is_defused_and_an_upload_is_not(kept: Study, tmp_path: Path) -> None:
    frame = kept.customers.copy()
    frame.index = [f"+{key}" if n == 0 else f"+44{n:09d}" for n, key in enumerate(frame.index)]
    hostile = Study(
        kept.manifest, kept.profiled, frame.rename_axis("customer_id"), kept.tables, kept.model, kept.folder
    )
    generic = hostile.audience("generic").write(tmp_path / "generic")
    braze = hostile.audience("braze").write(tmp_path / "braze")
    assert all(row[0].startswith("'+") for path in generic for row in rows_of(path)[1:])
    ids = [row[0] for path in braze for row in rows_of(path)[1:]]
    assert len(ids) == 799
    assert all(key.startswith("+44") for key in ids)


def test_a_large_list_is_split_where_the_tool_takes_no_larger_file(
    kept: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coterie.campaigns.audiences.braze import Braze

    monkeypatch.setattr(Braze, "most_bytes", 4000)
    paths = kept.audience("braze", segment=1).write(tmp_path / "out")
    assert [path.name for path in paths[:2]] == [
        "01-frequent-big-basket-regulars-part-1.csv",
        "01-frequent-big-basket-regulars-part-2.csv",
    ]
    assert sum(len(rows_of(path)) - 1 for path in paths) == int(kept.segments.loc[0, "size"])


def test_too_small_lists_are_told_and_a_single_one_is_refused(kept: Study, customers: pd.DataFrame) -> None:
    few = customers[customers["CustomerID"].isin(kept.customers.query("segment_id == 1").index[:9])]
    enough = customers[customers["CustomerID"].isin(kept.customers.query("segment_id == 2").index)]
    made = kept.audience("google", customers=pd.concat([few, enough]), country="GB")
    assert [audience.segment_id for audience in made.audiences] == [2]
    assert set(made.too_small) == set(kept.segments["name"]) - {kept.segments["name"][1]}
    assert "Not written" in made.preview
    with pytest.raises(NotEnoughDataError, match="people; 10 are needed"):
        kept.audience("google", segment=1, customers=few, country="GB")


def test_the_plan_beside_a_study_is_found_and_its_holdout_left_out(kept: Study) -> None:
    held = list(kept.customers.query("segment_id == 1").index[:5])
    assert kept.folder
    plan = kept.folder.with_name("garden-plan")
    plan.mkdir()
    groups = ["holdout" if key in held else "treat" for key in kept.customers.index]
    pd.DataFrame({"customer_id": kept.customers.index, "treatment": groups}).to_csv(plan / "holdout.csv", index=False)
    made = kept.audience("generic", segment=1)
    assert made.audiences[0].left_out == {"in the holdout of the test": 5}
    assert set(made.frame["treatment"]) == {"treat"}
    assert "5 customers are held out of the campaign by the plan of this study." in made.preview
    assert kept.audience("generic", segment=1, holdout="none").audiences[0].left_out == {}


def test_a_missing_list_of_objections_is_told_loudly(kept: Study) -> None:
    assert "no list of people who objected" in kept.audience("generic").preview
    given = kept.audience("generic", suppress=pd.DataFrame({"id": list(kept.customers.index[:3])}))
    assert "no list of people who objected" not in given.preview
    assert sum(audience.left_out.get("on a suppression list", 0) for audience in given.audiences) == 3


def test_an_unknown_segment_option_or_country_is_told_with_what_there_is(kept: Study) -> None:
    with pytest.raises(ConfigError, match="no segment 'Champs'") as caught:
        kept.audience("generic", segment="Champs")
    assert "1 Frequent big-basket regulars" in caught.value.found
    with pytest.raises(ConfigError, match="no option 'custmers'") as caught:
        kept.audience("generic", custmers="x.csv")
    assert "customers" in caught.value.remedy
    with pytest.raises(ConfigError, match="no country 'Atlantis'"):
        kept.audience("generic", country="Atlantis")


def test_the_same_study_and_options_give_the_same_bytes(kept: Study, customers: pd.DataFrame, tmp_path: Path) -> None:
    first = kept.audience("meta", customers=customers, country="GB").write(tmp_path / "first")
    second = kept.audience("meta", customers=customers.iloc[::-1], country="GB").write(tmp_path / "second")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_conditions_fit_as_well_as_they_say(study: Study) -> None:
    import duckdb

    for rule in segment_rules(study):
        if rule.builder != "sql" or not rule.text:
            continue
        customers = study.customers.reset_index()
        with duckdb.connect() as connection:
            connection.register("customers", customers.astype({"customer_id": object}))
            found = {row[0] for row in connection.execute(rule.text).fetchall()}
        members = set(study.customers.query(f"segment_id == {rule.segment_id}").index)
        own = next(s.rule for s in study.profiled if s.segment_id == rule.segment_id)
        assert own
        expected = study.customers.eval("order_count > 8.5 and recency_days <= 40")
        assert found == set(study.customers.index[expected])
        assert members


def test_a_builder_gets_conditions_of_what_it_knows_with_their_own_precision_and_coverage(study: Study) -> None:
    rules = {(rule.segment_id, rule.builder): rule for rule in segment_rules(study)}
    assert set(rules) == {(n, builder) for n in range(1, 6) for builder in ("sql", "shopify", "klaviyo")}
    for (segment_id, builder), rule in rules.items():
        if builder != "shopify" or not rule.text:
            continue
        found = _shopify_finds(study.customers, rule.text)
        inside = study.customers["segment_id"] == segment_id
        assert rule.precision == pytest.approx((found & inside).sum() / found.sum())
        assert rule.coverage == pytest.approx((found & inside).sum() / inside.sum())
        assert "share_" not in rule.text


def _shopify_finds(customers: pd.DataFrame, text: str) -> pd.Series:
    """Read conditions of Shopify's editor as the editor does, on the study's own numbers."""
    columns = {"number_of_orders": "order_count", "amount_spent": "net_revenue", "last_order_date": "recency_days"}
    found = pd.Series(True, index=customers.index)
    for condition in text.split("\nAND "):
        name, _, rest = condition.partition(" ")
        sign, value = rest.rsplit(" ", 1)
        if name == "customer_countries":
            codes = customers["country"].map({"United Kingdom": "'GB'", "Germany": "'DE'", "France": "'FR'"})
            found &= (codes == value) if sign == "CONTAINS" else (codes != value) & codes.notna()
        elif name == "last_order_date":
            days, limit = customers[columns[name]], int(value[1:-1])
            found &= days <= limit if sign == ">=" else days > limit
        else:
            number, cut = customers[columns[name]], float(value)
            found &= {">": number > cut, ">=": number >= cut, "<=": number <= cut}[sign]
    return found


def test_rules_are_told_in_words_and_as_plain_data(study: Study) -> None:
    rules = segment_rules(study, [1])
    text = rules_text(rules)
    assert "WHERE " in text
    assert "belong to the segment" in text
    assert json.loads(json.dumps(rules_document(rules)))[0]["builder"] == "sql"
