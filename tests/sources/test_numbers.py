from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from coterie.config import SourcesSettings
from coterie.errors import UnsafeGuessError
from coterie.sources.casting import CastRules, cast_numbers, decimal_evidence, native, numbers
from coterie.sources.columns import collect_values, make_groups
from sources.conftest import raw_table


@pytest.fixture
def cast(engine):
    """Cast a list of texts; gives the cast and the value of each text (None = none, "bad" = unreadable)."""

    def run(texts, *, other_columns=None, delimiter="", **settings):
        raw = raw_table(engine, [{"price": text} for text in texts])
        (group,) = make_groups(engine, [raw])
        values = collect_values(engine, group, "price")
        rules = CastRules("table.csv", SourcesSettings(**settings), other_columns, delimiter)
        done = cast_numbers(engine, values, rules)
        found = {
            raw: "bad" if bad else value
            for raw, value, bad in engine.rows(f"SELECT raw, value, bad FROM {done.relation}")
        }
        return done, [found.get(text) for text in texts]

    return run


@pytest.mark.parametrize(
    ("texts", "meant"),
    [
        (["12.5", "1,234.56", "7"], ["12.5", "1234.56", "7"]),
        (["12,5", "1.234,56", "7"], ["12.5", "1234.56", "7"]),
        (["1,234,567", "1,234"], ["1234567", "1234"]),
        (["1.234.567", "1.234"], ["1234567", "1234"]),
        (["12 500", "1\u00a0234", "1\u202f000,5"], ["12500", "1234", "1000.5"]),
        (["1'234.50", "1\u2019000"], ["1234.50", "1000"]),
        (["(5.50)", "6.50-", "\u22125.5", "-1"], ["-5.5", "-6.5", "-5.5", "-1"]),
        (["$5.50", "$ 1,000.00", "-$3", "$-4", "($2.00)"], ["5.5", "1000", "-3", "-4", "-2"]),
        (["6,50 €", "1.000,00 €", "€7"], ["6.5", "1000", "7"]),
        (["USD 5", "5.5 USD"], ["5", "5.5"]),
        (["٣٫٥", "१२.५"], ["3.5", "12.5"]),
        (["\uff11\uff12.5", "1.5"], ["12.5", "1.5"]),
        (["5%", "12.5 %"], ["5", "12.5"]),
        (["1e3", "2.5E-1"], ["1000", "0.25"]),
        (["-0.0", "0"], ["0", "0"]),
        (["1,00,000", "12.5"], ["100000", "12.5"]),
        ([" $84,835.00 ", "$1.00"], ["84835", "1"]),
    ],
)
def test_numbers_are_read_as_people_mean_them(cast, texts, meant):
    _, found = cast(texts)
    assert found == [Decimal(number) for number in meant]


def test_words_for_nothing_give_no_value_and_are_counted(cast):
    done, found = cast(["1", "n/a", "NULL", "-", "?", "#N/A", "NA", "  ", None])
    assert found[0] == 1
    assert found[1:] == [None] * 8
    assert (done.filled, done.missing, done.bad) == (1, 7, 0)
    assert done.rule == "number (whole numbers); 7 cells with a word for 'missing'"


def test_what_is_no_number_is_bad_with_its_first_row(cast):
    done, found = cast(["1", "abc", "inf", "1e400", "1e308", "12.3.4", "1,2,3"])
    assert found == [1, *["bad"] * 6]
    assert (done.bad, done.first_bad_row) == (6, 3)


def test_points_that_could_be_thousands_or_decimals_are_refused(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["1.234", "12.500", "7"])
    assert str(refused.value) == (
        "The numbers of column 'price' of 'table.csv' can be read in two ways.\n"
        "2 cells look like 1.234: thousands or decimals? No other cell decides it.\n"
        "Say what the decimal mark is: --decimal . or --decimal ,"
    )


@pytest.mark.parametrize(
    ("how", "number"),
    [
        ({"decimal": "."}, "1.234"),
        ({"decimal": ","}, "1234"),
        ({"other_columns": ","}, "1234"),
        ({"other_columns": "."}, "1.234"),
    ],
)
def test_a_setting_or_the_other_columns_decide_what_a_point_means(cast, how, number):
    assert cast(["1.234"], **how)[1] == [Decimal(number)]


def test_a_long_number_without_marks_says_that_thousands_have_none(cast):
    assert cast(["1.234", "5678"])[1] == [Decimal("1.234"), Decimal(5678)]


def test_a_lone_comma_is_read_as_thousands_and_told_but_not_beside_semicolons(cast):
    done, found = cast(["1,234", "12,500"])
    assert found == [1234, 12500]
    assert done.findings[0].message == (
        "2 cells of column 'price' look like 1,234 and are read as thousands (one thousand two hundred thirty-four)."
    )
    with pytest.raises(UnsafeGuessError, match="--decimal"):
        cast(["1,234"], delimiter=";")


def test_both_decimal_marks_in_one_column_are_refused(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["1,5", "2.5"])
    assert str(refused.value) == (
        "Column 'price' of 'table.csv' mixes decimal points and decimal commas.\n"
        "1 cells look like 1,234.5 or 12.5 and 1 like 1.234,5 or 12,5.\n"
        "Say which mark is right with --decimal . or --decimal , (the other cells count as unreadable)."
    )
    assert cast(["1,5", "2.5"], decimal=",")[1] == [Decimal("1.5"), "bad"]


def test_percent_signs_are_told(cast):
    done, _ = cast(["5%"])
    assert done.findings[0].message == "Column 'price' has percent signs: 5% is read as 5, not as 0.05."


def test_a_column_can_prove_the_decimal_mark_to_others(engine):
    (group,) = make_groups(engine, [raw_table(engine, [{"a": "1,5", "b": "1.234", "c": "1.5"}])])
    marks = [decimal_evidence(engine, collect_values(engine, group, column)) for column in "abc"]
    assert marks == [",", None, "."]


def test_bare_digits_are_told_apart_as_those_with_something_around_them_are(engine):
    bare = ["0", "7", "999", "1000", "0123", "1.5", "1.234", "0.123", "12.345", "123.456", "1234.567", "9.", "00.100"]
    bare += ["-1.234", "-7", "-0.5"]
    dressed = [f"{text} " for text in bare]
    shapes = [_shapes(engine, texts) for texts in (bare, dressed)]
    assert shapes[0] == shapes[1]
    assert set(shapes[0].values()) == {("whole",), ("long_whole",), ("point",), ("point_maybe",)} | {
        (shape, "negative") for shape in ("whole", "point", "point_maybe")
    }


def _shapes(engine, texts):
    engine.run("CREATE OR REPLACE TABLE texts AS SELECT unnest(" + repr(texts) + ") AS raw, 1 AS n")
    rows = engine.rows(f"SELECT raw, core, shape, negative, missing, percent, mark FROM ({numbers._parsed('texts')})")
    assert not any(any(row[4:]) for row in rows)
    return {
        (raw.strip(), core): (shape, *(["negative"] if negative else [])) for raw, core, shape, negative, *_ in rows
    }


@pytest.mark.parametrize("seed", range(3))
def test_short_numbers_are_read_faster_and_not_otherwise(engine, seed):
    draw = np.random.default_rng(seed)
    drawn = [
        draw.random(2_000),
        draw.normal(size=2_000) * 1e8,
        np.round(draw.random(2_000) * 100, 11),
        10 ** draw.uniform(-14, 16, 2_000),
    ]
    texts = [repr(float(x)) for x in np.concatenate(drawn)] + [
        "0.00000000005",
        "99999999.99999999995",
        "1e400",
        "",
        "5.",
    ]
    engine.register("written", pa.table({"t": texts}))
    other = f"{numbers.exact_sql('t')} IS DISTINCT FROM TRY_CAST(t AS {numbers.EXACT})"
    assert engine.value(f"SELECT count(*) FROM written WHERE {other}") == 0
    doubled = f"SELECT TRY_CAST(t AS DOUBLE) AS x, CAST(TRY_CAST(t AS {numbers.EXACT}) AS DOUBLE) AS ten FROM written"
    unlike = f"abs(x) < 1e15 AND {native._ten_places('x')} IS DISTINCT FROM ten"
    assert engine.value(f"SELECT count(*) FROM ({doubled}) WHERE {unlike}") == 0
