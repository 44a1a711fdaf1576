"""What a person changed of a study reaches everything that is made of it, and the study itself stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coterie.errors import ConfigError
from coterie.outputs import (
    PLAY_FIELDS,
    SegmentEdit,
    cleaned,
    edits_from_plain,
    edits_to_plain,
    in_new_words,
    with_edits,
    write_single,
)
from coterie.outputs.conditions import segment_rules
from coterie.outputs.page import segments as pages
from coterie.outputs.report import render_report

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.outputs import Study

GOLD = {1: SegmentEdit(name="Gold", note="Call them.", play={"offer": "A free plant"})}


def test_a_new_name_stands_in_tables_customers_and_lists(study: Study) -> None:
    old = study.profiled[0].name
    edited = with_edits(study, GOLD)
    assert edited.segments["name"].iloc[0] == "Gold"
    assert edited.campaigns["segment"].iloc[0] == "Gold"
    inside = edited.customers["segment_id"] == 1
    assert set(edited.customers.loc[inside, "segment"]) == {"Gold"}
    assert old not in set(edited.customers["second_segment"]) | set(edited.customers["segment"])
    found = edited.audience("generic", segment="Gold")
    assert set(found.frame["segment_name"]) == {"Gold"}
    assert {rule.segment for rule in segment_rules(edited, ["Gold"])} == {"Gold"}


def test_the_report_has_the_new_words_and_none_of_the_old_name(study: Study) -> None:
    old = study.profiled[0].name
    # Segments of an earlier day, held against later orders, have names of their own.
    tables = {name: table for name, table in study.tables.items() if not name.startswith("holdout")}
    without = replace(study, manifest=dict(study.manifest) | {"holdout": None}, tables=tables)
    page = render_report(with_edits(without, GOLD))
    assert "Call them." in page
    assert "A free plant" in page
    assert "Gold" in page
    assert old not in page


def test_the_study_itself_stays_as_it_was(study: Study) -> None:
    names = [segment.name for segment in study.profiled]
    with_edits(study, GOLD)
    assert [segment.name for segment in study.profiled] == names
    assert study.segments["name"].tolist() == names
    assert "edited" not in study.manifest
    assert with_edits(study, {}) is study
    assert with_edits(study, {99: SegmentEdit(name="Nobody")}) is study


def test_only_words_change(study: Study) -> None:
    edited = with_edits(study, {1: SegmentEdit(name="Gold", colour="#d98fb5")})
    words = ["name", "note"]
    assert edited.segments.drop(columns=words).equals(
        study.segments.drop(columns=[w for w in words if w in study.segments])
    )
    assert edited.customers.drop(columns=["segment", "second_segment"]).equals(
        study.customers.drop(columns=["segment", "second_segment"])
    )
    assert edited.model is study.model
    assert edited.manifest["edited"] == [1]


def test_names_can_change_places_also_within_sentences(study: Study) -> None:
    first, second = study.profiled[0].name, study.profiled[1].name
    told = replace(study.profiled[2], elsewhere=f"It goes into “{first}” and “{second}”; see {first}.")
    changed = replace(study, profiled=(*study.profiled[:2], told, *study.profiled[3:]))
    edited = with_edits(changed, {1: SegmentEdit(name=second), 2: SegmentEdit(name=first)})
    assert [segment.name for segment in edited.profiled[:2]] == [second, first]
    assert edited.profiled[2].elsewhere == f"It goes into “{second}” and “{first}”; see {second}."


def test_a_name_of_one_word_is_no_everyday_word_in_sentences(study: Study) -> None:
    named = replace(study.profiled[0], name="Regulars", summary="Regulars buy often; “Regulars” are loyal.")
    changed = replace(study, profiled=(named, *study.profiled[1:]))
    edited = with_edits(changed, {1: SegmentEdit(name="Gold")})
    assert edited.profiled[0].summary == "Regulars buy often; “Gold” are loyal."


def test_a_chosen_colour_is_that_of_every_page(study: Study) -> None:
    edited = with_edits(study, {2: SegmentEdit(colour="#d98fb5")})
    colours = [entry["colour"] for entry in pages.describe_all(edited)]
    assert colours[1] == "#d98fb5"
    assert len(set(colours)) == len(colours)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({1: SegmentEdit(name="x" * 81)}, "too long"),
        ({1: SegmentEdit(name="12")}, "bare number"),
        ({1: SegmentEdit(note="x" * 2001)}, "too long"),
        ({1: SegmentEdit(play={"offer": "x" * 2001})}, "too long"),
        ({1: SegmentEdit(colour="red")}, "told apart"),
        ({1: SegmentEdit(colour="#e08214")}, "same colour"),
        ({1: SegmentEdit(play={"price": "1"})}, "no part"),
        ({1: SegmentEdit(name="Gold"), 2: SegmentEdit(name="GOLD")}, "same name"),
    ],
)
def test_edits_without_a_meaning_are_refused_and_name_no_customer(
    study: Study, edits: dict[int, SegmentEdit], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        with_edits(study, edits)


def test_hidden_characters_are_taken_out_of_what_was_typed_and_letters_of_all_languages_stay() -> None:
    assert cleaned("gold\u202e\x00gnp\u200b") == "goldgnp"
    assert cleaned("a\r\nb\tc") == "a b c"
    assert cleaned(" a \r\n\r\n  b\x1b ", lines=True) == "a\n\nb"
    for text in ("Ärzte & Œuvre", "プレミアム客", "عملاء مميزون", "👩\u200d👧 families", "می\u200cخواهم"):
        assert cleaned(text) == text


def test_edits_come_back_from_plain_data_as_they_were() -> None:
    edits = {3: SegmentEdit(name="Gold", play={"offer": "A plant"}), 1: SegmentEdit()}
    assert edits_from_plain(edits_to_plain(edits)) == {3: edits[3]}
    assert set(edits[3].play) <= set(PLAY_FIELDS)


def test_a_formula_as_a_name_cannot_run_in_a_spreadsheet(study: Study, tmp_path: Path) -> None:
    edited = with_edits(study, {1: SegmentEdit(name="=1+1", note="@SUM(A1)")})
    for name in ("segments.csv", "customers.csv"):
        text = write_single(edited, name, tmp_path / name).read_text(encoding="utf-8")
        assert ",=1+1" not in text
        assert "'=1+1" in text


def test_a_single_file_is_the_one_of_the_folder(study: Study, folder: Path, tmp_path: Path) -> None:
    for name in ("segments.csv", "segments.json", "campaigns.csv", "profiles.csv", "customers.csv"):
        assert write_single(study, name, tmp_path / name).read_bytes() == (folder / name).read_bytes()
    with pytest.raises(ConfigError, match=r"no file"):
        write_single(study, "../x", tmp_path / "x")


def test_the_reason_of_a_customer_quotes_the_new_name_and_keeps_the_words_of_the_shop(study: Study) -> None:
    old, other = study.profiled[0].name, study.profiled[1].name
    people = study.customers.assign(reason=f"City is {old}, close to ‘{old}’ and ‘{other}’.")
    people.loc[people.index[0], "reason"] = None
    edited = with_edits(replace(study, customers=people), {1: SegmentEdit(name=other), 2: SegmentEdit(name=old)})
    assert set(edited.customers["reason"].iloc[1:]) == {f"City is {old}, close to ‘{other}’ and ‘{old}’."}
    assert edited.customers["reason"].isna().sum() == 1
    assert in_new_words({})(f"‘{old}’") == f"‘{old}’"
