"""What the map of 5,000 sampled customers costs a browser.

Rerun with: python benchmarks/app_map.py (needs Chromium); the numbers go to benchmarks/results/app_map.json. The study
is that of app_pages.py with 20,000 customers; the app is served on a free port of this machine. Seed 0.

`page_cpu_ms` is what the page's main thread computes from the first byte until the map stands, the chart library
(0.9 MB) included; `map_cpu_ms` is one more map on a page that has the library: fetch, parse, Vega-Lite to Vega, draw.
Both are processor time by Chromium's own count, so that other work on the machine does not tell.
"""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from playwright.sync_api import BrowserContext, sync_playwright

from app_pages import make_study
from coterie.app import AppSettings, make_app
from coterie.app.store import sessions, studies

RESULTS = Path(__file__).parent / "results" / "app_map.json"
CUSTOMERS, REPEATS = 20_000, 5
#: One more map beside the first, drawn as the app's own script draws it.
ANOTHER = """async () => {
  const spec = await (await fetch('/studies/bigstudy/charts/map')).json();
  const place = document.querySelector('figure').appendChild(document.createElement('div'));
  place.className = 'canvas';
  await vegaEmbed(place, spec, {ast: true, actions: false, renderer: 'canvas', defaultStyle: false,
                                tooltip: {disableDefaultStyle: true}});
  return spec.datasets.points.length;
}"""


def serve(home: Path) -> tuple[uvicorn.Server, str, str]:
    """Serve the home on a free port; give the server, its address and the word of a session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = make_app(AppSettings(home, port=port))
    house = app.state.house
    manifest = json.loads((home / "studies" / "bigstudy" / "manifest.json").read_text())
    studies.add_study(house.store, "bigstudy", manifest)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server, f"http://127.0.0.1:{port}", sessions.begin(house.store, time.time())


def measure(context: BrowserContext, base: str) -> tuple[int, float, float]:
    """Points, and milliseconds of processor time of the page and of one more map."""
    page = context.new_page()
    driver: Any = context.new_cdp_session(page)
    driver.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = driver.send("Performance.getMetrics")["metrics"]
        return 1000 * next(each["value"] for each in found if each["name"] == "TaskDuration")

    page.goto(f"{base}/studies/bigstudy/map")
    page.locator("figure canvas").wait_for(timeout=60_000)
    page.wait_for_timeout(300)
    first = spent()
    points = page.evaluate(ANOTHER)
    found = (int(points), first, spent() - first)
    page.close()
    return found


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    make_study(folder, CUSTOMERS)
    server, base, word = serve(folder / "home")
    port = base.rpartition(":")[2]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": f"coterie_{port}", "value": word, "url": base}])
        runs = [measure(context, base) for _ in range(REPEATS)]
        browser.close()
    server.should_exit = True
    found = {
        "points": runs[0][0],
        "page_cpu_ms": round(float(np.median([run[1] for run in runs]))),
        "map_cpu_ms": round(float(np.median([run[2] for run in runs]))),
        "map_cpu_ms_most": round(max(run[2] for run in runs)),
    }
    print(found)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
