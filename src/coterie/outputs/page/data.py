"""What the report says about the data: what was read, what was wrong with it, and what each feature means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.words import shown
from coterie.profiles import listed
from coterie.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coterie.outputs.study import Study

_MOST_COLUMNS = 30
_SEVERITIES = {
    Severity.STOP: ("poor", "Must be fixed"),
    Severity.WARNING: ("fair", "Needs a look"),
    Severity.NOTE: ("record", "For the record"),
}


def account(study: Study) -> dict[str, Any]:
    """Give the tables with an account of their rows, the findings, the glossary, and how the study was made."""
    return {
        "tables": [_table(report, _described(study)) for report in study.manifest["inputs"]],
        "findings": [_finding(finding) for finding in study.findings],
        "glossary": _glossary(study),
        "making": _making(study),
    }


def _described(study: Study) -> set[str]:
    """Give the columns of customer tables that became features as they stand."""
    found = (re.match(r"Column '(.+)' of ", feature.meaning) for feature in study.features.values())
    return {match.group(1) for match in found if match}


def _table(report: dict[str, Any], described: set[str]) -> dict[str, Any]:
    left_out = report["rows_left_out"]
    formats = [f"{name.replace('_', ' ')} {shown(value, 40)}" for name, value in report["formats"].items()]
    return {
        "name": shown(report["name"], 80),
        "kind": report["kind"],
        "evidence": shown(report["kind_evidence"], 200),
        "read": words.count(report["rows_read"]),
        "kept": words.count(report["rows_kept"]),
        "left_out": words.count(sum(left_out.values())),
        "reasons": [{"reason": shown(reason, 120), "rows": words.count(rows)} for reason, rows in left_out.items()],
        "formats": ", ".join(formats),
        "guesses": [
            {
                "role": guess["role"].replace("_", " "),
                "column": shown(guess["column"], 60),
                "evidence": shown(guess["evidence"], 200),
                "sure": "as you said" if guess["confidence"] >= 1 else f"{100 * guess['confidence']:.0f} % sure",
            }
            for guess in report["guesses"]
        ],
        "as_they_stand": _columns(column for column in report["unused"] if column in described),
        "unused": _columns(column for column in report["unused"] if column not in described),
    }


def _columns(names: Iterable[str]) -> str:
    return listed([shown(name, 40) for name in names][:_MOST_COLUMNS])


def _finding(finding: Any) -> dict[str, str]:  # noqa: ANN401  a Finding
    tone, label = _SEVERITIES[finding.severity]
    place = shown(finding.table, 60) + (f", column {shown(finding.column, 60)}" if finding.column else "")
    return {
        "tone": tone,
        "label": label,
        "message": shown(finding.message, 600),
        "remedy": shown(finding.remedy, 600),
        "place": place.removeprefix(", "),
    }


def _glossary(study: Study) -> list[dict[str, str]]:
    basis = set(study.manifest["basis"]["features"])
    return [
        {
            "label": shown(feature.label, 60),
            "name": shown(feature.name, 60),
            "unit": _unit(feature.unit, study.currency),
            "meaning": shown(feature.meaning, 300),
            "role": "basis" if feature.name in basis else "describes",
        }
        for feature in study.features.values()
    ]


def _unit(unit: str, currency: str) -> str:
    if unit == "currency":
        return currency or "money"
    return "% of all" if unit == "share" else unit


def _making(study: Study) -> list[dict[str, str]]:
    manifest = study.manifest
    seconds = sum(value for value in manifest["timings"].values() if value)
    making = [
        {"label": "Seed", "value": str(manifest["seed"])},
        {"label": "Time taken", "value": f"{seconds:.0f} seconds" if seconds >= 1 else "under a second"},
        {"label": "Coterie", "value": manifest["versions"]["coterie"]},
    ]
    if manifest["peak_memory_mb"]:
        making.append({"label": "Peak memory", "value": f"{manifest['peak_memory_mb']:,.0f} MB"})
    return making
