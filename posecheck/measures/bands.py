"""Values and bands: whether one lies in the other, and how people read them."""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array
from posecheck.measures.catalogue import Measure, Unit

Ends = tuple[float | None, float | None]

_DECIMALS = {"deg": 1, "torso": 2, "s": 1}


def inside(values: Array, band: Ends) -> np.ndarray:
    """Where values lie in the band; NaN lies nowhere.

    Parameters
    ----------
    values : ndarray, shape (n_frames,)
    band : tuple
        Lowest and highest value; None is an open end.

    Returns
    -------
    ndarray
    """
    low, high = band
    within = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        if low is not None:
            within = within & (values >= low)
        if high is not None:
            within = within & (values <= high)
    return within


def band_margin(value: float, target: Ends, tolerance: float) -> float:
    """Distance from `value` to the nearer end of the passing band; negative outside of it.

    Parameters
    ----------
    value : float
    target : tuple
        The band asked for; None is an open end.
    tolerance : float
        By which the band that passes is wider.

    Returns
    -------
    float
    """
    low, high = passing_band(target, tolerance)
    below = np.inf if low is None else value - low
    above = np.inf if high is None else high - value
    return float(min(below, above))


def beyond(value: float, band: Ends) -> int:
    """Where a value lies: -1 below the band, 0 inside, 1 above.

    Parameters
    ----------
    value : float
    band : tuple
        Lowest and highest value; None is an open end.

    Returns
    -------
    int
    """
    low, high = band
    if low is not None and value < low:
        return -1
    return int(high is not None and value > high)


def passing_band(target: Ends, tolerance: float) -> Ends:
    """The band that passes: the target, wider by the tolerance at every closed end.

    Parameters
    ----------
    target : tuple
        The band asked for; None is an open end.
    tolerance : float
        By which the band that passes is wider.

    Returns
    -------
    Ends
    """
    low, high = target
    return (
        None if low is None else low - tolerance,
        None if high is None else high + tolerance,
    )


def least_tells(least: float, passing: Ends) -> bool:
    """Whether any value from `least` upwards would lie on the same side of the passing band.

    Parameters
    ----------
    least : float
    passing : tuple
        The band that passes.

    Returns
    -------
    bool
    """
    low, high = passing
    return least > high if high is not None else low is None or least >= low


def view_tells(measure: Measure, view: str, read: float, passing: Ends) -> bool:
    """Whether what is read from a view is enough to say if the value lies in the passing band.

    Parameters
    ----------
    measure : Measure
    view : str
        As `ViewTrack` names it.
    read : float
        What was read.
    passing : tuple
        The band that passes.

    Returns
    -------
    bool
    """
    return view not in measure.at_least_from or least_tells(read, passing)


def round_value(value: float, unit: Unit) -> float:
    """As many decimals as the unit is worth, and no minus before a zero.

    Parameters
    ----------
    value : float
    unit : {"deg", "torso", "s"} or None

    Returns
    -------
    float
    """
    return round(value, _DECIMALS[unit]) + 0.0


def around(
    value: float | None, half_width: float | None, unit: Unit | None
) -> tuple[float, float] | None:
    """The interval around a value, as many decimals as the unit is worth.

    Parameters
    ----------
    value, half_width : float or None
        In the unit.
    unit : {"deg", "torso", "s"} or None

    Returns
    -------
    tuple[float, float] or None
        None where either is not known.
    """
    if value is None or half_width is None or unit is None:
        return None
    return round_value(value - half_width, unit), round_value(value + half_width, unit)


def show_value(value: float, unit: Unit | None) -> str:
    """A value as people read it: `62°`, `0.35 torso lengths`, `12.0 s`.

    Parameters
    ----------
    value : float
    unit : {"deg", "torso", "s"} or None

    Returns
    -------
    str
    """
    if unit == "deg":
        return f"{value:z.0f}°"
    if unit == "torso":
        return f"{value:z.2f} torso lengths"
    return f"{value:z.1f} s"


def show_reading(value: float, interval: tuple[float, float] | None, unit: Unit | None) -> str:
    """A reading with its interval as people read it: `62° (57 to 67)`.

    Parameters
    ----------
    value : float
    interval : tuple or None
        What holds the true value nine times in ten, where that is known.
    unit : {"deg", "torso", "s"} or None

    Returns
    -------
    str
    """
    if interval is None:
        return show_value(value, unit)
    decimals = 0 if unit == "deg" else 2
    low, high = (f"{end:z.{decimals}f}" for end in interval)
    return f"{show_value(value, unit)} ({low} to {high})"


def show_band(target: Ends, unit: Unit | None) -> str:
    """A band as people read it: `80° to 100°`, `at most 15°`.

    Parameters
    ----------
    target : tuple
        The band asked for; None is an open end.
    unit : {"deg", "torso", "s"} or None

    Returns
    -------
    str
    """
    low, high = target
    if low is None and high is None:
        return "anything"
    if low is None:
        return f"at most {show_value(float(high or 0), unit)}"
    if high is None:
        return f"at least {show_value(low, unit)}"
    if low == high:
        return show_value(low, unit)
    return f"{show_value(low, unit)} to {show_value(high, unit)}"


def short_units(words: str) -> str:
    """The same words where room is scarce.

    Parameters
    ----------
    words : str

    Returns
    -------
    str
    """
    return words.replace(" torso lengths", " L")
