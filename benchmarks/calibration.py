"""Does the predicted agreement mean what it says? On generated sets that the chooser was not trained on.

Run `python benchmarks/calibration.py [FIRST] [LAST]`; the trees were fitted on sets 0 to 799. Writes
`results/calibration.json`: predicted beside reached agreement of the chosen division, in five bins of as many sets.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from choosing import calibration
from coterie.clustering.chooser import chooser
from train_chooser import rows_of_set

RESULTS = Path(__file__).parent / "results" / "calibration.json"


def chosen_of_set(seed: int) -> tuple[float, float]:
    """Predicted and reached agreement of the division with the best score."""
    names, values = rows_of_set(seed)
    predicted = chooser().predict([dict(zip(names, row, strict=True)) for row in values[:, :-1].tolist()])
    best = int(predicted.argmax())
    return float(predicted[best]), float(values[best, -1])


def main() -> None:
    first, last = (int(value) for value in (*sys.argv[1:3], *("800", "900")[len(sys.argv) - 1 :]))
    found = []
    for seed in range(first, last):
        found.append(chosen_of_set(seed))
        print(seed, *(round(value, 3) for value in found[-1]), flush=True)
    predicted, reached = np.array(found).T
    report = {
        "sets": len(found),
        "predicted": round(float(predicted.mean()), 3),
        "reached": round(float(reached.mean()), 3),
        "bins": calibration(predicted, reached),
        "rows": [[round(p, 4), round(r, 4)] for p, r in found],
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report["bins"], indent=1))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
