"""What measured campaigns taught, kept beside their plan and read by the next study."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from coterie.campaigns import PlayTest
from coterie.errors import StudyError
from coterie.outputs.plain import dump_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coterie.outputs.study import Study

#: What the name of the file beside a plan ends with.
ENDING = "-learned.json"
_KEPT = tuple(field.name for field in dataclasses.fields(PlayTest) if field.name != "is_of_earlier")


def keep_learned(plan: Path, tests: Sequence[PlayTest]) -> Path:
    """Write what a campaign taught beside the folder of its plan, in place of what an earlier measurement wrote."""
    path = beside(plan)
    rough = path.with_name(f".{path.name}.part")
    rough.write_bytes(dump_json({"format_version": "1.0", "kind": "learned", "tests": to_plain(tests)}))
    return rough.replace(path)


def hand_on(plan: Path, study: Path) -> None:
    """Put what a campaign taught beside the folder of its study, where a later study of that one looks for it.

    Parameters
    ----------
    plan, study : Path
        Folders that need not lie beside each other. Nothing happens where the campaign taught nothing.
    """
    kept = beside(plan)
    if kept.is_file():
        kept.replace(study.with_name(f"{study.name}-plan-{kept.name}"))


def beside(plan: Path) -> Path:
    """Where `keep_learned` writes for a plan."""
    folder = plan.resolve()
    return folder.with_name(f"{folder.name}{ENDING}")


def to_plain(tests: Sequence[PlayTest]) -> list[dict[str, Any]]:
    """Give tests as JSON holds them."""
    return [{name: getattr(test, name) for name in _KEPT} for test in tests]


def read_learned(path: Path) -> tuple[PlayTest, ...]:
    """Read what a campaign taught: from the folder of its results, or the file beside its plan.

    Raises
    ------
    StudyError
        It is missing, was not measured against a plan of Coterie's, or is damaged.
    """
    file = path / "results.json" if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return tuple(_tested(entry) for entry in data["tests"])
    except OSError as cause:
        raise StudyError(
            f"The results '{path}' cannot be read.",
            found=cause.strerror or "",
            remedy="Name the folder that `coterie measure` wrote.",
        ) from cause
    except (ValueError, KeyError, TypeError) as cause:
        raise StudyError(
            f"'{path}' does not say which plays were tested.",
            remedy="Name the folder that `coterie measure PLAN RESULTS` wrote.",
        ) from cause


def learned_for(earlier: Study | None, named: Sequence[Path]) -> tuple[PlayTest, ...]:
    """Collect what is known of plays for a new study.

    Parameters
    ----------
    earlier : Study, optional
        The study whose segments the new one continues: what it had learned, and the tests of the plans beside it.
    named : sequence of Path
        Further results.
    """
    found: list[PlayTest] = []
    if earlier is not None:
        found += [_tested(entry) for entry in earlier.manifest.get("learned", [])]
        found += [test for path in _plans_of(earlier) for test in read_learned(path)]
        found = [dataclasses.replace(test, is_of_earlier=True) for test in found]
    return (*found, *(test for path in named for test in read_learned(path)))


def _plans_of(study: Study) -> list[Path]:
    """Files of what was learned from the plans of a study, in the order of their names."""
    if study.folder is None:
        return []
    folder = study.folder.resolve()
    return sorted([*folder.parent.glob(f"{folder.name}-plan*{ENDING}"), *folder.glob(f"plan*{ENDING}")])


def _tested(entry: dict[str, Any]) -> PlayTest:
    texts = {name: str(entry[name]) for name in _KEPT}
    return PlayTest(
        segment_id=int(entry["segment_id"]),
        segment=texts["segment"],
        play=texts["play"],
        title=texts["title"],
        verdict=texts["verdict"],
        sentence=texts["sentence"],
    )
