# ruff: noqa: E501  messages and rows stay in one line
from __future__ import annotations

import pytest

from coterie.config import SourcesSettings
from coterie.errors import ConfigError, UnsafeGuessError
from coterie.sources.casting import CastRules, cast_dates, dates
from coterie.sources.columns import collect_values, make_groups
from sources.conftest import raw_table


@pytest.fixture
def cast(engine):
    """Cast a list of texts; gives the cast and the moment of each text (None = none, "bad" = unreadable)."""

    def run(texts, *, is_birthday=False, **settings):
        (group,) = make_groups(engine, [raw_table(engine, [{"day": text} for text in texts])])
        values = collect_values(engine, group, "day")
        done = cast_dates(engine, values, CastRules("t.csv", SourcesSettings(**settings)), is_birthday=is_birthday)
        rows = engine.rows(f"SELECT raw, strftime(value, '%Y-%m-%d %H:%M:%S'), bad FROM {done.relation}")
        found = {raw: "bad" if bad else value and value.removesuffix(" 00:00:00") for raw, value, bad in rows}
        return done, [found.get(text) for text in texts]

    return run


@pytest.mark.parametrize(
    ("texts", "moments"),
    [
        (["2024-01-31", "2024/2/1", "2024.02.03"], ["2024-01-31", "2024-02-01", "2024-02-03"]),
        (["2024-01-31 10:05", "2024-01-31T10:05:07.25"], ["2024-01-31 10:05:00", "2024-01-31 10:05:07"]),
        (["12/1/2010 8:26", "12/31/2010 17:00"], ["2010-12-01 08:26:00", "2010-12-31 17:00:00"]),
        (["01.02.2024", "31.12.2023"], ["2024-02-01", "2023-12-31"]),
        (["1/31/2024 1:05 PM", "1/31/2024 12:00 AM"], ["2024-01-31 13:05:00", "2024-01-31"]),
        (["20240131", "20240201"], ["2024-01-31", "2024-02-01"]),
        (["20240131093000", "20240131"], ["2024-01-31 09:30:00", "2024-01-31"]),
        (["3 March 2024", "31 déc. 2023", "1. Mär 2024"], ["2024-03-03", "2023-12-31", "2024-03-01"]),
        (["Jan 5, 2024", "12 de enero de 2024"], ["2024-01-05", "2024-01-12"]),
        (["Mon, 05 Feb 2024 10:00:00 +0000"], ["2024-02-05 10:00:00"]),
        (["45293", "45294.5"], ["2024-01-02", "2024-01-03 12:00:00"]),
        (["1704067200", "1704153600"], ["2024-01-01", "2024-01-02"]),
        (["1704067200000"], ["2024-01-01"]),
        (["1704067200000000"], ["2024-01-01"]),
        (["2024-01-01T00:00:00Z", "2024-01-01 00:30:00-05:00"], ["2024-01-01", "2024-01-01 05:30:00"]),
        (["2016-12-31 23:59:60"], ["2016-12-31 23:59:59"]),
        (["٢٠٢٤-٠١-٣١"], ["2024-01-31"]),
        (["6/16/14", "1/2/99"], ["2014-06-16", "1999-01-02"]),
        (["05/05/2024", "06/06/2024"], ["2024-05-05", "2024-06-06"]),
    ],
)
def test_dates_are_read_as_people_mean_them(cast, texts, moments):
    assert cast(texts)[1] == moments


def test_dates_that_stand_for_nothing_are_missing_and_told(cast):
    done, found = cast(["2024-01-31", "0000-00-00", "1900-01-00", "9999-12-31", "1970-01-01", "NULL", ""])
    assert found == ["2024-01-31", *[None] * 6]
    assert (done.filled, done.missing, done.bad) == (1, 6, 0)
    assert done.findings[0].message == (
        "4 cells of column 'day' hold a date that stands for nothing, such as 0000-00-00 or 1970-01-01; they count as missing."
    )
    assert cast(["1970-01-01"], is_birthday=True)[1] == ["1970-01-01"]


def test_impossible_dates_are_bad(cast):
    done, found = cast(["2024-02-30", "2024-01-01 25:00", "soon", "2024-01-01"])
    assert found == ["bad", "bad", "bad", "2024-01-01"]
    assert done.first_bad_row == 2


def test_day_and_month_that_nothing_tells_apart_are_refused(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["01/02/2024", "03/04/2024", "05/05/2024"])
    assert str(refused.value) == (
        "Day and month in column 'day' of 't.csv' cannot be told apart.\n"
        "2 cells look like 01/02/2024, and no cell has a number above 12 that would decide it.\n"
        "Say the order: --date-order dmy (1 February) or --date-order mdy (January 2)."
    )
    assert cast(["01/02/2024"], date_order="dmy")[1] == ["2024-02-01"]
    assert cast(["01/02/2024"], date_order="mdy")[1] == ["2024-01-02"]


def test_day_first_and_month_first_in_one_column_are_refused(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["31/12/2024", "12/31/2024"])
    assert "mixes day-first and month-first dates" in str(refused.value)
    assert cast(["31/12/2024", "12/31/2024"], date_order="dmy")[1] == ["2024-12-31", "bad"]


def test_two_forms_that_do_not_go_together_are_refused_with_a_row_each(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["13/04/2024", "2024-04-13"])
    assert str(refused.value) == (
        "Column 'day' of 't.csv' has dates in 2 forms that do not go together.\n"
        "1 cells like 31/12/2024, first in row 2; 1 cells like 2024-12-31, first in row 3.\n"
        "Export the dates in one form (2024-12-31 is the safest), or say the order of day and month: --date-order dmy or "
        "--date-order mdy."
    )
    assert cast(["13/04/2024", "2024-04-13"], date_order="dmy")[1] == ["2024-04-13", "2024-04-13"]


def test_epochs_of_two_units_are_refused(cast):
    with pytest.raises(UnsafeGuessError, match="2 forms that do not go together"):
        cast(["1704067200", "1704067200000"])


def test_two_digit_years_need_a_proved_order(cast):
    with pytest.raises(UnsafeGuessError) as refused:
        cast(["14/06/16", "01/02/03"])
    assert "with years of two digits" in str(refused.value)
    assert "--date-order ymd" in str(refused.value)
    done, _ = cast(["6/16/14"])
    assert done.findings[0].message == "The years of column 'day' have two digits; they are read as 1969 to 2068."
    assert cast(["14/06/16"], date_order="ymd")[1] == ["2014-06-16"]


def test_times_with_and_without_an_offset_need_a_zone(cast):
    texts = ["2024-07-01T10:00:00Z", "2024-07-01 10:00:00"]
    with pytest.raises(UnsafeGuessError) as refused:
        cast(texts)
    assert str(refused.value) == (
        "Column 'day' of 't.csv' mixes times with and without an offset.\n"
        "1 cells have one (such as Z or -05:00), 1 have none.\n"
        "Say in which zone the times without one were told, for example --timezone Europe/Berlin."
    )
    assert cast(texts, timezone="Europe/Berlin")[1] == ["2024-07-01 12:00:00", "2024-07-01 10:00:00"]
    with pytest.raises(ConfigError, match="There is no time zone 'Mars/Base'"):
        cast(texts, timezone="Mars/Base")


def test_excel_days_and_epochs_are_told(cast):
    assert cast(["45293"])[0].findings[0].message == (
        "Column 'day' holds Excel day numbers; they are read as days since 1899-12-30."
    )
    assert cast(["1704067200"])[0].findings[0].message == "Column 'day' holds seconds since 1970; they are read as UTC."


def test_the_rule_says_what_decided(cast):
    assert cast(["12/31/2010", "1/2/2011"])[0].rule == (
        "date (month/day/year, proved by 1 cells whose second number is above 12)"
    )


def test_plain_dates_are_parted_as_those_with_a_blank_before_them_are(engine):
    days = [
        "2024-01-31",
        "2024/2/1",
        "2024.02.03",
        "0000-00-00",
        "31/12/2024",
        "1.2.2024",
        "12-31-2024",
        "2024-13-41",
        "99/99/2024",
    ]
    plain = [day + clock for day in days for clock in ("", " 8:05", "T23:59:60", " 24:00:00", " 07:61:09")]
    relations = [_parted(engine, texts) for texts in (plain, [f" {text}" for text in plain])]
    assert relations[0] == relations[1]
    assert {row[1] for row in relations[0]} == {"ymd", "four"}


def _parted(engine, texts):
    (group,) = make_groups(engine, [raw_table(engine, [{"day": text} for text in texts])])
    parsed = dates._parse(engine, collect_values(engine, group, "day"))
    told = "form, a, b, c, c_length, missing, n, first_row, shift, has_clock, clock_text"
    return engine.rows(f"SELECT trim(raw), {told} FROM {parsed} ORDER BY first_row")
