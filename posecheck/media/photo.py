"""Photos, read with Pillow: any mode as 8-bit BGR, upright as EXIF says, damage put in words."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Generator
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from posecheck.core.errors import SourceError
from posecheck.landmarks.series import SourceFacts
from posecheck.media.file_checks import COPY_AGAIN, MAX_PIXELS, check_size
from posecheck.media.frames import (
    DARK_WORDS,
    BgrImage,
    Frame,
    FrameSelector,
    Source,
    fitted,
    is_dark,
    to_bgr,
)

_PHOTO_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
_ANIMATED_FORMATS = ("GIF", "PNG", "WEBP")
# Everything Pillow's decoders were seen to raise on damaged files.
_PHOTO_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError,
    RuntimeError, AttributeError, AssertionError, MemoryError, EOFError, struct.error, zlib.error,
)  # fmt: skip
_EXIF_ORIENTATION = 0x0112
_EXIF_ROTATION_DEG = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}


def open_photo(path: Path) -> Image.Image | None:
    """The still in a file, not decoded yet.

    Parameters
    ----------
    path : pathlib.Path
        A file that passed `check_file`.

    Returns
    -------
    PIL.Image.Image or None
        None if the file is no still.

    Raises
    ------
    SourceError
        It is a still, but too large or damaged.
    """
    Image.init()
    formats = [name for name in _PHOTO_FORMATS if name in Image.OPEN]
    try:
        with warnings.catch_warnings():
            # Of size, for which `check_size` has a limit of its own, and of odd EXIF blocks, which
            # are heard when the photo is decoded.
            warnings.simplefilter("ignore")
            return Image.open(path, formats=formats)
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError as error:
        raise SourceError(
            f"The photo claims more than {MAX_PIXELS // 1_000_000} megapixels",
            where=path,
            hint="Scale it down first.",
        ) from error
    except _PHOTO_ERRORS as error:
        raise _damaged_photo(path, error) from error


def is_animated(photo: Image.Image) -> bool:
    """Whether there is more than one picture, shown one after the other.

    Parameters
    ----------
    photo : PIL.Image.Image

    Returns
    -------
    bool

    Raises
    ------
    SourceError
        The photo is damaged where its second picture should be.
    """
    if photo.format not in _ANIMATED_FORMATS:
        return False
    try:
        return bool(getattr(photo, "is_animated", False))
    except _PHOTO_ERRORS as error:
        path = Path(getattr(photo, "filename", ""))
        photo.close()
        raise _damaged_photo(path, error) from error


class PhotoSource(Source):
    """A still, decoded once when it is opened.

    Parameters
    ----------
    path : pathlib.Path
        Where the photo is from.
    photo : PIL.Image.Image
        From `open_photo`; closed once it is decoded.

    Raises
    ------
    SourceError
        The photo is too large or damaged.
    """

    def __init__(self, path: Path, photo: Image.Image) -> None:
        notes: list[str] = []
        with photo:
            check_size(path, photo.width, photo.height, MAX_PIXELS)
            # Pillow mentions odd EXIF blocks as Python warnings: they become notes.
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                try:
                    photo.load()
                    upright, rotation_deg = _upright_photo(photo, notes)
                    self._image = _photo_to_bgr(upright)
                except (*_PHOTO_ERRORS, Image.DecompressionBombError) as error:
                    raise _damaged_photo(path, error) from error
            notes += [str(warning.message).strip() for warning in heard]
        if is_dark(self._image):
            notes.append(DARK_WORDS)
        height, width = self._image.shape[:2]
        super().__init__(
            SourceFacts(str(path), "photo", width, height, None, None, 1, rotation_deg)
        )
        self.warnings += notes

    def frames(
        self,
        max_side: int | None = None,
        *,
        selector: FrameSelector | None = None,
        start_s: float = 0.0,
    ) -> Generator[Frame]:
        self._check_readable(max_side)
        width, height = fitted(self.facts.width, self.facts.height, max_side)
        if (width, height) == (self.facts.width, self.facts.height):
            yield Frame(0, 0.0, self._image.copy())
        else:
            picture = VideoFrame.from_ndarray(self._image, format="bgr24")
            yield Frame(0, 0.0, to_bgr(picture, width, height))


def _damaged_photo(path: Path, error: Exception) -> SourceError:
    return SourceError(f"The photo is damaged or cut short ({error})", where=path, hint=COPY_AGAIN)


def _upright_photo(photo: Image.Image, notes: list[str]) -> tuple[Image.Image, int]:
    """The photo turned as its EXIF orientation says, and the clockwise turn in degrees."""
    try:
        orientation = photo.getexif().get(_EXIF_ORIENTATION, 1)
        # Each copy of a large photo is hundreds of megabytes.
        upright = photo if orientation == 1 else ImageOps.exif_transpose(photo)
        return upright, _EXIF_ROTATION_DEG.get(orientation, 0)
    except _PHOTO_ERRORS as error:  # a broken EXIF block does not spoil the picture
        notes.append(f"the photo's EXIF data cannot be read, it is shown as stored ({error})")
        return photo, 0


def _photo_to_bgr(photo: Image.Image) -> BgrImage:
    """Any Pillow mode as 8-bit BGR; what is transparent becomes white."""
    if photo.mode.startswith(("I", "F")):  # 16 or 32 bits of grey, which convert() would clip
        photo = Image.fromarray(_grey_to_8_bit(np.asarray(photo), photo.mode))
    if photo.has_transparency_data:
        photo = photo.convert("RGBA")
        white = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(white, photo)
    if photo.mode != "RGB":
        photo = photo.convert("RGB")
    return np.ascontiguousarray(np.asarray(photo)[:, :, ::-1])


def _grey_to_8_bit(grey: NDArray[np.generic], mode: str) -> NDArray[np.uint8]:
    levels = np.nan_to_num(grey.astype(np.float32))
    if mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:  # no agreed white: the range that is used
        low, high = float(levels.min()), float(levels.max())
    return np.round((levels - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)
