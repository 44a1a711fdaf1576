"""CPU seconds and memory of each stage of a study, in one process, so that a stage's cost stands by itself.

Rerun with

    python benchmarks/stage_cost.py ORDERS [--memory 2GB] [--label NAME] [--to benchmarks/results/stage_cost.json]

ORDERS is any table of orders; `python benchmarks/big_store.py FILE 1000000` makes one of a million customers. What a
second process would do (the test in time, the structure test, charts) is done here, one after the other. Times are CPU
seconds of all threads, so they hold on a machine that does other things, within some tens of percent: cores that share
a cache slow each other down. Each label is one entry of the result; other entries stay as they are.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie import campaigns, clustering, features, holdout, pipeline, preparation, profiles, sources
from coterie.config import Config
from coterie.outputs import writing
from coterie.progress import SILENT
from processes import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
#: What is measured: a module, the name in it, and what it is called in the result.
STAGES = (
    (sources, "open_shop", "read the tables"),
    (features, "build", "features"),
    (holdout.TimeHoldout, "look_back", "look back to an earlier day"),
    (campaigns, "order_history", "order history"),
    (preparation, "choose_basis", "choose the basis"),
    (preparation, "fit_recipe", "fit the preparation"),
    (clustering, "search", "search, with the structure test"),
    (profiles, "describe", "describe the segments"),
    (campaigns, "lifecycle_stages", "lifecycle stages"),
    (campaigns, "customer_value", "forecast value"),
    (campaigns, "make_strategy", "plan campaigns"),
    (holdout.TimeHoldout, "examine", "test in time"),
    (writing, "_put_parquet", "customers.parquet"),
    (writing, "_put_lists", "customers.csv and lists"),
    (writing, "_put_charts", "charts"),
    (writing, "_put_report", "report"),
)


class Clock:
    """CPU seconds by stage; a stage inside another counts for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inside = [0.0]

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = time.process_time()
        self._inside.append(0.0)
        yield
        whole = time.process_time() - start
        self.seconds[name] = round(self.seconds.get(name, 0.0) + whole - self._inside.pop(), 3)
        self._inside[-1] += whole

    def measured(self, work: Any, name: str) -> Any:  # noqa: ANN401  any function
        """Give a function that is measured under a name."""

        def wrapped(*given: Any, **options: Any) -> Any:  # noqa: ANN401
            with self(name):
                return work(*given, **options)

        return wrapped


def run(path: Path, memory: str, folder: Path) -> tuple[dict[str, float], int]:
    """One study; CPU seconds by stage, and the number of customers."""
    from coterie.outputs import Study

    clock = Clock()
    for home, name, told in STAGES:
        setattr(home, name, clock.measured(getattr(home, name), told))
    with clock("all else"):
        found = pipeline.segment([sources.Input(path)], Config(memory=memory), progress=SILENT)
        with clock("tables of the study"):
            study = Study.from_segmentation(found)
        study.write(folder)
    return clock.seconds, len(study.customers)


def main() -> None:
    """Run, tell and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("orders", type=Path)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--label")
    parser.add_argument("--to", type=Path, default=HERE / "results" / "stage_cost.json")
    given = parser.parse_args()
    described = machine()
    started = time.process_time()
    folder = Path(tempfile.mkdtemp())
    try:
        seconds, customers = run(given.orders, given.memory, folder / "study")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = json.loads(given.to.read_text()) if given.to.is_file() else {}
    result[given.label or given.orders.stem] = {
        "machine": described,
        "customers": customers,
        "cpu_seconds": dict(sorted(seconds.items(), key=lambda item: -item[1])),
        "all": round(time.process_time() - started, 2),
        "largest_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    given.to.write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(json.dumps(result[given.label or given.orders.stem], indent=1) + "\n")


if __name__ == "__main__":
    main()
