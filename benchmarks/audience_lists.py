"""Cost of lists, a workbook and an erasure for many customers.

Rerun with::

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/audience_lists.py [--customers 20000]

The study is the synthetic store of 500 customers with its rows repeated under new ids, so that only what is measured
is large; the customer file has an e-mail, a phone as it is dialled at home, names, country and consent for everyone.
Seconds are of the processor (user and system), which other work on the machine does not change; peak memory is of the
whole process. Results go to benchmarks/results/audience_lists.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import coterie
from coterie.outputs import Study, forget, load, write_workbook
from coterie.sources.synthetic import write_store

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = Path(__file__).parent / "results" / "audience_lists.json"
AREAS = ("113 496", "114 496", "116 496", "117 496", "118 496", "121 496", "131 496", "141 496", "151 496", "161 496")


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000)
    n = parser.parse_args().customers
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), n)
    report = {
        "customers": n,
        "cpu_seconds": found,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "python": platform.python_version(),
        "coterie": coterie.__version__,
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


def measure(folder: Path, n: int) -> dict[str, float]:
    """CPU seconds of each task."""
    study = large_study(folder, n)
    people = customer_file(study)
    found: dict[str, float] = {}
    for name in ("generic", "mailchimp", "klaviyo", "google", "meta"):
        given = {} if name == "generic" else {"customers": people, "country": "GB"}
        found[f"lists for {name}"] = cpu(
            lambda name=name, given=given: study.audience(name, **given).write(folder / name)
        )
        shutil.rmtree(folder / name)
    suppress = people[["Email"]].iloc[::50]
    given = {"customers": people, "country": "GB", "suppress": suppress}
    found["lists for google, 2 % suppressed by address"] = cpu(lambda: study.audience("google", **given))
    found["workbook"] = cpu(lambda: write_workbook(study, folder / "book.xlsx"))
    found["erasure of 10 customers"] = cpu(lambda: forget(folder / "large", list(study.customers.index[:10])))
    return found


def cpu(task: Callable[[], Any]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    task()
    return round(time.process_time() - start, 2)


def large_study(folder: Path, n: int) -> Study:
    """The study of a small store with its customers repeated."""
    store = write_store(folder / "store", customers=500, seed=1)
    small = coterie.segment(store.orders, segments=5, method="kmeans", holdout=False)
    frame = small.customers.iloc[np.arange(n) % len(small.customers)].copy()
    frame.index = pd.Index([f"N{number:08d}" for number in range(n)], name="customer_id", dtype=object)
    Study(small.manifest, small.profiled, frame, small.tables, small.model).write(folder / "large")
    return load(folder / "large")


def customer_file(study: Study) -> pd.DataFrame:
    """How to reach each of them."""
    numbers = range(len(study.customers))
    return pd.DataFrame(
        {
            "customer_id": study.customers.index,
            "Email": [f"Customer.{number}@Shop{number % 97}.com" for number in numbers],
            "Phone": [f"0{AREAS[number // 1000 % 10]} 0{number % 1000:03d}" for number in numbers],
            "First Name": "Amélie",
            "Last Name": "Groß",
            "Postcode": "SW1A 1AA",
            "Country": "United Kingdom",
            "Consent": "yes",
        }
    )


if __name__ == "__main__":
    main()
