"""What can be said about a file without decoding it: whether it may be read, and if not, why.

Of an MP4, MOV or 3GP file that includes its index. FFmpeg believes the counts in an index and
allocates memory for as many samples, so that two kilobytes can ask for gigabytes; but hardly any
sample is smaller than a byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from posecheck.core.errors import SourceError
from posecheck.core.files import file_fault

# A few bytes of header can claim a picture that fills the memory; of a video, a decoder keeps 16.
MAX_PIXELS = 100_000_000
MAX_VIDEO_PIXELS = 40_000_000  # 8K has 33 million
TO_DO = "Give a recording as MP4, MOV, MKV or WebM, or a photo as JPEG or PNG."
COPY_AGAIN = "Copy it again from the camera, or record again."

_FIRST = {b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip", b"styp", b"moof", b"pnot"}
_INSIDE = {
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"),
    *(b"mvex", b"dinf", b"udta", b"free", b"hoov"),  # FFmpeg would find an index even here
}
_COUNT_AT = {b"stsz": 8, b"stz2": 8, b"trun": 4}  # bytes into the box where it counts pieces
_MAX_BOXES = 1_000_000  # six hours in fragments of a second have a fifth of it
_MAX_DEPTH = 10  # as in FFmpeg
_TINY_PIECES = 1_000_000  # old QuickTime counts sound by sample, however well it is packed


def check_file(path: Path) -> None:
    """Refuse what is no readable file, before any decoder sees it.

    Parameters
    ----------
    path : Path
        The file.
    """
    fault = file_fault(path, "one video or photo: MP4, MOV, MKV or WebM, JPEG or PNG")
    if fault is not None:
        raise SourceError(fault.what, where=path, hint=fault.hint)
    if path.stat().st_size == 0:
        raise SourceError("The file is empty (0 bytes)", where=path, hint=COPY_AGAIN)


def check_size(path: Path, width: int, height: int, limit: int) -> None:
    """Refuse a picture of more than `limit` pixels.

    Parameters
    ----------
    path : Path
        The file.
    width : int
    height : int
    limit : int
        How many.
    """
    if width * height > limit:
        raise SourceError(
            f"The picture claims {width} x {height} pixels, more than "
            f"{limit // 1_000_000} megapixels",
            where=path,
            hint="Scale it down first, or copy it again if it should be smaller.",
        )


def check_index(path: Path) -> None:
    """Refuse an index that claims what cannot be in the file; other files pass.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    SourceError
        It counts more pieces than the file has bytes, or is packed so that nobody can tell.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if not _is_mp4(file.read(8)):
            return
        n_pieces = 0
        for n_boxes, box in enumerate(_all_boxes(file, size)):
            if box.kind in _COUNT_AT:
                file.seek(box.start + _COUNT_AT[box.kind])
                n_pieces += int.from_bytes(file.read(4), "big")
            if n_pieces > size + _TINY_PIECES or n_boxes > _MAX_BOXES or box.kind == b"cmov":
                raise SourceError(
                    "The index of this recording cannot be true: it claims more than the file "
                    "can hold",
                    where=path,
                    hint=COPY_AGAIN,
                )


def cannot_open(path: Path) -> SourceError:
    """Say why FFmpeg could not open a file, as far as its first bytes tell.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    SourceError
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return SourceError("HEIC photos cannot be read", where=path, hint="Export it as JPEG.")
    if _is_mp4(head) and _lacks_index(path):
        return SourceError(
            "The recording was not finished or not copied completely: its index is missing",
            where=path,
            hint=COPY_AGAIN,
        )
    return SourceError("This is not a video or photo, or it is damaged", where=path, hint=TO_DO)


class _Box(NamedTuple):
    kind: bytes
    start: int  # of what is in it
    stop: int


def _is_mp4(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be MP4, MOV or 3GP."""
    return head[4:8] in _FIRST


def _lacks_index(path: Path) -> bool:
    """Whether there is no complete index (a moov box) in an MP4 or MOV file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return not any(box.kind == b"moov" and box.stop <= size for box in _boxes(file, 0, size))


def _all_boxes(file: BinaryIO, size: int) -> Iterator[_Box]:
    """The boxes of a file and those inside of them, as deep as an index goes."""
    levels = [_boxes(file, 0, size)]
    while levels:
        box = next(levels[-1], None)
        if box is None:
            levels.pop()
            continue
        yield box
        if box.kind in _INSIDE and len(levels) <= _MAX_DEPTH:
            levels.append(_boxes(file, box.start, min(box.stop, size)))


def _boxes(file: BinaryIO, position: int, stop: int) -> Iterator[_Box]:
    """The boxes one after the other; the last may claim to go on behind `stop`."""
    while position + 8 <= stop:
        file.seek(position)
        head = file.read(16)
        length, start = int.from_bytes(head[:4], "big"), position + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), position + 16
        elif length == 0:  # to the end
            length = stop - position
        if length < start - position:
            return
        yield _Box(head[4:8], start, position + length)
        position += length
