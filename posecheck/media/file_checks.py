"""What can be said about a file without decoding it: whether it may be read, and if not, why."""

from __future__ import annotations

from pathlib import Path

from posecheck.core.errors import SourceError
from posecheck.core.files import file_fault
from posecheck.media.mp4_boxes import is_mp4, lacks_index

# A few bytes of header can claim a picture that fills the memory; of a video, a decoder keeps 16.
MAX_PIXELS = 100_000_000
MAX_VIDEO_PIXELS = 40_000_000  # 8K has 33 million
TO_DO = "Give a recording as MP4, MOV, MKV or WebM, or a photo as JPEG or PNG."
COPY_AGAIN = "Copy it again from the camera, or record again."


def check_file(path: Path) -> None:
    """Refuse what is no readable file, before any decoder sees it."""
    fault = file_fault(path, "one video or photo: MP4, MOV, MKV or WebM, JPEG or PNG")
    if fault is not None:
        raise SourceError(fault.what, where=path, hint=fault.hint)
    if path.stat().st_size == 0:
        raise SourceError("The file is empty (0 bytes)", where=path, hint=COPY_AGAIN)


def check_size(path: Path, width: int, height: int, limit: int) -> None:
    """Refuse a picture of more than `limit` pixels."""
    if width * height > limit:
        raise SourceError(
            f"The picture claims {width} x {height} pixels, more than "
            f"{limit // 1_000_000} megapixels",
            where=path,
            hint="Scale it down first, or copy it again if it should be smaller.",
        )


def cannot_open(path: Path) -> SourceError:
    """Say why FFmpeg could not open a file, as far as its first bytes tell."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return SourceError("HEIC photos cannot be read", where=path, hint="Export it as JPEG.")
    if is_mp4(head) and lacks_index(path):
        return SourceError(
            "The recording was not finished or not copied completely: its index is missing",
            where=path,
            hint=COPY_AGAIN,
        )
    return SourceError("This is not a video or photo, or it is damaged", where=path, hint=TO_DO)
