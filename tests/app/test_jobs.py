"""Jobs from the queue to their end, also where the server or the process is killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from coterie.app import AppSettings, Limits
from coterie.app.jobs import Jobs, processes, telling
from coterie.app.refusals import ConflictError, MissingError, TooManyError
from coterie.app.store import open_store, studies, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SLEEP = ["timeit", "-n1", "-r1", "import time; time.sleep(60)"]
QUICK = ["timeit", "-n1", "-r1", "pass"]


def python(code: str) -> list[str]:
    return ["timeit", "-n1", "-r1", code]


@pytest.fixture
def make_jobs(tmp_path: Path) -> Iterator[Callable[..., Jobs]]:
    """Makes the jobs of one home, as one server after the other does; nothing runs on after the test."""
    made: list[Jobs] = []

    def make(**limits: int) -> Jobs:
        settings = AppSettings(tmp_path / "home", limits=Limits(**{"running": 1, "run_memory": 0, **limits}))
        settings.make_folders()
        made.append(Jobs(settings, open_store(settings.database), time.time))
        return made[-1]

    yield make
    for folder in (tmp_path / "home" / "jobs").iterdir():
        noted = processes.noted(folder)
        if noted:
            processes.end(*noted)
    for jobs in made:
        jobs.look_after()
        jobs.leave()


def add(jobs: Jobs, command: list[str], key: str = "one", **more: Any) -> str:
    return jobs.add(
        {"key": key, "kind": "study", "title": "T", "command": command, **more},
        lambda: {"settings.toml": b"seed = 1\n"},
    )


def until(jobs: Jobs, job: str, *states: str) -> dict[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        jobs.look_after()
        told = jobs.tell(jobs.find(job))
        if told["state"] in states:
            return told
        time.sleep(0.02)
    raise AssertionError(f"{told['state']}, not {states}: {telling.log(jobs.folder(job))}")


def process_of(jobs: Jobs, job: str) -> tuple[int, str]:
    end = time.monotonic() + 30
    while (process := processes.noted(jobs.folder(job))) is None and time.monotonic() < end:
        time.sleep(0.02)
    assert process is not None
    return process


def test_the_same_request_a_hundred_times_is_one_job(make_jobs: Callable[..., Jobs]) -> None:
    jobs, found = make_jobs(), []
    threads = [threading.Thread(target=lambda: found.append(add(jobs, SLEEP))) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 100
    assert len(set(found)) == 1
    assert len(jobs.going_on()) == 1
    assert len(list(jobs.folder("x").parent.iterdir())) == 1


def test_jobs_run_one_after_the_other_in_their_order(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    first, second, third = (add(jobs, SLEEP, key) for key in "abc")
    until(jobs, first, "running")
    assert jobs.tell(jobs.find(third))["waiting_before"] == 1
    jobs.cancel(first)
    until(jobs, second, "running")
    assert jobs.tell(jobs.find(third))["state"] == "queued"


def test_beyond_its_depth_the_queue_takes_no_more(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs(queue=2)
    for key in "ab":
        add(jobs, SLEEP, key)
    with pytest.raises(TooManyError):
        add(jobs, SLEEP, "c")
    assert add(jobs, SLEEP, "a")  # asked for again, it is the one that waits already


def test_a_study_is_kept_when_its_folder_is_whole(make_jobs: Callable[..., Jobs], garden: Path) -> None:
    jobs = make_jobs()
    job = add(jobs, python(f"import shutil; shutil.copytree({str(garden)!r}, {'{study}'!r})"))
    assert until(jobs, job, "done", "failed")["state"] == "done"
    row = studies.find_study(jobs._store, job)
    assert row is not None
    assert row["segments"] == 5
    with pytest.raises(ConflictError):
        jobs.again(job)


def test_what_the_command_line_said_is_why_a_job_failed(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    said = {"error": {"what": "No table.", "found": "0 files.", "remedy": "Name one."}}
    noted = add(jobs, python(f"open({'{job}'!r} + '/progress.jsonl', 'w').write({json.dumps(said)!r})"), "noted")
    assert until(jobs, noted, "failed")["error"] == said["error"]
    shown = add(jobs, ["coterie", "segment", "--config", "nowhere.toml", "x.csv"], "shown")
    error = until(jobs, shown, "failed")["error"]
    assert "nowhere.toml" in error["what"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory ran out"),
        ("import os; os.abort()", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("bytearray(1 << 34)", "memory ran out"),
        ("while True: pass", "longer than it may"),
    ],
    ids=["killed", "aborted", "segfault", "too much memory", "too long"],
)
def test_how_a_process_died_is_told_in_words(make_jobs: Callable[..., Jobs], code: str, words: str) -> None:
    jobs = make_jobs(run_memory=2 << 30, run_seconds=1 if "while" in code else 60)
    told = until(jobs, add(jobs, python(code)), "failed", "done")
    assert told["state"] == "failed"
    assert words in told["error"]["what"]


def test_cancel_ends_a_job_and_its_children_within_five_seconds(make_jobs: Callable[..., Jobs], tmp_path: Path) -> None:
    jobs, note = make_jobs(), tmp_path / "child"
    stubborn = (
        "import subprocess, sys, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    job = add(jobs, python(stubborn))
    until(jobs, job, "running")
    half = jobs._settings.studies / f".{job}.half"
    half.mkdir()
    while not note.exists() or not note.read_text():
        time.sleep(0.02)
    start = time.monotonic()
    jobs.cancel(job)
    assert time.monotonic() - start < 5
    assert until(jobs, job, "cancelled")["error"] is None
    process = process_of(jobs, job)
    assert not processes.is_alive(*process)
    assert processes.began(int(note.read_text())) == ""
    assert not half.exists()
    jobs.cancel(job)  # once more does no harm


def test_a_job_goes_on_without_its_server_and_is_found_again(
    make_jobs: Callable[..., Jobs], garden: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    wait = f"import os, time, shutil\nwhile not os.path.exists({str(go)!r}): time.sleep(.02)\n"
    first = make_jobs()
    job = add(first, python(wait + f"shutil.copytree({str(garden)!r}, {'{study}'!r})"))
    until(first, job, "running")
    second = make_jobs()  # the first one is gone without a word
    second.look_after()
    assert second.tell(second.find(job))["state"] == "running"
    go.touch()
    assert until(second, job, "done", "interrupted", "failed")["state"] == "done"


def test_a_job_that_died_with_its_server_is_interrupted_and_can_be_run_again(make_jobs: Callable[..., Jobs]) -> None:
    first = make_jobs()
    job = add(first, SLEEP)
    until(first, job, "running")
    process = process_of(first, job)
    with suppress(ProcessLookupError):
        os.killpg(process[0], signal.SIGKILL)
    first._own[job].wait()
    second = make_jobs()
    told = until(second, job, "interrupted")
    assert "Run it again" in told["error"]["remedy"]
    again = second.again(job)
    assert again != job
    assert second.find(again)["state"] == "queued"
    assert (second.folder(again) / "settings.toml").read_bytes() == b"seed = 1\n"


def test_a_job_that_is_run_again_twice_is_one_new_job(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    first = add(jobs, QUICK)
    jobs.cancel(first)
    again = [jobs.again(first) for _ in range(3)]
    assert len({first, *again}) == 2
    jobs.cancel(again[0])
    assert jobs.again(first) == jobs.again(again[0])


def test_a_job_that_is_cancelled_while_it_is_being_started_leaves_no_process_behind(
    make_jobs: Callable[..., Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make_jobs()
    job = add(jobs, SLEEP)
    start, begun = processes.start, []

    def cancelled_meanwhile(*told: Any) -> Any:
        begun.append(start(*told))
        jobs.cancel(job)
        return begun[0]

    monkeypatch.setattr(processes, "start", cancelled_meanwhile)
    jobs.look_after()
    assert begun[0].returncode is not None
    assert jobs.find(job)["state"] == "cancelled"
    assert not (jobs.folder(job) / "tmp").exists()


def test_a_job_that_a_killed_server_started_without_noting_it_is_not_started_twice(
    make_jobs: Callable[..., Jobs],
) -> None:
    first = make_jobs()
    job = add(first, SLEEP)
    until(first, job, "running")
    before = process_of(first, job)
    first._store.write(
        "UPDATE jobs SET state = 'queued', pid = NULL WHERE id = ?", (job,)
    )  # as if killed before the note
    second = make_jobs()
    second.look_after()
    assert second.find(job)["pid"] == before[0]
    assert processes.noted(second.folder(job)) == before


def test_a_number_of_another_process_is_not_taken_for_a_job() -> None:
    assert processes.is_alive(os.getpid(), processes.began(os.getpid()))
    assert not processes.is_alive(os.getpid(), "another boot 1")
    assert not processes.is_alive(os.getpid(), "")


def test_the_remaining_time_is_told_only_where_it_is_honest(tmp_path: Path) -> None:
    assert telling.way(tmp_path, 5) == {"stage": "Starting", "share": 0.0, "left": ""}
    notes = [{"stage": "Reading", "share": 0.05}, {"stage": "Trying", "share": 0.5}]
    (tmp_path / "progress.jsonl").write_text("\n".join(json.dumps(note) for note in notes) + '\n{"stage": "Na')
    assert telling.way(tmp_path, 60) == {"stage": "Trying", "share": 0.5, "left": "about 60 seconds left"}
    assert telling.left(0.05, 60) == ""
    assert telling.left(0.5, 60, since=30) == "about 30 seconds left"
    assert telling.left(0.5, 60, since=61) == ""
    assert telling.left(0.25, 300) == "about 15 minutes left"


def test_an_unknown_job_is_missing(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    for known in (jobs.find, jobs.cancel, jobs.again):
        with pytest.raises(MissingError):
            known("nosuchjob2222222")


def test_a_study_whose_manifest_is_damaged_does_not_hold_up_those_behind_it(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    home = jobs.folder("x").parents[1]
    first = add(jobs, python("pass"), "one")
    (home / "studies" / first).mkdir(parents=True)
    (home / "studies" / first / "manifest.json").write_text("{")
    second = add(jobs, python("print('coterie: no')"), "two")
    assert "damaged" in until(jobs, first, "failed")["error"]["what"]
    until(jobs, second, "failed", "interrupted")


def test_a_job_whose_folder_is_gone_does_not_hold_up_those_behind_it(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    first, second = add(jobs, QUICK, "one"), add(jobs, QUICK, "two")
    shutil.rmtree(jobs.folder(first))
    assert "could not be started" in until(jobs, first, "failed")["error"]["what"]
    until(jobs, second, "failed", "interrupted")


def test_a_job_reaches_the_folders_of_its_own_tables_and_no_others(
    make_jobs: Callable[..., Jobs], tmp_path: Path
) -> None:
    jobs = make_jobs()
    store, out = open_store(tmp_path / "home" / "state.sqlite"), tmp_path / "reached.txt"
    code = f"import os; open({str(out)!r}, 'w').write(os.environ.get('COTERIE_ONLY_FOLDERS', 'everywhere'))"
    kept = uploads.add_draft(store, 1.0, "Files", [{"shown": "a.csv", "stored": "draftofone222222/x/a.csv"}])
    named = uploads.add_draft(store, 1.0, "Source", [{"shown": "shop", "source": "shop"}])
    job = add(jobs, python(code), draft=kept)
    until(jobs, job, "failed", "done")
    home = tmp_path / "home"
    own = {home / "uploads" / "draftofone222222", home / "uploads" / kept, jobs.folder(job)}
    assert set(out.read_text().split(os.pathsep)) == {str(folder) for folder in own}
    until(jobs, add(jobs, python(code), key="two", draft=named), "failed", "done")
    assert out.read_text() == "everywhere"  # a database has files of its own


def test_the_time_that_work_took_is_told_in_words() -> None:
    assert [telling.took(seconds) for seconds in (0.2, 1, 59.6, 61, 200)] == [
        "0 seconds", "1 second", "1 minute", "1 minute 1 second", "3 minutes 20 seconds",
    ]  # fmt: skip
