"""A new file that is there whole or not at all, and that only its owner may read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from posecheck.errors import SourceError
from posecheck.paths import sync


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Lend a place beside `path` to write to; it becomes `path` when nothing went wrong.

    Yields
    ------
    Path
        An empty file with mode 0600 and the suffix of `path`, which some libraries insist on.

    Raises
    ------
    SourceError
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
    except OSError as error:
        raise SourceError(
            f"the file cannot be written ({error.strerror or error})",
            where=path,
            todo="Choose a folder that exists and that you may write to.",
        ) from error
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink()
