"""Who may ask what. Each rule is tried on every route of the app's own table, so that a new page is held to it too."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from starlette.routing import Route
from starlette.testclient import TestClient

from app.acts_here import post
from app.conftest import BASE, STUDY, csrf_of, sign_in
from coterie.app import AppSettings, Limits, make_app, make_settings
from coterie.app.answers import FileAnswer, hand_out
from coterie.app.pages import TABLE
from coterie.app.routing import Action, Page, Stream, public_paths
from coterie.app.security import make_keys
from coterie.app.store import sessions
from coterie.cli.main import main
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

IDS = {"study": STUDY, "other": STUDY, "segment": "1", "file": "app.css"}
#: What somebody might send for an id to leave the folder that it names.
HOSTILE_IDS = (
    "../state", "..%2fstate.sqlite", "%252e%252e%252f", "..\\..\\", "%2fetc%2fpasswd", "C:%5Cx", "a%00.csv", "x" * 300,
    "CON", f"{STUDY}_evil", f"{STUDY}%2f..",
)  # fmt: skip


def filled(path: str) -> str:
    """A path with a value for each id: of things that are there, or a word of the right length."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: IDS.get(found[1], "x" * 16), path)


def routes(app: Starlette) -> list[tuple[str, str]]:
    """Method and path of every route, with ids filled in."""
    found = [
        (method, filled(route.path)) for route in app.routes if isinstance(route, Route) for method in route.methods
    ]
    return [(method, path) for method, path in found if method != "HEAD"]


def is_public(path: str) -> bool:
    return path in public_paths(TABLE) or path.startswith("/static/")


def test_every_route_without_a_session_is_refused_or_leads_to_the_login(app: Starlette) -> None:
    stranger = TestClient(app, base_url=BASE, headers={"Origin": BASE}, follow_redirects=False)
    private = [(method, path) for method, path in routes(app) if not is_public(path)]
    assert len(private) > 10
    for method, path in private:
        answer = stranger.request(method, path)
        is_page = method == "GET" and not path.startswith("/api")
        assert answer.status_code == (303 if is_page else 401), (method, path)
        assert not is_page or answer.headers["location"] == "/login"


def test_every_route_refuses_a_foreign_host(client: TestClient) -> None:
    for method, path in routes(client.app):  # type: ignore[arg-type]
        assert client.request(method, path, headers={"Host": "evil.com"}).status_code == 421, (method, path)
    for host in ("127.0.0.1.evil.com", "169.254.169.254", "localhost.evil.com", "0.0.0.0"):  # noqa: S104
        assert client.get("/", headers={"Host": host}).status_code == 421, host


def test_a_request_with_a_damaged_host_is_refused(client: TestClient) -> None:
    for host in ("", "a b", "127.0.0.1:80:80", "127.0.0.1/x", "user@127.0.0.1"):
        assert client.get("/", headers={"Host": host}).status_code == 400, host


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=str,
)
def test_every_change_asked_for_by_another_origin_is_refused(app: Starlette, headers: dict[str, str]) -> None:
    client = sign_in(app)
    del client.headers["Origin"]
    before = app.state.house.store.rows("SELECT count(*) FROM jobs")[0][0]
    for method, path in routes(app):
        if method != "GET":
            answer = client.request(method, path, headers=headers, data={"csrf": csrf_of(client)})
            assert answer.status_code == 403, (method, path)
    assert app.state.house.store.rows("SELECT count(*) FROM jobs")[0][0] == before


def test_every_form_without_its_token_is_refused(client: TestClient) -> None:
    forms = [each for each in TABLE if isinstance(each, (Action, Stream)) and not getattr(each, "public", False)]
    assert len(forms) > 5
    for each in forms:
        for token in ("", "0" * 64):
            sent = {
                "data": {"csrf": token},
                "files": {"files": ("a.csv", b"a\n1\n")} if isinstance(each, Stream) else None,
            }
            assert client.post(filled(each.path), **sent).status_code == 403, each.path  # type: ignore[arg-type]
            assert client.post(f"/api{filled(each.path)}", **sent).status_code == 403, each.path  # type: ignore[arg-type]


def test_damaged_requests_are_told_in_our_shape_and_leave_no_trace_in_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [
        client.post("/login", headers={"Origin": "http://["}),
        client.get(f"/studies/{STUDY}/segments/{'9' * 5000}"),
        client.post("/api/login", content=rb'{"password": "\ud800"}', headers={"Content-Type": "application/json"}),
    ]
    deep = b"[" * 100_000
    answers.append(client.post("/api/login", content=deep, headers={"Content-Type": "application/json"}))
    answers += [post(client, f"/studies/{STUDY}/edit/undo", {"version": version}) for version in ("²", "9" * 5000)]
    assert [answer.status_code for answer in answers] == [403, 414, 400, 400, 303, 303]
    assert all("Content-Security-Policy" in answer.headers for answer in answers)
    assert not caplog.text


def test_an_error_before_any_page_is_told_with_the_headers_and_logged_without_a_value(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise OSError("ada@example.com")

    monkeypatch.setattr("coterie.app.security.guard.sessions.is_live", fail)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "OSError" in caplog.text
    assert "ada@" not in caplog.text + answer.text


def test_no_page_is_changed_by_asking_for_it(client: TestClient) -> None:
    assert not [
        each.path for each in TABLE if isinstance(each, Page) and client.post(filled(each.path)).status_code == 200
    ]


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for method, path in routes(client.app):  # type: ignore[arg-type]
        answer = client.request(method, path)
        policy = answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in policy or "sandbox" in policy, path
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy or "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert path.startswith("/static/") or "no-store" in answer.headers["cache-control"], path


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
def test_no_id_leads_out_of_the_home(client: TestClient, hostile: str) -> None:
    for each in TABLE:
        if "{" in each.path and not isinstance(each, (Action, Stream)):
            path = filled(re.sub(r"\{.*?\}", lambda _: hostile, each.path, count=1))
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert b"SQLite format" not in answer.content


def test_the_link_that_lets_in_is_good_once_and_for_an_hour(app: Starlette) -> None:
    word = sessions.make_ticket(app.state.house.store, 1_000_000.0)
    old = sessions.make_ticket(app.state.house.store, 1_000_000.0 - 3601)
    client = TestClient(app, base_url=BASE, follow_redirects=False)
    assert client.get("/open", params={"token": old}).status_code == 403
    answer = client.get("/open", params={"token": word})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert cookie.startswith("coterie_8765=")
    assert client.get("/").status_code == 200
    assert (
        TestClient(app, base_url=BASE, follow_redirects=False).get("/open", params={"token": word}).status_code == 403
    )
    assert client.get("/open").status_code == 403


def test_neither_words_of_sessions_nor_of_links_are_kept(app: Starlette) -> None:
    words = [sessions.make_ticket(app.state.house.store, 1.0), sessions.begin(app.state.house.store, 1.0)]
    kept = b"".join(path.read_bytes() for path in app.state.house.settings.home.glob("state.sqlite*"))
    assert not [word for word in words if word.encode() in kept]


def test_a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours(settings: AppSettings) -> None:
    now = [0.0]
    client = TestClient(make_app(settings, clock=lambda: now[0]), base_url=BASE, follow_redirects=False)
    store = client.app.state.house.store  # type: ignore[attr-defined]
    client.get("/open", params={"token": sessions.make_ticket(store, 0.0)})
    for _ in range(30):
        now[0] += 24 * 60
        expected = 200 if now[0] < 12 * 3600 else 303
        assert client.get("/").status_code == expected, now
    client.get("/open", params={"token": sessions.make_ticket(store, now[0])})
    assert client.get("/").status_code == 200
    now[0] += 31 * 60
    assert client.get("/").status_code == 303
    client.get("/open", params={"token": sessions.make_ticket(store, now[0])})
    now[0] -= 86_400  # a clock that is set back makes no session longer
    assert client.get("/").status_code == 303


def test_who_logs_out_is_out_also_with_the_old_cookie(client: TestClient) -> None:
    word = client.cookies["coterie_8765"]
    assert client.post("/logout", data={"csrf": csrf_of(client)}).headers["location"] == "/login"
    again = TestClient(client.app, base_url=BASE, follow_redirects=False)
    again.cookies.set("coterie_8765", word, domain="127.0.0.1", path="/")
    assert again.get("/").status_code == 303


def test_a_session_of_another_home_opens_nothing(app: Starlette, tmp_path: Path) -> None:
    other = make_app(AppSettings(tmp_path / "other"), clock=lambda: 1_000_000.0)
    stranger = TestClient(app, base_url=BASE, follow_redirects=False)
    stranger.cookies.set(
        "coterie_8765", sessions.begin(other.state.house.store, 1_000_000.0), domain="127.0.0.1", path="/"
    )
    assert {
        stranger.get(path).status_code for method, path in routes(app) if method == "GET" and not is_public(path)
    } <= {303, 401}


def test_a_program_comes_in_with_the_key_of_the_installation(app: Starlette) -> None:
    key = make_keys(app.state.house.settings.home).api
    program = TestClient(app, base_url=BASE, follow_redirects=False)
    assert program.get("/api/", headers={"Authorization": f"Bearer {key}"}).json()["ok"]
    assert program.get("/api/", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert program.post("/api/sample", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    answer = program.post("/api/sample", headers={"Authorization": f"Bearer {key}", "Origin": "http://evil.com"})
    assert answer.status_code == 403


def test_the_password_is_asked_for_and_guessing_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coterie.app.pages.login._tries", [])
    client = TestClient(
        make_app(AppSettings(tmp_path / "home", password="correct horse battery")),  # noqa: S106
        base_url=BASE, headers={"Origin": BASE}, follow_redirects=False,
    )  # fmt: skip
    assert "Password" in client.get("/login").text
    assert client.post("/login", data={"password": "wrong"}).status_code == 422
    answer = client.post("/login", data={"password": "correct horse battery"})
    assert answer.status_code == 303
    assert client.get("/").status_code == 200
    tried = [client.post("/login", data={"password": f"wrong {n}"}).status_code for n in range(12)]
    assert tried[-1] == 429
    assert client.post("/login", data={"password": "correct horse battery"}).status_code == 429


def test_others_are_let_in_only_with_a_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no password"):
        make_settings(tmp_path, host="0.0.0.0")  # noqa: S104
    assert not make_settings(tmp_path, host="0.0.0.0", password="x" * 12).only_local  # noqa: S104
    told = CliRunner().invoke(main, ["serve", "--host", "0.0.0.0", "--home", str(tmp_path)])  # noqa: S104
    assert told.exit_code == 2
    assert "--password-file" in told.output
    (tmp_path / "short").write_text("secret\n")
    told = CliRunner().invoke(main, ["serve", "--home", str(tmp_path), "--password-file", str(tmp_path / "short")])
    assert told.exit_code == 2
    assert "too short" in told.output


def test_keys_are_made_anew_for_every_home_and_weak_ones_are_refused(tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
    one, other = (make_keys(home) for home in homes)
    assert one != other
    assert make_keys(homes[0]) == one
    for weak in ("", "changeme", "a" * 64):
        (homes[0] / "secret.key").write_text(weak)
        with pytest.raises(ConfigError, match="can be guessed"):
            make_keys(homes[0])


def test_everything_in_the_home_is_for_its_owner_alone(client: TestClient) -> None:
    upload = {"files": ("orders.csv", b"a,b\n1,2\n", "text/csv")}
    assert client.post("/uploads", data={"csrf": csrf_of(client)}, files=upload).status_code == 303
    home = client.app.state.house.settings.home  # type: ignore[attr-defined]
    wide = [
        path for path in (home, *home.rglob("*")) if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert [path for path in wide if STUDY not in path.parts] == []


@pytest.mark.parametrize("name", ['a"\r\nSet-Cookie: x=1;.html', "../../etc/passwd", "Kürbis 5 €.csv", "", "a" * 500])
def test_the_name_of_a_download_is_one_harmless_header(name: str) -> None:
    answer = hand_out(FileAnswer(name, "text/csv", content=b"x"))
    told = answer.headers["content-disposition"]
    assert told.startswith('attachment; filename="')
    assert not set("\r\n/\\") & set(told)
    assert told.count('"') == 2
    assert "set-cookie" not in answer.headers
    assert len(told) < 1000


def test_what_goes_wrong_inside_is_logged_without_any_value(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_job: str) -> None:
        raise RuntimeError("ada@example.com")

    monkeypatch.setattr(client.app.state.house.jobs, "find", broken)  # type: ignore[attr-defined]
    answer = client.get("/jobs/canary")
    assert answer.status_code == 500
    assert "ada@example.com" not in answer.text + caplog.text
    assert "RuntimeError in job at" in caplog.text


def test_a_form_of_very_many_fields_is_refused_at_once(client: TestClient) -> None:
    body = b"a=1&" * 100_000
    answer = client.post("/logout", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 413
    assert client.post("/logout", content=b"a" * (2 << 20)).status_code == 413


def test_limits_can_be_set_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text(
        "[limits]\nfiles = 3\n[sources]\nshop = 'postgres://reader@db/shop?table=orders'\n"
    )
    settings = make_settings(tmp_path)
    assert settings.limits == Limits(files=3)
    assert "reader" not in repr(settings)
    (tmp_path / "app.toml").write_text("[limits]\nfile = 3\n")
    with pytest.raises(ConfigError, match=r"limits\.file"):
        make_settings(tmp_path)
