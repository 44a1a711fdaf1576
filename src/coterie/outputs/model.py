"""What it takes to place a new customer: the fitted preparation and the assignment rule, as JSON and plain arrays."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.errors import StudyError
from coterie.memory import let_go
from coterie.outputs.plain import to_plain
from coterie.vocabulary import Families

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.clustering import Assigner
    from coterie.pipeline import Segmentation
    from coterie.preparation import Recipe

_NAME = re.compile(r"[a-z0-9_]{1,64}")
_LARGEST = 2**28  # numbers in one array
_SMALLEST_CELL = 10  # customers behind a category that the model may name


@dataclass(frozen=True)
class Model:
    """The recipe, the assigner and the names of the segments.

    Attributes
    ----------
    recipe, assigner : dict
        As `Recipe.to_dict` and `Assigner.to_dict` gave them.
    arrays : mapping of str to ndarray
        The assigner's numbers.
    segment_of_label : tuple of int
        Segment id of cluster label 0, 1, …
    ranges : mapping of str to (float, float)
        Where 99 % of the customers lay, per numeric feature of the basis: the measure of drift.
    levels : mapping of str to tuple of str
        Categories that at least ten customers had, per category of the basis.
    families : Families
        Which of the shop's values have a feature of their own, and which derived group each product belongs to.
    """

    recipe: dict[str, Any]
    assigner: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    segment_of_label: tuple[int, ...]
    features: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]
    levels: Mapping[str, tuple[str, ...]]
    families: Families = field(default_factory=Families)

    def restore(self) -> tuple[Recipe, Assigner]:
        """Make the fitted recipe and assigner again."""
        from coterie.clustering import Assigner
        from coterie.preparation import Recipe

        return Recipe.from_dict(self.recipe), Assigner.from_parts(self.assigner, dict(self.arrays))


def make_model(segmentation: Segmentation) -> Model:
    """Take from a segmentation what scoring needs. No customer's row is in it."""
    frame, features = segmentation.customers.frame, segmentation.basis.features
    assigner = segmentation.choice.assigner
    return Model(
        recipe=to_plain(segmentation.recipe.to_dict()),
        assigner=to_plain(assigner.to_dict()),
        arrays={name: np.ascontiguousarray(array) for name, array in assigner.arrays().items()},
        segment_of_label=tuple(int(identity) for identity in segmentation.profiles.id_of_label),
        features=tuple(feature.name for feature in features),
        ranges={feature.name: _range(frame[feature.name]) for feature in features if feature.is_numeric},
        levels={feature.name: _levels(frame[feature.name]) for feature in features if not feature.is_numeric},
        families=segmentation.customers.families,
    )


def model_parts(model: Model) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Give the contents of model.json and of each `.npy` file, by file name.

    Raises
    ------
    StudyError
        An array holds objects, which only a pickle could store.
    """
    files, listed = {}, {}
    for name, array in sorted(model.arrays.items()):
        if array.dtype.hasobject or not _NAME.fullmatch(name):
            raise StudyError(f"The model's array '{name}' cannot be stored.", found=f"type {array.dtype}")
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        files[f"{name}.npy"] = buffer.getvalue()
        listed[name] = {"shape": list(array.shape), "dtype": array.dtype.str}
    return {
        "format_version": "1.0",
        "recipe": model.recipe,
        "assigner": model.assigner,
        "arrays": listed,
        "segment_of_label": list(model.segment_of_label),
        "features": list(model.features),
        "ranges": to_plain(dict(model.ranges)),
        "levels": to_plain(dict(model.levels)),
        "families": to_plain(model.families),
    }, files


def read_model(data: dict[str, Any], read: Callable[[str], bytes]) -> Model:
    """Make a model from model.json and a reader of the files beside it.

    Raises
    ------
    StudyError
        An array's name, type or size is not what model.json says.
    """
    arrays = {name: _read_array(name, entry, read) for name, entry in data["arrays"].items()}
    return Model(
        recipe=data["recipe"],
        assigner=data["assigner"],
        arrays=arrays,
        segment_of_label=tuple(data["segment_of_label"]),
        features=tuple(data["features"]),
        ranges={name: (float(low), float(high)) for name, (low, high) in data["ranges"].items()},
        levels={name: tuple(levels) for name, levels in data["levels"].items()},
        families=_read_families(data["families"]),
    )


def _read_families(data: dict[str, Any]) -> Families:
    chosen = {family: tuple(values) for family, values in data["chosen"].items()}
    return Families(chosen, dict(data["product_groups"]), int(data["n_categories"]))


def _read_array(name: str, entry: dict[str, Any], read: Callable[[str], bytes]) -> np.ndarray:
    if not _NAME.fullmatch(name):
        raise StudyError("The study's model is damaged: part 'model.json'.", found="an array with an unknown name")
    part = f"model/{name}.npy"
    content = read(f"{name}.npy")
    try:
        header = _header(content)
        if header != (tuple(entry["shape"]), entry["dtype"]) or math.prod(header[0]) > _LARGEST:
            raise ValueError("an array of another type or size")
        return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
    except ValueError as cause:
        raise StudyError(f"The study's model is damaged: part '{part}'.", found=str(cause)) from cause


def _header(content: bytes) -> tuple[tuple[int, ...], str]:
    """Shape and type that an `.npy` file claims, before anything of that size is allocated."""
    buffer = io.BytesIO(content)
    if np.lib.format.read_magic(buffer) != (1, 0):
        raise ValueError("an array format that we do not write")
    shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
    if dtype.hasobject or dtype.itemsize * math.prod(shape) > len(content):
        raise ValueError("an array of objects, or larger than its file")
    return shape, dtype.str


def _range(column: Any) -> tuple[float, float]:  # noqa: ANN401  a pandas column
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(values).all():
        return (-1e300, 1e300)
    low, high = np.nanquantile(values, [0.005, 0.995])
    let_go()
    return float(low), float(high)


def _levels(column: Any) -> tuple[str, ...]:  # noqa: ANN401  a pandas column
    counts = column.reset_index(drop=True).dropna().astype(str).value_counts()
    return tuple(sorted(str(level) for level in counts.index[counts >= _SMALLEST_CELL]))
