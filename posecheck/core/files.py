"""A new file that is there whole or not at all, and that only its owner may read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from posecheck.core.errors import PosecheckError, SourceError
from posecheck.core.paths import sync


@contextlib.contextmanager
def whole_file(
    path: Path, *, what: str = "the file", error: type[PosecheckError] = SourceError
) -> Iterator[Path]:
    """Lend a place beside `path` to write to; it becomes `path` when nothing went wrong.

    Parameters
    ----------
    path : Path
    what, error
        What is written, and what to raise when it cannot be.

    Yields
    ------
    Path
        An empty file with mode 0600 and the suffix of `path`, which some libraries insist on.

    Raises
    ------
    PosecheckError
        When it cannot be written; what stood at `path` before is then untouched.
    """
    part = None
    try:
        suffix = path.suffix.lower()
        handle, name = tempfile.mkstemp(prefix=".posecheck-", suffix=suffix, dir=path.parent)
        os.close(handle)
        part = Path(name)
        yield part
        sync(part)
        part.replace(path)
        sync(path.parent)
    except OSError as problem:
        raise error(
            f"{what} cannot be written ({problem.strerror or problem})",
            where=path,
            hint="Choose a folder that exists and that you may write to.",
        ) from problem
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink()
