"""Customer tables that are spoiled, and settings that mean nothing, through the front door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import coterie
from acceptance.bad_tables import CUSTOMER_HEADER, ROWS, customer_rows, text
from coterie.cli.main import main
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.pipeline import Understood


def checked(folder: Path, columns: dict[str, list[str]], **options: object) -> Understood:
    """Check 90 good customers with further columns, or other values in their own."""
    header = [*CUSTOMER_HEADER, *(name for name in columns if name not in CUSTOMER_HEADER)]
    own = dict(zip(CUSTOMER_HEADER, zip(*customer_rows(), strict=True), strict=True))
    cells = [columns.get(name) or own[name] for name in header]
    path = folder / "people.csv"
    path.write_text(text([list(row) for row in zip(*cells, strict=True)], header), encoding="utf-8")
    return coterie.check(str(path), **options)


def told(understood: Understood) -> list[str]:
    return [finding.message for finding in understood.findings if finding.code != "few-customers"]


def basis(understood: Understood) -> set[str]:
    return {feature.name for feature in understood.basis.features}


def test_missing_values_are_counted_for_each_column(tmp_path: Path) -> None:
    ages = ["?" if i < 3 else str(20 + i % 40) for i in range(90)]
    incomes = ["" if i < 5 else str(20_000 + 311 * i) for i in range(90)]
    understood = checked(tmp_path, {"age": ages, "income": incomes})
    assert told(understood) == ["Values are missing: 5 in column 'income', 3 in column 'age'."]
    assert int(understood.customers.frame["age"].isna().sum()) == 3


def test_columns_that_say_the_same_are_told_and_count_once(tmp_path: Path) -> None:
    incomes = [row[2] for row in customer_rows()]
    understood = checked(tmp_path, {"pay_a_year": [str(12 * int(income) + 5) for income in incomes]})
    assert told(understood) == [
        "Column 'pay_a_year' says the same as column 'income'; a basis that is not asked for holds one of them."
    ]
    assert len(basis(understood) & {"income", "pay_a_year"}) == 1


def test_columns_in_which_nearly_all_or_all_are_alike_are_told_and_do_not_count(tmp_path: Path) -> None:
    points = ["0" if i else "7" for i in range(90)]
    understood = checked(tmp_path, {"points": points, "shop": ["x"] * 90, "fax": [""] * 90})
    assert told(understood) == [
        "Column 'shop' is not used to build segments: the same value in every row.",
        "Column 'fax' is not used to build segments: nearly empty.",
        "98.9% of the values of column 'points' are the same, so it hardly tells customers apart.",
    ]
    assert not basis(understood) & {"points", "shop", "fax"}


def test_words_for_nothing_stay_values_where_they_may_be_meant(tmp_path: Path) -> None:
    understood = checked(tmp_path, {"country": ["NA" if i % 3 else "DE" for i in range(90)]})
    assert told(understood) == [
        "60 cells of column 'country' say 'NA' or 'None'; they are kept as a value of their own."
    ]
    assert set(understood.customers.frame["country"]) == {"NA", "DE"}


def test_percent_signs_are_told(tmp_path: Path) -> None:
    understood = checked(tmp_path, {"discount_rate": [f"{i % 50}%" for i in range(90)]})
    assert told(understood) == ["Column 'discount_rate' has percent signs: 5% is read as 5, not as 0.05."]
    assert understood.customers.frame["discount_rate"].max() == 49


def test_personal_data_in_columns_of_other_names_are_told_and_never_become_features(tmp_path: Path) -> None:
    columns = {
        "notes": [f"write to p{i}@mail.example" for i in range(90)],
        "memo": ["4111 1111 1111 1111"] * 45 + ["5500 0000 0000 0004"] * 45,
        "ref": ["DE89370400440532013000"] * 45 + ["GB29NWBK60161331926819"] * 45,
    }
    understood = checked(tmp_path, columns)
    assert told(understood) == ["Columns 'notes', 'memo', 'ref' are not used to build segments: personal data."]
    assert not set(columns) & set(understood.customers.features)


@pytest.mark.parametrize(
    ("column", "what"), [("email", "personal data"), ("E-Mail", "personal data"), ("customer_id", "an identifier")]
)
def test_columns_that_say_who_somebody_is_are_refused_as_a_basis(tmp_path: Path, column: str, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        checked(tmp_path, {"email": [f"p{i}@mail.example" for i in range(90)]}, basis=(column, "age"))
    assert str(refused.value) == (
        f"Column '{column}' cannot be part of the basis.\n"
        f"It holds {what}, which says who a customer is, not what kind of customer.\n"
        f"Take '{column}' out of --basis ([basis] columns)."
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("segemnts = 3\n", "Unknown key 'segemnts'. Did you mean 'search.min_segments'?"),
        ("[serach]\nmethod = 'kmeans'\n", "Unknown key 'serach'. Did you mean 'search'?"),
        ("memory = 'lots'\n", "Key 'memory' is 'lots': write a number and MB or GB, as in 2GB."),
        ("as_of = '01/02/2024'\n", "Key 'as_of' is '01/02/2024': write the date as 2026-01-31."),
        ("[search]\nmin_segments = 8\nmax_segments = 3\n",
         "Key 'search.max_segments' is 3: value error, must not be smaller than min_segments."),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(tmp_path: Path, toml: str, message: str) -> None:
    (tmp_path / "shop.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(text(ROWS), encoding="utf-8")
    result = CliRunner().invoke(
        main, ["check", str(tmp_path / "orders.csv"), "--config", str(tmp_path / "shop.toml"), "-q"]
    )
    settings = tmp_path / "shop.toml"
    assert result.stderr == f"coterie: Something in the settings file '{settings}' has no meaning.\n{message}\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("wanted", ["0", "-1", "1.5", "five"])
def test_impossible_numbers_of_segments_are_refused(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "orders.csv").write_text(text(ROWS), encoding="utf-8")
    result = CliRunner().invoke(main, ["segment", str(tmp_path / "orders.csv"), "--segments", wanted])
    assert result.stderr == (
        f"coterie: The number of segments is '{wanted}'.\n"
        "Give one whole number from 2 to 50, as in --segments 5, or a range, as in --segments 3..8.\n"
    )
    assert result.exit_code == 2


def test_a_range_of_segments_the_wrong_way_round_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(text(ROWS), encoding="utf-8")
    result = CliRunner().invoke(main, ["segment", str(tmp_path / "orders.csv"), "--segments", "8..3"])
    assert "the wrong way round: '8..3'" in result.stderr
    assert "--segments 3..8" in result.stderr
    assert result.exit_code == 2
