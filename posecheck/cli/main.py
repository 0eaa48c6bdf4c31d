"""The command line put together: its commands, and what becomes of an error."""

from __future__ import annotations

import atexit
import gc
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from posecheck import __version__
from posecheck.cli.batch import batch
from posecheck.cli.check import check
from posecheck.cli.doctor import doctor, model
from posecheck.cli.history import backup, export, forget, history, import_, recheck
from posecheck.cli.live import live
from posecheck.cli.options import EXIT_BAD_INPUT, err, out, print_error
from posecheck.cli.progress import progress
from posecheck.cli.stretches import stretches, validate
from posecheck.core.errors import MISSING_LIBRARY, PosecheckError

EXIT_FAULT = 70  # as sysexits.h has it for an internal error

app = typer.Typer(
    help="Check the form of lower-back stretches in videos and photos. Video never leaves this "
    "machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(check, stretches, validate, doctor, model, batch, live),
    *(history, export, import_, forget, recheck, backup, progress),
):
    app.command(command.__name__.strip("_"))(command)


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"posecheck {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options_of_all(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _printable(words: str) -> str:
    """On one line, without commands to the terminal: a file may have any name."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


def main() -> None:
    """Run the command line; an error becomes one clear line and exit status 2."""
    atexit.register(gc.freeze)  # the system takes it all back at once; sorting it takes 0.2 s
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        app()
    except PosecheckError as error:
        print_error(_printable(str(error)))
        sys.exit(EXIT_BAD_INPUT)
    except ImportError as error:
        if (error.name or "").startswith("posecheck"):
            raise  # a fault of ours, not of the system
        print_error(
            f"a package does not load ({error}). {MISSING_LIBRARY}. `posecheck doctor` tells more."
        )
        sys.exit(EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        err.print("posecheck: stopped")
        sys.exit(130)
    except Exception:  # noqa: BLE001
        # A fault of ours is shown whole, but its status must not read as "some cues failed".
        err.print_exception()
        sys.exit(EXIT_FAULT)
