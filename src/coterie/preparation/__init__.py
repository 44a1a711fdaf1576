"""Numbers fit for distances: which features count, how much, and on which scale. Arrays in, arrays out."""

from __future__ import annotations

from coterie.preparation.basis import Basis, choose_basis
from coterie.preparation.recipe import Prepared, Recipe, fit_recipe

__all__ = ["Basis", "Prepared", "Recipe", "choose_basis", "fit_recipe"]
