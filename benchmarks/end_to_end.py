"""A whole study beside the plain script that an analyst writes, on the same file and in the same run.

Rerun with

    python benchmarks/end_to_end.py ORDERS.csv [--pairs 3] [--peer SCRIPT] [--to benchmarks/results/end_to_end.json]

where ORDERS.csv has the columns of UCI Online Retail. Coterie and the script run one after the other, in turns, each
in a process of its own; per run its seconds on the clock, the seconds of both cores that it and its children used, its
largest resident memory (of one process, and of all of them together, looked at every tenth of a second), and for
Coterie the seconds to its first line of output and the seconds of its stages. Told are medians and the ratio to the
script; a machine that does other things at the same time shows in `wall` but not in the ratio of `cpu`.

The script needs seaborn, matplotlib, pandas and scikit-learn; where one is missing, only Coterie is measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from importlib import util
from pathlib import Path
from typing import Any

from processes import is_crowded, machine, measure, rounded

HERE = Path(__file__).resolve().parent
PEER = HERE / "peers" / "plain_script.py"
NEEDED = ("pandas", "sklearn", "matplotlib", "seaborn")
#: Said of a result from a machine that did other things.
CROWDED = (
    "The machine was crowded: these are no ratios to quote. Threads of the script's K-Means waited for each other "
    "at work, which multiplies its CPU seconds; run again on a quiet machine."
)


def run_coterie(path: Path, folder: Path) -> dict[str, Any]:
    """One whole study, as the command line makes it."""
    out = folder / "study"
    shutil.rmtree(out, ignore_errors=True)
    found: dict[str, Any] = measure([sys.executable, "-m", "coterie.cli.main", "segment", str(path), "--out", str(out)])
    manifest = json.loads((out / "manifest.json").read_text())
    return found | {"stages": manifest["timings"], "segments": manifest["n_segments"]}


def run_script(script: Path, path: Path, folder: Path) -> dict[str, Any]:
    """One run of the plain script."""
    return measure([sys.executable, str(script), str(path), str(folder / "plain")])


def summary(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians of each side, and Coterie's as a multiple of the script's, pair by pair."""
    names = ("wall", "cpu", "largest_process_mb", "all_processes_mb", "first_output")
    told: dict[str, Any] = {
        side: {name: round(statistics.median(run[name] for run in found), 2) for name in names}
        for side, found in runs.items()
        if found
    }
    pairs = list(zip(runs["coterie"], runs["script"], strict=False))
    if pairs:
        told["ratio"] = {
            name: round(statistics.median(ours[name] / theirs[name] for ours, theirs in pairs), 3) for name in names[:4]
        }
    return told


def main() -> None:
    """Run the pairs, tell and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("orders", type=Path)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--peer", type=Path, default=PEER)
    parser.add_argument("--to", type=Path, default=HERE / "results" / "end_to_end.json")
    chosen = parser.parse_args()
    has_peer = all(util.find_spec(name) for name in NEEDED)
    described = machine()
    runs: dict[str, list[dict[str, Any]]] = {"coterie": [], "script": []}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(chosen.pairs):
            runs["coterie"].append(run_coterie(chosen.orders, Path(name)))
            if has_peer:
                runs["script"].append(run_script(chosen.peer, chosen.orders, Path(name)))
    result = {
        "file": chosen.orders.name,
        "file_mb": round(chosen.orders.stat().st_size / 1e6, 1),
        "script": chosen.peer.name,
        "pairs": chosen.pairs,
        "machine": described,
        "note": CROWDED if is_crowded(described) else "",
        "summary": summary(runs),
        "runs": runs,
    }
    chosen.to.write_text(json.dumps(rounded(result), indent=1) + "\n")
    sys.stdout.write(json.dumps(result["summary"], indent=1) + "\n")


if __name__ == "__main__":
    main()
