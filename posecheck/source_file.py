"""What can be said about a file without decoding it: whether it may be read, and if not, why."""

from __future__ import annotations

import stat
from pathlib import Path

from posecheck.errors import SourceError

# A few bytes of header can claim a picture that fills the memory.
MAX_PIXELS = 100_000_000
TO_DO = "Give a recording as MP4, MOV, MKV or WebM, or a photo as JPEG or PNG."
COPY_AGAIN = "Copy it again from the camera, or record again."


def check_file(path: Path) -> None:
    """Refuse what is no readable file, before any decoder sees it."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceError("This is a folder", where=path, todo="Give one video or photo in it.")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("This is not a regular file", where=path, todo=TO_DO)
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise SourceError("No such file", where=path, todo="Check the name.") from error
    except PermissionError as error:
        raise SourceError(
            "No permission to read this file", where=path, todo="Change its permissions."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise SourceError(f"Cannot be read ({error})", where=path) from error
    if status.st_size == 0:
        raise SourceError("The file is empty (0 bytes)", where=path, todo=COPY_AGAIN)


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse a picture of more than `MAX_PIXELS`."""
    if width * height > MAX_PIXELS:
        raise SourceError(
            f"The picture claims {width} x {height} pixels, more than "
            f"{MAX_PIXELS // 1_000_000} megapixels",
            where=path,
            todo="Scale it down first, or copy it again if it should be smaller.",
        )


def cannot_open(path: Path) -> SourceError:
    """Say why FFmpeg could not open a file, as far as its first bytes tell."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return SourceError("HEIC photos cannot be read", where=path, todo="Export it as JPEG.")
    if head[4:8] in (b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip") and _lacks_index(path):
        return SourceError(
            "The recording was not finished or not copied completely: its index is missing",
            where=path,
            todo=COPY_AGAIN,
        )
    return SourceError("This is not a video or photo, or it is damaged", where=path, todo=TO_DO)


def _lacks_index(path: Path) -> bool:
    """Whether an MP4 or MOV file has no complete index (its moov box)."""
    size, position = path.stat().st_size, 0
    with path.open("rb") as file:
        for _ in range(10_000):  # a real file has a handful of boxes, a hostile one millions
            file.seek(position)
            head = file.read(16)
            if len(head) < 8:
                break
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if head[4:8] == b"moov":
                return position + length > size
            if length < 8:  # 0 means: up to the end of the file
                break
            position += length
    return True
