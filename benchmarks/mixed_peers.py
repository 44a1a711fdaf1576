"""The latent-class mixture beside StepMix (Morin and others 2025, Journal of Statistical Software 113).

The examples are those that StepMix documents: Iris as numbers, as quartiles, as both, and with missing cells; and its
generated responses of three classes to six questions. Both packages climb from the same random posteriors, without
smoothing and floor of the variances here and without a ridge on the variances there.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_iris

from coterie.clustering.methods.latent_class import Climb, cells, e_step, expectation_maximisation

#: Steps of both, and repetitions of which the fastest counts.
STEPS, REPEATS = 200, 3


@dataclass(frozen=True)
class Example:
    """A table: numbers (n, p) with NaN, codes (n, c) with -1."""

    name: str
    classes: int
    numeric: np.ndarray
    codes: np.ndarray

    @property
    def n_levels(self) -> tuple[int, ...]:
        """Levels of each category."""
        return tuple(int(code.max()) + 1 for code in self.codes.T)


def examples() -> list[Example]:
    from stepmix.datasets import data_bakk_response

    flowers = load_iris().data
    numbers = (flowers - flowers.mean(axis=0)) / flowers.std(axis=0)
    quartiles = np.array([np.searchsorted(np.quantile(x, (0.25, 0.5, 0.75)), x) for x in numbers.T]).T
    rng = np.random.default_rng(0)
    gaps, holes = numbers[:, :2].copy(), quartiles[:, 2:].copy()
    gaps[rng.random(gaps.shape) < 0.1] = np.nan
    holes[rng.random(holes.shape) < 0.1] = -1
    answers = data_bakk_response(n_samples=2_000, sep_level=0.9, random_state=42)[0].astype(np.int64)
    none, nothing = np.zeros((150, 0), dtype=np.int64), np.zeros((2_000, 0))
    return [
        Example("Iris, numbers", 3, numbers, none),
        Example("Iris, quartiles", 3, np.zeros((150, 0)), quartiles),
        Example("Iris, two numbers and two quartiles", 3, numbers[:, :2], quartiles[:, 2:]),
        Example("Iris, the same with a tenth missing", 3, gaps, holes),
        Example("2,000 answers to six questions", 3, nothing, answers),
    ]


def stepmix_fit(example: Example) -> tuple[object, float]:
    """The model of StepMix after all steps from its own random posteriors, and seconds."""
    from stepmix.stepmix import StepMix

    p, c = example.numeric.shape[1], example.codes.shape[1]
    missing = "_nan" if np.isnan(example.numeric).any() or (example.codes < 0).any() else ""
    numbers = {"model": f"gaussian_diag{missing}", "n_columns": p}
    numbers |= {} if missing else {"reg_covar": 0.0}
    categories = {"model": f"categorical{missing}", "n_columns": c}
    measurement = {n: m for n, m in (("numbers", numbers), ("categories", categories)) if m["n_columns"]}
    model = StepMix(
        example.classes, measurement=measurement, max_iter=STEPS, abs_tol=1e-300, rel_tol=1e-300, random_state=0
    )
    model.set_params(verbose=0, progress_bar=0)
    X = np.hstack([example.numeric, np.where(example.codes < 0, np.nan, example.codes)])
    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so many steps are wanted, not convergence
        model.fit(X)
    return model, time.process_time() - begun


def compared_with_stepmix() -> list[dict[str, object]]:
    if importlib.util.find_spec("stepmix") is None:
        return []
    return [_compared(example) for example in examples()]


def _compared(example: Example) -> dict[str, object]:
    runs = [stepmix_fit(example) for _ in range(REPEATS)]
    peer = runs[0][0]
    start = np.exp(peer.log_resp_)
    table = cells(example.numeric, example.codes, example.n_levels)
    seconds = []
    for _ in range(REPEATS):
        begun = time.process_time()
        classes, _, _ = expectation_maximisation(table, start, Climb(np.inf, 0.0, STEPS + 1, -np.inf, floor=0.0))
        seconds.append(time.process_time() - begun)
    posterior, likelihood = e_step(table, classes)
    X = np.hstack([example.numeric, np.where(example.codes < 0, np.nan, example.codes)])
    theirs = float(peer.score(X)) * len(X)
    found = {
        "example": example.name,
        "log_likelihood": round(likelihood, 8),
        "log_likelihood_stepmix": round(theirs, 8),
        "largest_difference_of_posteriors": float(f"{np.abs(posterior - peer.predict_proba(X)).max():.1e}"),
        "steps": STEPS,
        "cpu_seconds": round(min(seconds), 4),
        "cpu_seconds_stepmix": round(min(run[1] for run in runs), 4),
    }
    print(found, flush=True)
    return found
