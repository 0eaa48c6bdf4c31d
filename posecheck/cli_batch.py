"""The command line's part about many recordings: `posecheck batch`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from posecheck.cli_report import EXIT_FAILED_CUES, EXIT_GOOD, check_outputs, frame_rate
from posecheck.errors import UsageError

if TYPE_CHECKING:
    from posecheck.batch.files import Folder
    from posecheck.batch.row import Job, Row, Settings
    from posecheck.batch.table import Done
    from posecheck.batch.work import Outcome

EXIT_STOPPED = 130
TABLE = "posecheck-batch.csv"
_SHOWN = 20  # clips that could not be read, in the summary

_out = Console(emoji=False)
_err = Console(stderr=True, emoji=False)
