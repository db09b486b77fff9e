"""The program: its verbs, its two global options, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .alerts import alerts
from .anonymize import anonymize
from .decode import decode
from .demo import demo
from .devices import devices
from .diary import diary
from .doctor import doctor
from .evaluate import evaluate
from .export import export
from .failures import explain
from .healing import healing
from .label import label
from .monitor import monitor
from .note import note
from .plm import plm
from .record import record
from .recover import recover
from .replay import replay
from .report import report
from .score import score
from .simulate import simulate
from .train import train
from .trend import trend
from .trial import trial

NOT_A_DEVICE = "Research and self-logging software, not a medical device."


class Verbs(TyperGroup):
    """The verbs, with every failure told in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Run one verb and turn what goes wrong into a line and an exit code."""
        try:
            return super().invoke(ctx)
        except (Exception, KeyboardInterrupt) as error:
            code = explain(error, debug=bool(ctx.params.get("debug")))
            if code is None:
                raise
            raise typer.Exit(code) from None


# rich would double the time that --help takes
app = typer.Typer(
    name="crampwatch",
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"crampwatch {version('crampwatch')}")
        typer.echo(f"{NOT_A_DEVICE} It never diagnoses and never advises treatment.")
        raise typer.Exit


@app.callback()
def crampwatch(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the full traceback of a failure.")
    ] = False,
) -> None:
    """Find cramp-like contractions and leg movements in a night of EMG and motion.

    Research and self-logging software, not a medical device.
    """


app.command()(demo)
app.command()(healing(score))
app.command()(plm)
app.command()(healing(replay))
app.command()(report)
app.command()(simulate)
app.command()(healing(label))
app.command()(healing(train))
app.command()(healing(evaluate))
app.command()(decode)
app.command()(devices)
app.command()(doctor)
app.command()(recover)
app.command()(healing(note))
app.command()(healing(diary))
app.command()(record)
app.command()(trend)
app.add_typer(trial, name="trial")
app.command()(monitor)
app.command()(alerts)
app.command()(healing(export))
app.command()(anonymize)


def main() -> None:
    """Run the command line on the arguments of the process, and exit."""
    for stream in (sys.stdout, sys.stderr):
        # a label in the file must not stop a terminal that cannot spell it
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if sys.platform != "win32":
            # record holds Ctrl-C back from the score that it starts, until here
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        app()
        code: Any = 0
    except SystemExit as end:
        code = end.code
    except (OSError, KeyboardInterrupt) as error:
        code = explain(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or explain(error)
    sys.exit(code)
