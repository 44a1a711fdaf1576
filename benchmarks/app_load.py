"""How the web app holds up: 20 people browse while 3 studies run, uploads are cut, a request comes 100 times.

Run `python benchmarks/app_load.py` (about 3 minutes; `--seconds 10` for a shorter look). It starts a real `coterie
serve` on a home of its own in which three studies may run at a time, makes one study of the sample store, keeps three
others running all the while, and writes `results/app_load.json`. Everything is seeded. Wall times depend on the machine
and on what else runs there; the seconds of CPU per page do not.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from coterie.app.jobs import processes
from coterie.app.security import make_keys

USERS = 20
STUDIES = 3
RESULTS = Path(__file__).parent / "results" / "app_load.json"
#: Pages that people look at; those of a study below its address.
PAGES = (
    "/", "/studies", "{study}", "{study}/segments/1", "{study}/segments/2", "{study}/compare?a=1&b=2", "{study}/map",
    "{study}/number", "{study}/stages", "{study}/worth", "{study}/customers", "{study}/data", "/jobs/{job}",
)  # fmt: skip
EDGE = "edge-of-parts"


class App:
    """A running `coterie serve` and the requests that are made to it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o700)
        (home / "app.toml").write_text(f"[limits]\nrunning = {STUDIES}\n")
        command = [sys.executable, "-m", "coterie", "serve", "--home", str(home), "--no-open", "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline() if self.process.stderr else ""
        found = re.search(r"http://[\d.]+:(\d+)", said)
        if found is None:
            raise SystemExit(f"coterie serve did not start: {said}")
        self.port = int(found[1])
        self.headers = {"Authorization": f"Bearer {make_keys(home).api}"}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Make a request; give its status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, path: str, **fields: str) -> dict:
        """Send a form to the twin of a page."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, body = self.ask("POST", f"/api{path}", urlencode(fields).encode(), **kind)
        return {"status": status, **json.loads(body)}

    def get(self, path: str) -> dict:
        """The model of a page."""
        return json.loads(self.ask("GET", f"/api{path}")[1])

    def cpu(self) -> float:
        """Seconds of CPU that the server has used, without its jobs."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        """Largest memory (MiB) that the server has held, without its jobs."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) / 1024 if found else float("nan")

    def stop(self) -> None:
        """End the server and its jobs."""
        for folder in (self.home / "jobs").glob("*"):
            noted = processes.noted(folder)
            if noted:
                processes.end(*noted)
        self.process.terminate()
        self.process.wait(20)
        if self.process.stderr:
            self.process.stderr.close()


def wait(app: App, path: str, key: str, busy: tuple[str, ...], seconds: float = 600) -> dict:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        model = app.get(path)
        state = model["state"] if key == "check" else model["job"]["state"]
        if state not in busy:
            return model
        time.sleep(0.3)
    raise SystemExit(f"{path} did not end")


def draft(app: App) -> str:
    """The sample store, read and understood."""
    check = app.post("/sample")["location"]
    found = wait(app, check, "check", ("looking",))
    if found["state"] != "ready":
        raise SystemExit(f"the sample store was not understood: {found['problem']}")
    return check.rpartition("/")[0]


def browse(app: App, paths: list[str], seconds: float, seed: int, seen: list[tuple[str, int, float]]) -> None:
    """One person: a page, a pause of half a second to two, the next page."""
    chance = random.Random(seed)  # noqa: S311  which page comes next is no secret
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        path, start = chance.choice(paths), time.perf_counter()
        try:
            status, _ = app.ask("GET", path)
        except OSError:
            status = 0
        seen.append((path, status, time.perf_counter() - start))
        time.sleep(chance.uniform(0.5, 2.0))


class Studies:
    """Keeps three studies running: where one has ended, the next number of segments is asked for."""

    def __init__(self, app: App, base: str) -> None:
        self._app, self._base = app, base
        self._numbers = iter([*(str(n) for n in range(3, 13)), *(f"2..{n}" for n in range(3, 12))])
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self.running: list[int] = []

    def __enter__(self) -> Studies:
        self._fill()
        end = time.monotonic() + 60
        while self._count("running") < STUDIES and time.monotonic() < end:
            time.sleep(0.2)
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self._over.set()
        self._thread.join()

    def _jobs(self) -> list[dict]:
        return self._app.get("/")["jobs"]

    def _count(self, state: str) -> int:
        return sum(job["state"] == state for job in self._jobs())

    def _fill(self) -> None:
        for _ in range(STUDIES + 1 - len(self._jobs())):  # one waits, so that a place is taken as soon as it is free
            self._app.post(f"{self._base}/choose", segments=next(self._numbers), title="Another")

    def _keep(self) -> None:
        while not self._over.wait(1.0):
            self.running.append(self._count("running"))
            self._fill()


def browsed(app: App, paths: list[str], seconds: float) -> dict:
    seen: list[tuple[str, int, float]] = []
    before = app.cpu()
    people = [threading.Thread(target=browse, args=(app, paths, seconds, seed, seen)) for seed in range(USERS)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    times = sorted(took for _, _, took in seen)
    missing = sorted({path.partition("?")[0].rpartition("/")[2] or "/" for path, status, _ in seen if status == 404})
    return {
        "requests": len(seen),
        "errors": sum(status not in (200, 404) for _, status, _ in seen),
        "pages_not_there": missing,
        "p50_ms": round(1000 * statistics.median(times), 1),
        "p95_ms": round(1000 * times[int(0.95 * len(times))], 1),
        "slowest_ms": round(1000 * times[-1], 1),
        "server_cpu_ms_per_request": round(1000 * (app.cpu() - before) / len(seen), 2),
    }


def one_by_one(app: App, paths: list[str]) -> dict[str, float]:
    """Milliseconds of each page asked for alone, the best of five."""
    found = {}
    for path in paths:
        took = []
        for _ in range(5):
            start = time.perf_counter()
            status, _ = app.ask("GET", path)
            took.append(time.perf_counter() - start)
        if status == 200:
            name = re.sub(r"/(studies|jobs)/[a-z0-9]{16}", r"/\1/…", path)
            found[name] = round(1000 * min(took), 1)
    return found


def cut_uploads(app: App) -> dict[str, str]:
    """Uploads that end too early: what was kept of them."""
    rows = b"".join(b"C%d,%d,%d\n" % (n, n % 70, n % 900) for n in range(300_000))
    body = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'.encode()
        + b"id,age,spend\n"
        + rows
    )
    body += f"\r\n--{EDGE}--\r\n".encode()
    before = len(list((app.home / "uploads").iterdir()))
    told = {}
    for share in (0.0, 0.5, 0.99):
        connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=30)
        connection.putrequest("POST", "/api/uploads")
        for name, value in {
            **app.headers,
            "Content-Type": f"multipart/form-data; boundary={EDGE}",
            "Content-Length": str(len(body)),
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: int(share * len(body))])
        connection.close()
        time.sleep(0.5)
        told[f"{share:.0%}"] = f"{len(list((app.home / 'uploads').iterdir())) - before} folders left"
    return told


def same_request(app: App, base: str) -> dict:
    """The same POST 100 times at once."""
    answers: list[dict] = []
    start = time.perf_counter()
    asked = [
        threading.Thread(target=lambda: answers.append(app.post(f"{base}/choose", segments="3", title="Once")))
        for _ in range(100)
    ]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    jobs = {answer.get("location") for answer in answers}
    return {"requests": 100, "jobs": len(jobs), "statuses": sorted({answer["status"] for answer in answers}),
            "seconds": round(time.perf_counter() - start, 2), "job": jobs.pop()}  # fmt: skip


def upload_memory(app: App, mib: int) -> dict:
    """How much the server grows by a large upload, which is streamed to it."""
    piece = b"C123456,2026-01-31,19.90\n" * 40_000
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="big.csv"\r\n\r\nid,date,amount\n'.encode()
    )
    tail = f"\r\n--{EDGE}--\r\n".encode()
    count = mib * 2**20 // len(piece)
    Path(f"/proc/{app.process.pid}/clear_refs").write_text("5")  # the peak is counted from here on
    before, cpu, start = app.peak_mib(), app.cpu(), time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=120)
    connection.putrequest("POST", "/api/uploads")
    length = len(head) + count * len(piece) + len(tail)
    for name, value in {
        **app.headers,
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Content-Length": str(length),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(head)
    for _ in range(count):
        connection.send(piece)
    connection.send(tail)
    status = connection.getresponse().status
    connection.close()
    return {"mib": mib, "status": status, "server_grew_mib": round(app.peak_mib() - before, 1),
            "server_cpu_s": round(app.cpu() - cpu, 2), "seconds": round(time.perf_counter() - start, 1)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long people browse")
    parser.add_argument("--upload-mib", type=int, default=512)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        app = App(Path(scratch) / "home")
        try:
            found = measure(app, options.seconds, options.upload_mib)
        finally:
            app.stop()
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1, ensure_ascii=False))


def measure(app: App, seconds: float, upload_mib: int) -> dict:
    load = os.getloadavg()[0]
    base = draft(app)
    first = app.post(f"{base}/choose", segments="2..12")["location"]
    told = wait(app, first, "job", ("queued", "running"))
    if told["job"]["state"] != "done":
        raise SystemExit(f"no study was made: {told['job']['error']}")
    study = urlsplit(told["job"]["study"]).path
    paths = [path.format(study=study, job=first.rpartition("/")[2]) for path in PAGES]
    alone = one_by_one(app, paths)
    quiet = browsed(app, paths, seconds)
    with Studies(app, base) as studies:
        busy = browsed(app, paths, seconds)
    busy["studies_running"] = {"least": min(studies.running), "mean": round(statistics.mean(studies.running), 2)}
    once = same_request(app, base)
    once.pop("job")
    return {
        "users": USERS, "cores": os.cpu_count(), "load_of_machine_before": round(load, 1),
        "load_of_machine_after": round(os.getloadavg()[0], 1),
        "pages_alone_ms": alone, "browsing_quiet": quiet, "browsing_while_studies_are_made": busy,
        "same_post": once, "cut_uploads": cut_uploads(app),
        "server_peak_mib": round(app.peak_mib()), "large_upload": upload_memory(app, upload_mib),
    }  # fmt: skip


if __name__ == "__main__":
    main()
