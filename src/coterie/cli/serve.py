"""`coterie serve`: the web app on this machine."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on; any but this machine's own needs --password-file.",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of uploads and studies (default: COTERIE_HOME, or coterie in your data folder).",
)
@click.option("--open/--no-open", "open_browser", default=True, help="Open the app in the browser.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A file whose first line is the password that the app asks for.",
)
def serve(port: int, host: str, home: Path | None, open_browser: bool, password_file: Path | None) -> None:
    """Open the web app: from files to segments and campaigns, in the browser, on this machine alone.

    \b
    Examples:
      coterie serve
      coterie serve --home ~/segments --port 0
      coterie serve --host 0.0.0.0 --password-file secret.txt
    """
    from coterie.app import make_settings
    from coterie.app import serve as serve_app

    password = _password(password_file) if password_file else ""
    settings = make_settings(home, host=host, port=port, password=password)
    if not settings.only_local:
        click.echo(f"Others on the network can reach the app at {host}: traffic is not encrypted.", err=True)
    serve_app(settings, open_browser=open_browser, tell=lambda line: click.echo(line, err=True))


def _password(path: Path) -> str:
    from coterie.errors import ConfigError

    lines = path.read_text(encoding="utf-8").splitlines()
    password = lines[0].strip() if lines else ""
    if len(password) < 12:
        raise ConfigError(
            f"The password in '{path}' is too short.", found=f"{len(password)} letters", remedy="Take at least 12."
        )
    return password
