"""Settings: defaults, files, options, and what is said when one has no meaning."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from coterie.api import OPTIONS, configure
from coterie.cli.options import METHODS as METHODS_OF_THE_COMMAND_LINE
from coterie.config import METHODS, Config, dump_config, known_keys, load_config, make_config, override, segment_range
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_survive_a_round_trip_through_toml() -> None:
    config = override(
        Config(),
        {
            "search.method": "ward",
            "sources.columns": {"orders": {"customer_id": 'Kunde "Nr" é'}},
            "basis.weights": {"value": 2.0},
            "sources.column_names": ("a", "b"),
            "as_of": "2026-01-31",
        },
    )
    assert make_config(tomllib.loads(dump_config(config))) == config


def test_written_settings_explain_every_key() -> None:
    text = dump_config(Config())
    for key in known_keys():
        assert f"{key.rsplit('.', 1)[-1]} =" in text or f"[{key}]" in text, key
    assert "First day not seen" in text


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = tmp_path / "coterie.toml"
    path.write_text("[search]\nmax_segemnts = 5\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == (
        f"Something in the settings file '{path}' has no meaning.\n"
        "Unknown key 'search.max_segemnts'. Did you mean 'search.max_segments'?"
    )


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        make_config({"search": {"method": "magic", "sample": "many"}, "seed": -1})
    assert [line.split(" is ")[0] for line in caught.value.found.splitlines()] == [
        "Key 'seed'",
        "Key 'search.method'",
        "Key 'search.sample'",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("seed = 1\nseed = 2\n", "overwrite"),
        ("\tseed 3", "Expected"),
        ("seed = [1", "array"),
        ("seed = NO", "Invalid"),
    ],
)
def test_a_file_that_is_not_toml_is_refused_with_the_line(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "coterie.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="is not valid TOML") as caught:
        load_config(path)
    assert word in caught.value.found
    assert "(at " in caught.value.found


def test_an_empty_settings_file_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "coterie.toml"
    path.write_text("")
    assert load_config(path) == Config()


def test_a_missing_settings_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"The settings file '.*nowhere\.toml' cannot be read"):
        load_config(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(("wanted", "expected"), [(5, (5, 5)), ("5", (5, 5)), ("3..8", (3, 8)), ((3, 8), (3, 8))])
def test_a_number_of_segments_may_be_one_or_a_range(wanted: object, expected: tuple[int, int]) -> None:
    assert segment_range(wanted) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", ["five", 0, -1, "1.5", "1..4", 51, "", "3..", "2..3..4"])
def test_a_number_of_segments_without_meaning_is_refused_with_the_allowed_range(wanted: object) -> None:
    with pytest.raises(ConfigError) as caught:
        segment_range(wanted)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"The number of segments is {wanted!r}.\n"
        "Give one whole number from 2 to 50, as in --segments 5, or a range, as in --segments 3..8."
    )


def test_a_range_that_begins_with_the_larger_number_is_told_so_and_how_to_write_it() -> None:
    with pytest.raises(ConfigError, match=r"(?s)wrong way round.*--segments 3\.\.8"):
        segment_range("8..3")


def test_every_option_names_an_existing_setting() -> None:
    assert set(OPTIONS.values()) <= {*known_keys(), "basis.weights"}


def test_an_unknown_option_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match=r"There is no option 'segements'\.\nDid you mean 'segments'\?"):
        configure(segements=4)


def test_the_command_line_knows_the_same_methods_as_the_settings() -> None:
    assert METHODS_OF_THE_COMMAND_LINE == METHODS


def test_options_override_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "coterie.toml"
    path.write_text("seed = 4\n[search]\nmethod = 'ward'\n")
    config = configure(path, seed=7, segments="3..4", map={"orders.amount": "Total", "customer_id": "Id"})
    assert (config.seed, config.search.method, config.search.min_segments, config.search.max_segments) == (
        7,
        "ward",
        3,
        4,
    )
    assert config.sources.columns == {"orders": {"amount": "Total"}, "any": {"customer_id": "Id"}}
