"""`coterie`: the group of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import atexit
import errno
import os
import sys
import threading
from typing import Any, NoReturn

import click

import coterie
from coterie.cli.audiences import audiences
from coterie.cli.brief import brief
from coterie.cli.check import check
from coterie.cli.compare import compare
from coterie.cli.demo import demo
from coterie.cli.excel import excel
from coterie.cli.forget import forget
from coterie.cli.measure import measure
from coterie.cli.plan import plan
from coterie.cli.playbook import playbook
from coterie.cli.report import report
from coterie.cli.score import score
from coterie.cli.segment import segment
from coterie.cli.serve import serve
from coterie.cli.sql import sql
from coterie.cli.studies import studies
from coterie.errors import CoterieError, EngineError, ServerError

EXIT_OURS = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT)


class _Translated(click.Group):
    """A group whose commands end with one of our exit codes, and a traceback only with --debug."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own signature
        try:
            return super().invoke(ctx)
        except CoterieError as error:
            if _debugging(ctx):
                raise
            click.echo(f"coterie: {error}", err=True)
            ours = isinstance(error, EngineError) and not isinstance(error, ServerError)
            ctx.exit(EXIT_OURS if ours else EXIT_INPUT)
        except KeyboardInterrupt:
            click.echo("coterie: interrupted; nothing was written.", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            _leave_quietly()
        except Exception as error:
            if _debugging(ctx):
                raise
            if isinstance(error, OSError) and (error.filename or error.errno in _FULL):
                click.echo(f"coterie: {_about_file(error)}", err=True)
                ctx.exit(EXIT_INPUT)
            click.echo(
                f"coterie: something went wrong inside Coterie ({type(error).__name__}). It is our fault, not yours.\n"
                "Run the same command with --debug and report what it prints.",
                err=True,
            )
            ctx.exit(EXIT_OURS)


@click.group(cls=_Translated, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(coterie.__version__, "-V", "--version", prog_name="coterie")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find the customer segments in a store's own data, and what to do about each.

    \b
    Examples:
      coterie demo                                a synthetic store, start to finish
      coterie check orders.csv                    what is understood, what is wrong
      coterie segment orders.csv customers.csv    segments, report, lists for campaigns
    """
    ctx.ensure_object(dict)


for command in (
    segment, check, demo, score, sql, report, studies, audiences, excel, plan, measure, compare, forget, serve,
    playbook, brief,
):  # fmt: skip
    main.add_command(command)


def _debugging(ctx: click.Context) -> bool:
    return bool(os.environ.get("COTERIE_DEBUG")) or bool((ctx.obj or {}).get("debug"))


def _about_file(error: OSError) -> str:
    """Say which file or folder stands in the way: it is of another kind, not ours to touch, or the disk is full."""
    place = f"'{error.filename}'" if error.filename else "A file"
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"{place} cannot be read or written.\n{why}.\nName another file or folder, or make room or rights for it."


def _leave_quietly() -> None:
    """The reader of our output has gone (as with `| head`): close it so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def run() -> NoReturn:
    """Be the program, and leave at once: to take apart all that was loaded, object by object, takes half a second."""
    try:
        main(prog_name="coterie")
        status = 0
    except SystemExit as ended:
        if not isinstance(ended.code, int):
            raise
        status = ended.code
    others = (thread for thread in threading.enumerate() if thread is not threading.main_thread())
    if sys.getprofile() or sys.flags.inspect or any(not thread.daemon for thread in others):
        sys.exit(status)  # somebody still wants to look, or has work to end
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as where a program is begun without them
                stream.flush()
    except (OSError, ValueError):
        sys.exit(status)  # which tells of it
    os._exit(status)


if __name__ == "__main__":
    run()
