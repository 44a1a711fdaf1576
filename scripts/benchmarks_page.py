"""The page of benchmarks, made from the results in `benchmarks/results/`: no number of it is typed.

The prose is `benchmarks.md.j2`. A name that a result lacks is an error; a result that is not there leaves its section
out.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

import benchmark_plots as plots
import jinja2

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "benchmarks" / "results"
NAMES = plots.NAMES
#: Results that have a section, by the name of their file.
SHOWN = (
    "bench",
    "end_to_end",
    "kmeans_grid",
    "features_cost",
    "rare_segment",
    "assign_cost",
    "engines_agree",
    "choosing",
    "recovery",
    "no_structure",
    "customer_value",
    "app_load",
)
#: Pictures: the file of that of seconds, and that of memory.
SECONDS, MEMORY = "benchmarks-seconds.svg", "benchmarks-memory.svg"
#: Units of the measures that are drawn.
UNITS = {"wall": "seconds", "cpu": "CPU seconds", "all_processes_mb": "largest memory, MB"}
CROWDED = "The machine was busy with other work: CPU seconds are the fairer number."
#: Ways of placing customers, in words.
WAYS = {
    "sql": "the study's SQL in DuckDB",
    "labels": "the rule in Python, segments alone",
    "assign": "the rule in Python, with confidence",
    "score": "`coterie score`, file to file",
}


def page(folder: Path = RESULTS) -> str:
    """Write the whole page."""
    results = {name: result_of(name, folder) for name in SHOWN}
    loader = jinja2.FileSystemLoader(HERE)
    env = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701  Markdown
    env.filters |= FILTERS
    env.globals |= {"NAMES": NAMES, "WAYS": WAYS, "CROWDED": CROWDED, "why": why_not}
    bench, grid = results["bench"], results["kmeans_grid"]
    told = _bench_words(bench) if bench else {}
    return env.get_template("benchmarks.md.j2").render(
        **results, **told, grid=_grid(grid) if grid else None, machine=machine_words
    )


def images(folder: Path = RESULTS) -> dict[str, str]:
    """Draw each picture as SVG, by the name of its file."""
    bench = result_of("bench", folder)
    found = {}
    for name, of in pictures(bench).items() if bench else ():
        points = plots.points_of(bench["sizes"], of)
        found[name] = plots.svg_of(plots.picture(points, title(bench, of), UNITS[of], reading(of)), points)
    return found


def fingerprints(folder: Path = RESULTS) -> dict[str, str]:
    """Give each picture's file name and what the file must hold to show these results; draws nothing."""
    bench = result_of("bench", folder)
    shown = pictures(bench) if bench else {}
    return {name: plots.fingerprint(plots.points_of(bench["sizes"], of)) for name, of in shown.items() if bench}


def time_of(bench: dict[str, Any]) -> str:
    """Give the measure of time to compare by: seconds by the clock, or CPU seconds where the machine was busy."""
    return "cpu" if bench["note"] else "wall"


def pictures(bench: dict[str, Any]) -> dict[str, str]:
    """Give the measure that each picture shows."""
    return {SECONDS: time_of(bench), MEMORY: "all_processes_mb"}


def result_of(name: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """Give a committed result, or None where there is none."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def machine_words(described: dict[str, Any]) -> str:
    """Describe the machine in one sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in described["versions"].items())
    threads = described.get("omp_num_threads")
    kept_to = f" Numeric libraries were kept to {threads} thread(s), for all sides alike." if threads else ""
    return (
        f"{described['cores']} cores ({described['processor']}), {described['memory_gb']:.0f} GB of memory, "
        f"Python {described['python']}, {versions}.{kept_to}"
    )


def why_not(found: dict[str, Any]) -> str:
    """Say why a side has no numbers, fit for a cell of a table."""
    text = found["left_out"] if "left_out" in found else f"did not end: {found['failed']}"
    return " ".join(str(text).replace("|", "/").split())[:160]


def title(bench: dict[str, Any], of: str) -> str:
    """Tell what a picture shows."""
    ours = _measured(bench)
    noun = {"wall": "seconds", "cpu": "CPU seconds"}.get(of, "memory")
    if len(ours) < 2:
        return f"One store: what each side takes of {noun}"
    lines = ours[-1]["lines"] / ours[0]["lines"]
    times = ours[-1]["sides"]["coterie"][of] / ours[0]["sides"]["coterie"][of]
    return f"{lines:,.0f} times the order lines take Coterie {times:,.2f} times the {noun}"


def reading(of: str) -> str:
    """Tell how to read a picture."""
    if of != "all_processes_mb":
        return (
            "Both scales are logarithmic: each step is ten times as much. A line that rises by one step for each step "
            "to the right takes time in proportion to the order lines."
        )
    return "The largest memory of all processes together; pages that processes share are counted for each."


def _measured(bench: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in bench["sizes"] if "wall" in one["sides"].get("coterie", {})]


def _bench_words(bench: dict[str, Any]) -> dict[str, Any]:
    """What the template asks beside the result itself."""
    ours = _measured(bench)
    slopes = {side: value for side, value in bench["exponents"][time_of(bench)].items() if value is not None}
    return {
        "slopes": ", ".join(f"{NAMES[side]} {value:.2f}" for side, value in slopes.items()),
        "memory_shares": ", ".join(map(_memory_share, ours)),
        "growth": _growth(ours),
        "stages": _stages(ours),
        "faster": _beside(bench, faster=True),
        "slower": _beside(bench, faster=False),
        "unit": UNITS[time_of(bench)],
        "pictures": pictures(bench),
        "title": lambda of: title(bench, of),
        "reading": reading,
    }


def _memory_share(size: dict[str, Any]) -> str:
    share = size["sides"]["coterie"]["share_of_memory_limit"]
    return f"{100 * share:.0f} % of {size['memory']} at {size['lines']:,} lines"


def _growth(ours: list[dict[str, Any]]) -> dict[str, float] | None:
    """Compare what a line costs at the two largest sizes."""
    if len(ours) < 2:
        return None
    before, last = (one["sides"]["coterie"]["us_per_line"]["cpu"] for one in ours[-2:])
    lines = {"before_lines": ours[-2]["lines"], "last_lines": ours[-1]["lines"]}
    return {"last": last, "times": last / before, **lines}


def _stages(ours: list[dict[str, Any]]) -> str:
    if not ours or "wall" not in ours[-1]["sides"]["floor"]:
        return ""
    sides = ours[-1]["sides"]
    shown = sorted(sides["coterie"]["stages"].items(), key=lambda item: -item[1])[:8]
    return ", ".join(f"{name} {s:.1f} s ({s / sides['floor']['wall']:.1f} floors)" for name, s in shown)


def _beside(bench: dict[str, Any], *, faster: bool) -> str:
    """List peers that took less, or more, time than Coterie."""
    found = [
        (NAMES[side], size["lines"], one["times_coterie"][time_of(bench)])
        for size in bench["sizes"]
        for side, one in size["sides"].items()
        if "times_coterie" in one
    ]
    return ", ".join(f"{name} at {n:,} lines ({times:.2f} ×)" for name, n, times in found if (times < 1) == faster)


def _grid(grid: dict[str, Any]) -> dict[str, Any]:
    """Means over the seeds, and the ends and the middle of the ratios."""
    runs = grid["runs"]
    times = sorted(run["times_less_cpu"] for run in runs)
    inertia = [ratio for run in runs for ratio in run["inertia_ratio"].values()]
    return {
        "ours": mean(run["coterie"]["cpu_seconds"] for run in runs),
        "theirs": mean(run["scikit_learn_loops"]["cpu_seconds"] for run in runs),
        "times": (times[0], times[len(times) // 2], times[-1]),
        "inertia": (min(inertia), max(inertia)),
    }


def _tiny(value: float) -> str:
    return "0" if value == 0 else f"{value:.1e}"


FILTERS = {
    "count": lambda value: f"{value:,.0f}",
    "one": lambda value: f"{value:,.1f}",
    "two": lambda value: f"{value:,.2f}",
    "three": lambda value: f"{value:,.3f}",
    "four": lambda value: f"{value:,.4f}",
    "pct": lambda value: f"{100 * value:.0f} %",
    "pct1": lambda value: f"{100 * value:.1f} %",
    "mean": lambda values: mean(values),
    "tiny": _tiny,
}
