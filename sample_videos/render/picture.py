"""What a real camera does to a clean picture.

Every effect works on pictures of shape (height, width, 3). Light is handled in linear values with
1 as white; the tone curve and everything after it in display values, as in a phone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

DISPLAY_GAMMA = 2.2
SIDES = ("left", "right")
SHORTEST_MOTION_PX = 0.5  # a shorter smear cannot be seen


@dataclass(frozen=True)
class PictureParams:
    """One camera's faults; the defaults are a clean picture. Sizes are pixels at 640 x 480.

    Parameters
    ----------
    exposure_stops : float
        Light against the right exposure: -1 is half the light.
    warmth, tint : float
        White balance left over: + warmth is orange, - blue; + tint magenta, - green. About -1..1.
    contrast, gamma : float
        Contrast about the middle grey (1 is none); gamma above 1 darkens the middle tones.
    vignette : float
        Light lost in the corners, as a share.
    defocus_px : float
        Radius of the blur disc.
    motion_px, motion_deg : float
        Length and direction (0 is along x, 90 along y) of the smear.
    noise, chroma_noise : float
        Standard deviations in 8-bit values at middle grey: of brightness grain and of colour.
    shrink : float
        The picture was stored at this share of its size and blown up again (1 is untouched).
    jpeg_quality : int
        As Pillow counts.
    cut : str
        Part of the body that the picture cuts off: "", "feet" or "head".
    """

    exposure_stops: float = 0.0
    warmth: float = 0.0
    tint: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0
    vignette: float = 0.0
    defocus_px: float = 0.0
    motion_px: float = 0.0
    motion_deg: float = 0.0
    noise: float = 0.0
    chroma_noise: float = 0.0
    shrink: float = 1.0
    jpeg_quality: int = 92
    cut: str = ""


def photograph(picture: np.ndarray, params: PictureParams, rng: np.random.Generator) -> np.ndarray:
    """Apply everything but cut and JPEG: (h, w, 3) uint8 -> (h, w, 3) uint8."""
    scale = max(picture.shape[:2]) / 640
    light = (picture.astype(np.float32) / 255) ** DISPLAY_GAMMA
    light = defocus(light, params.defocus_px * scale)
    light = smear(light, params.motion_px * scale, params.motion_deg)
    light = vignette(light, params.vignette)
    light = light * (2.0**params.exposure_stops * balance(params.warmth, params.tint))
    light = grain(light, params.noise, params.chroma_noise, rng)
    display = tone(light, params.contrast, params.gamma)
    display = blow_up(display, params.shrink)
    return (display * 255 + 0.5).astype(np.uint8)


def balance(warmth: float, tint: float) -> np.ndarray:
    """Gains of red, green and blue (3,), whose grey keeps its brightness."""
    gains = np.exp([0.18 * warmth + 0.06 * tint, -0.10 * tint, -0.25 * warmth + 0.06 * tint])
    return (gains / (gains @ [0.2126, 0.7152, 0.0722])).astype(np.float32)


def vignette(light: np.ndarray, amount: float) -> np.ndarray:
    """Darken towards the corners, where `amount` of the light is lost."""
    if amount <= 0:
        return light
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return light * (1 - amount * ((x**2 + y**2) / 2) ** 1.5)[..., None].astype(np.float32)


def defocus(light: np.ndarray, radius: float) -> np.ndarray:
    """Blur with a disc; a radius below about a third of a pixel changes nothing."""
    if radius < 0.3:
        return light
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return filter_channels(light, disc / disc.sum())


def smear(light: np.ndarray, length: float, direction_deg: float) -> np.ndarray:
    """Blur along a straight line of this length."""
    if length < SHORTEST_MOTION_PX:
        return light
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    along = np.linspace(-length / 2, length / 2, 8 * reach + 1)
    x = reach + along * np.cos(np.radians(direction_deg))
    y = reach + along * np.sin(np.radians(direction_deg))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - column, y - row
    np.add.at(kernel, (row, column), (1 - right) * (1 - down))
    np.add.at(kernel, (row, column + 1), right * (1 - down))
    np.add.at(kernel, (row + 1, column), (1 - right) * down)
    np.add.at(kernel, (row + 1, column + 1), right * down)
    return filter_channels(light, kernel / kernel.sum())


def filter_channels(light: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Filter each colour by itself."""
    kernel = kernel.astype(np.float32)
    return np.stack(
        [ndimage.convolve(light[..., channel], kernel, mode="nearest") for channel in range(3)], -1
    )


def grain(
    light: np.ndarray, noise: float, chroma_noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Sensor noise that grows with the root of the light (photons), plus a floor (reading).

    Colour noise is coarser than brightness noise, as a phone's noise reduction leaves it.
    """
    if noise <= 0 and chroma_noise <= 0:
        return light
    height, width = light.shape[:2]
    grey = 0.5**DISPLAY_GAMMA
    # At middle grey this much linear noise shows as one 8-bit value.
    one_step = DISPLAY_GAMMA * 0.5 ** (DISPLAY_GAMMA - 1) / 255
    strength = np.sqrt(0.97 * np.clip(light.mean(-1, keepdims=True), 0, 1) / grey + 0.03)
    brightness = rng.standard_normal((height, width, 1), dtype=np.float32)
    colour = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), dtype=np.float32)
    colour = colour.repeat(2, 0).repeat(2, 1)[:height, :width]
    return light + one_step * strength * (noise * brightness + chroma_noise * colour)


def tone(light: np.ndarray, contrast: float, gamma: float) -> np.ndarray:
    """Linear light -> display values in [0, 1]."""
    display = np.clip(light, 0, 1) ** (gamma / DISPLAY_GAMMA)
    return np.clip(0.5 + contrast * (display - 0.5), 0, 1)


def blow_up(display: np.ndarray, share: float) -> np.ndarray:
    """Store at a share of the size and enlarge again, as messengers do."""
    if share >= 1:
        return display
    height, width = display.shape[:2]
    picture = Image.fromarray((display * 255 + 0.5).astype(np.uint8))
    small = picture.resize(
        (max(1, round(width * share)), max(1, round(height * share))), Image.Resampling.BOX
    )
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)) / 255


def encode_jpeg(picture: np.ndarray, quality: int) -> bytes:
    """(h, w, 3) uint8 -> the bytes of a JPEG file."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def cut_box(
    cut: str, joints_px: dict[str, np.ndarray], width: int, height: int
) -> tuple[int, int, int, int]:
    """The part of the picture that stays when a part of the body is cut off.

    The cut runs along the side of the picture that the part is nearest to, seen from the trunk.
    It never takes a hip or a shoulder: such a picture keeps its size, as does one with no cut.

    Parameters
    ----------
    cut : str
        "feet" (between knees and ankles), "head" (just beyond the shoulders) or "".
    joints_px : dict of str to (2,) array
        "left_shoulder", "right_ankle" and so on, and "nose" for the head.

    Returns
    -------
    tuple of int
        Left, top, right, bottom; the last two are exclusive.
    """
    whole = (0, 0, width, height)
    if not cut:
        return whole

    def both(*joints: str) -> np.ndarray:
        return np.array([joints_px[f"{side}_{joint}"] for joint in joints for side in SIDES])

    trunk = both("shoulder", "hip")
    gone = both("ankle") if cut == "feet" else np.array([joints_px["nose"]])
    kept = both("shoulder", "hip", "knee") if cut == "feet" else trunk
    away = gone.mean(0) - trunk.mean(0)
    axis = int(np.argmax(np.abs(away)))
    sign = np.sign(away[axis])
    last_kept, first_gone = (sign * kept[:, axis]).max(), (sign * gone[:, axis]).min()
    if first_gone <= last_kept:  # folded up: the part lies beside something that must stay
        last_kept = (sign * trunk[:, axis]).max()
    if first_gone - last_kept < 0.02 * width:
        return whole
    edge = round(float(sign * (0.4 * last_kept + 0.6 * first_gone)))
    box = list(whole)
    box[axis + 2 if sign > 0 else axis] = edge
    left, top, right, bottom = box
    return left, top, right, bottom
