"""The format of a pose bundle: what is wrong with one, and how one is written.

A `.task` bundle is a zip of two TensorFlow Lite networks, stored and not deflated because MediaPipe
maps them straight from the file.
"""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from posecheck.pose.model.tflite import without_mask

DETECTOR = "pose_detector.tflite"
LANDMARKER = "pose_landmarks_detector.tflite"

_ALIGNMENT = 4
_ALIGNMENT_FIELD = 0xD935  # the extra field that zip tools use for alignment padding
_LOCAL_HEADER = 30  # bytes before a member's name
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGED = (struct.error, ValueError, TypeError, LookupError)


def bundle_problem(path: Path) -> str | None:
    """What is wrong with a bundle, as the end of a sentence about it; None when it is sound.

    Every byte is read against the zip's checksums: that takes milliseconds, and a half-copied or
    rotten file would otherwise only show as an obscure error deep inside MediaPipe.

    Parameters
    ----------
    path : Path
        The `.task` file.

    Returns
    -------
    str or None
        For example ``"is not a zip file"``.
    """
    try:
        if path.is_dir():
            return "is a folder, not a .task file"
        if path.exists() and not path.is_file():  # a pipe may never end
            return "is not a regular file"
        with zipfile.ZipFile(path) as bundle:
            return _content_problem(bundle)
    except FileNotFoundError:
        return "does not exist"
    except zipfile.BadZipFile:
        return "is not a whole zip file, so it is damaged or not a .task file"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"


def _content_problem(bundle: zipfile.ZipFile) -> str | None:
    members = {info.filename: info for info in bundle.infolist()}
    missing = [name for name in (DETECTOR, LANDMARKER) if name not in members]
    if missing:
        return f"is a zip without {' and '.join(missing)}, so it is not a pose landmarker bundle"
    for name in (DETECTOR, LANDMARKER):
        # Bit 0 is encryption; MediaPipe refuses compressed members as well.
        if members[name].compress_type != zipfile.ZIP_STORED or members[name].flag_bits & 1:
            return f"holds {name} compressed or encrypted, which MediaPipe cannot load"
    damaged = bundle.testzip()
    return f"is damaged ({damaged} does not match its checksum)" if damaged else None


def zip_bundle(members: list[tuple[str, bytes]], comment: bytes = b"") -> bytes:
    """A stored zip with fixed dates and aligned members: same content, same bytes.

    Parameters
    ----------
    members : list of (str, bytes)
        Names and contents, in order.
    comment : bytes
        Of the zip as a whole.

    Returns
    -------
    bytes
        The `.task` file.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        bundle.comment = comment
        for name, data in members:
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.create_system = 3  # otherwise Windows would write other bytes
            info.external_attr = 0o644 << 16
            # MediaPipe maps the networks from the file and wants them on 4-byte boundaries.
            start = target.tell() + _LOCAL_HEADER + len(name.encode()) + 4
            padding = -start % _ALIGNMENT
            info.extra = struct.pack("<HH", _ALIGNMENT_FIELD, padding) + bytes(padding)
            bundle.writestr(info, data)
    return target.getvalue()


def landmarks_only(bundle: Path) -> bytes:
    """A pose bundle that finds the same landmarks, and no mask of the body.

    MediaPipe makes the mask on every frame, asked for or not, and it takes a third of the time: it
    works on the largest pictures in the network. Nothing else is computed from it, so the landmarks
    stay the same to the last bit.

    Parameters
    ----------
    bundle : Path
        A sound `.task` file.

    Returns
    -------
    bytes
        Another one. The network is as it was where it has no part of that kind.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    return _landmarks_only(bundle, bundle.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _landmarks_only(bundle: Path, _mtime_ns: int) -> bytes:
    with zipfile.ZipFile(bundle) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    # What is damaged is left as it is: MediaPipe reads it too, and says so.
    with suppress(*_DAMAGED):
        members[LANDMARKER] = without_mask(members[LANDMARKER])
    return zip_bundle(list(members.items()))
