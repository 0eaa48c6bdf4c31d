"""Whether something is a file that can be read to its end: no folder, no pipe, no device."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with a file, and what to do about it; both as sentences."""

    what: str
    hint: str


def file_fault(path: Path, kind: str) -> Fault | None:
    """What keeps a file from being read, if anything.

    A pipe may never end, and never even begin: it is not opened.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        What is wanted, as in "Give {kind}."

    Returns
    -------
    Fault or None
        None where the file can be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            is_folder = stat.S_ISDIR(status.st_mode)
            what = "This is a folder" if is_folder else "This is not a regular file"
            return Fault(what, f"Give {kind}.")
        with path.open("rb"):
            return None
    except FileNotFoundError:
        return Fault("No such file", "Check the name.")
    except PermissionError:
        return Fault("No permission to read this file", "Change its permissions.")
    except OSError as error:
        return Fault(f"Cannot be read ({error.strerror or error})", "Check the name.")
    except ValueError as error:  # a null character in the name, or half a character
        return Fault(f"Cannot be read ({error})", "Check the name.")
