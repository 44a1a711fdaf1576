"""Recipes as JSON-safe data and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from coterie.errors import StudyError
from coterie.preparation.basis import Basis
from coterie.preparation.categories import Levels
from coterie.preparation.encoders import Category, Encoder, Flag, Number, ZeroOrMore
from coterie.preparation.missing import Fill
from coterie.preparation.transforms import Scale
from coterie.vocabulary import Barred, Block, Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.preparation.recipe import Recipe

#: Version of the data; a recipe of another version is refused.
FORMAT = 1
#: How each kind of encoder is called in the data.
ENCODERS: dict[str, type[Number | Flag | ZeroOrMore | Category]] = {
    "number": Number,
    "flag": Flag,
    "zero_or_more": ZeroOrMore,
    "category": Category,
}


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """Give a recipe as dictionaries, lists, texts and numbers."""
    return {
        "format": FORMAT,
        "n_fitted": recipe.n_fitted,
        "basis": basis_to_dict(recipe.basis),
        "encoders": [_encoder_to_dict(encoder) for encoder in recipe.encoders],
        "groups": dict(recipe.groups),
    }


def recipe_from_dict(data: Mapping[str, Any], make: type[Recipe]) -> Recipe:
    """Make a recipe; `make` is its class.

    Raises
    ------
    StudyError
        When the format is another one, or something is missing.
    """
    if data.get("format") != FORMAT:
        raise StudyError(
            "The stored preparation has a format that this version does not know.",
            found=f"Format {data.get('format')!r}; this version reads {FORMAT}.",
            remedy="Use the version of coterie that wrote the study, or run it again.",
        )
    try:
        encoders = tuple(_encoder_from_dict(encoder) for encoder in data["encoders"])
        groups = {str(name): int(size) for name, size in data["groups"].items()}
        return make(basis_from_dict(data["basis"]), encoders, groups, int(data["n_fitted"]))
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise StudyError(
            "The stored preparation is damaged.",
            found=f"{type(cause).__name__}: {cause}.",
            remedy="Restore the study folder from a copy, or run the study again.",
        ) from cause


def basis_to_dict(basis: Basis) -> dict[str, Any]:
    """Give a basis as JSON-safe data."""
    return {
        "features": [_feature_to_dict(feature) for feature in basis.features],
        "weights": dict(basis.weights),
        "left_out": dict(basis.left_out),
        "sentences": list(basis.sentences),
    }


def basis_from_dict(data: Mapping[str, Any]) -> Basis:
    """Make a basis from what `basis_to_dict` gave."""
    return Basis(
        features=tuple(_feature_from_dict(feature) for feature in data["features"]),
        weights={name: float(weight) for name, weight in data["weights"].items()},
        left_out=dict(data["left_out"]),
        sentences=tuple(data["sentences"]),
    )


def _feature_to_dict(feature: Feature) -> dict[str, Any]:
    data = asdict(feature)
    data["levels"] = list(feature.levels)
    data["barred"] = None if feature.barred is None else str(feature.barred)
    return data | {"kind": str(feature.kind), "block": str(feature.block)}


def _feature_from_dict(data: Mapping[str, Any]) -> Feature:
    barred = None if data["barred"] is None else Barred(data["barred"])
    typed = {"kind": Kind(data["kind"]), "block": Block(data["block"]), "barred": barred}
    return Feature(**{**data, **typed, "levels": tuple(data["levels"])})


def _encoder_to_dict(encoder: Encoder) -> dict[str, Any]:
    kind = next(name for name, cls in ENCODERS.items() if isinstance(encoder, cls))
    data = asdict(encoder)
    if isinstance(encoder, Category):
        data["levels"]["names"] = list(encoder.levels.names)
    return {"encoder": kind, **data}


def _encoder_from_dict(data: Mapping[str, Any]) -> Encoder:
    parts = {name: value for name, value in data.items() if name != "encoder"}
    if "levels" in parts:
        parts["levels"] = Levels(tuple(parts["levels"]["names"]), int(parts["levels"]["pooled"]))
    if "fill" in parts:
        parts["fill"] = Fill(**parts["fill"])
    if "scale" in parts:
        parts["scale"] = Scale(**parts["scale"])
    return ENCODERS[data["encoder"]](**parts)
