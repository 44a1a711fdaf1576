"""Numbers fit for distances: which features count, how much, and on which scale. Arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.preparation.asked import refuse_never
    from coterie.preparation.basis import Basis, choose_basis
    from coterie.preparation.recipe import Prepared, Recipe, fit_recipe
    from coterie.preparation.transforms import Scale, inverse_yeo_johnson

__all__ = ["Basis", "Prepared", "Recipe", "Scale", "choose_basis", "fit_recipe", "inverse_yeo_johnson", "refuse_never"]

_HOMES = {
    "Basis": "coterie.preparation.basis",
    "Prepared": "coterie.preparation.recipe",
    "Recipe": "coterie.preparation.recipe",
    "Scale": "coterie.preparation.transforms",
    "choose_basis": "coterie.preparation.basis",
    "fit_recipe": "coterie.preparation.recipe",
    "inverse_yeo_johnson": "coterie.preparation.transforms",
    "refuse_never": "coterie.preparation.asked",
}

# Load the door's names when they are used, so that reading can begin before everything is loaded.
__getattr__ = lazily(__name__, _HOMES)
