"""The manifest: how a study came about, and every number on its page that is in no other table."""

from __future__ import annotations

import datetime as dt
import math
import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

from coterie.outputs import fairness, learned, worth
from coterie.outputs.plain import number_or_nan, to_plain
from coterie.version import __version__
from coterie.vocabulary import (
    Barred,
    Block,
    Fact,
    Feature,
    Finding,
    Kind,
    Play,
    Rule,
    Segment,
    Severity,
    Verdict,
    VerdictWord,
)

if TYPE_CHECKING:
    from coterie.clustering import Choice
    from coterie.pipeline import Segmentation

#: Version of the folder's format: a reader refuses a larger first number.
FORMAT_VERSION = (1, 0)

_LIBRARIES = ("duckdb", "numpy", "pandas", "scikit-learn", "scipy", "pyarrow", "matplotlib", "sqlglot")


def describe_run(segmentation: Segmentation) -> dict[str, Any]:
    """Make the manifest of a segmentation; the checksums of the files join it when the folder is written."""
    customers, choice = segmentation.customers, segmentation.choice
    return {
        "format_version": ".".join(map(str, FORMAT_VERSION)),
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "title": _title(segmentation),
        "as_of": to_plain(customers.as_of),
        "currency": customers.currency,
        "value": customers.value,
        "n_customers": len(customers),
        "n_segments": len(segmentation.segments),
        "verdict": to_plain(choice.verdict),
        "search": _search(segmentation),
        "basis": _basis(segmentation),
        "profiles": {
            "rule_fidelity": to_plain(segmentation.profiles.rule_fidelity),
            "rule_fidelity_unseen": to_plain(segmentation.profiles.rule_fidelity_unseen),
            "branches": [to_plain(branch) for branch in segmentation.profiles.tree],
            "tree": segmentation.profiles.tree_text,
        },
        "change": _change(segmentation),
        "holdout": _holdout(segmentation),
        "worth": worth.manifest(segmentation.worth),
        "learned": learned.to_plain(segmentation.learned),
        "privacy": fairness.manifest(segmentation.fairness, segmentation.config, segmentation.findings),
        "features": [to_plain(feature) for feature in _kept(segmentation)],
        "inputs": [to_plain(report) for report in segmentation.tables],
        "findings": [to_plain(finding) for finding in segmentation.findings],
        "config": segmentation.config.model_dump(mode="json"),
        "seed": segmentation.config.seed,
        "timings": to_plain(dict(segmentation.timings)),
        "peak_memory_mb": to_plain(peak_memory()),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of Coterie, Python and the libraries that numbers depend on."""
    return {"coterie": __version__, "python": platform.python_version()} | {
        name: metadata.version(name) for name in _LIBRARIES
    }


def peak_memory() -> float:
    """Largest resident size of this process so far, in MB; NaN where the system does not tell."""
    try:
        import resource
    except ImportError:
        return math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return round(peak * unit / 1e6, 1)


def read_verdict(data: dict[str, Any]) -> Verdict:
    """Give back the verdict that `describe_run` wrote."""
    return Verdict(
        word=VerdictWord(data["word"]),
        sentence=data["sentence"],
        p_value=number_or_nan(data["p_value"]),
        evidence={name: number_or_nan(value) for name, value in data["evidence"].items()},
        stability=number_or_nan(data["stability"]),
        segment_stability=tuple(number_or_nan(value) for value in data["segment_stability"]),
        details=tuple(data["details"]),
        meaning=str(data.get("meaning", "")),
    )


def read_feature(data: dict[str, Any]) -> Feature:
    """Give back a feature's entry of the catalogue."""
    typed = {
        "kind": Kind(data["kind"]),
        "block": Block(data["block"]),
        "barred": Barred(data["barred"]) if data["barred"] else None,
        "levels": tuple(data["levels"]),
    }
    return Feature(**(data | typed))


def read_finding(data: dict[str, Any]) -> Finding:
    """Give back a finding."""
    return Finding(**(data | {"severity": Severity(data["severity"]), "rows": tuple(data["rows"])}))


_SEGMENT_NUMBERS = (
    "value", "value_share", "value_per_customer", "stability", "stability_low", "stability_high", "stability_across",
)  # fmt: skip


def read_segment(data: dict[str, Any]) -> Segment:
    """Give back a segment from its entry in segments.json."""
    rule, play = data["rule"], data["play"]
    numbers = {name: number_or_nan(data[name]) for name in _SEGMENT_NUMBERS if name in data}
    return Segment(
        **(
            data
            | numbers
            | {
                "facts": tuple(_read_fact(fact) for fact in data["facts"]),
                "markers": tuple(data["markers"]),
                "rule": _read_rule(rule) if rule else None,
                "play": _read_play(play) if play else None,
                "typical": tuple(data["typical"]),
                "edge": tuple(data["edge"]),
            }
        )
    )


def _read_play(data: dict[str, Any]) -> Play:
    typed = {"value_at_stake": number_or_nan(data["value_at_stake"]), "featured": tuple(data.get("featured", ()))}
    return Play(**(data | typed))


def _read_fact(data: dict[str, Any]) -> Fact:
    numbers = {name: number_or_nan(data[name]) for name in ("segment_value", "overall_value")}
    return Fact(**(data | numbers))


def _read_rule(data: dict[str, Any]) -> Rule:
    conditions = tuple((feature, sign, float(threshold)) for feature, sign, threshold in data["conditions"])
    numbers = {name: number_or_nan(data[name]) for name in ("precision", "recall")}
    return Rule(**(data | numbers | {"conditions": conditions}))


def _kept(segmentation: Segmentation) -> list[Feature]:
    from coterie.outputs.tables import kept_features

    return [segmentation.customers.features[name] for name in kept_features(segmentation)]


def _title(segmentation: Segmentation) -> str:
    return segmentation.config.title or " and ".join(report.name for report in segmentation.tables) or "Customers"


def _search(segmentation: Segmentation) -> dict[str, Any]:
    choice = segmentation.choice
    return {
        "method": choice.method,
        "n_segments": int(choice.n_segments),
        "parameters": to_plain(dict(choice.parameters)),
        "reasons": list(choice.reasons),
        "account": {part: list(sentences) for part, sentences in choice.account.items()},
        **_trust(choice),
        "noise": choice.noise,
        "sample_size": len(choice.rows),
    }


def _trust(choice: Choice) -> dict[str, Any]:
    """Give how far to trust the choice; `trust_tested` is whether it was made in the way that was tested."""
    if choice.trust is None:
        return {"trust": None}
    return {
        "trust": to_plain(choice.trust.value),
        "trust_is_a_bound": choice.trust.below,
        "trust_tested": choice.trust.tested,
    }


def _change(segmentation: Segmentation) -> dict[str, Any] | None:
    """Give what became of an earlier study's segments; the moves themselves stand in moved.csv."""
    change = segmentation.profiles.change
    if change is None:
        return None
    return {
        "earlier": change.earlier,
        "kept": list(change.kept),
        "new": list(change.new),
        "vanished": [{"segment_id": identity, "name": name} for identity, name in change.vanished.items()],
        "retired": list(change.retired),
        "sentences": list(change.sentences),
    }


def _holdout(segmentation: Segmentation) -> dict[str, Any] | None:
    """Give what was found by holding earlier segments against later orders; its numbers stand in two tables."""
    found = segmentation.holdout
    if found is None:
        return None
    in_tables = {"segments", "explained", "differences"}
    return {name: value for name, value in to_plain(found).items() if name not in in_tables}


def _basis(segmentation: Segmentation) -> dict[str, Any]:
    basis = segmentation.basis
    return {
        "features": [feature.name for feature in basis.features],
        "weights": to_plain(dict(basis.weights)),
        "left_out": to_plain(dict(basis.left_out)),
        "sentences": list(basis.sentences),
        "recipe": list(segmentation.recipe.sentences),
    }
