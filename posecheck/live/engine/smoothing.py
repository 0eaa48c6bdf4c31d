"""The One-Euro filter: steady when the body rests, quick when it moves, and never late by much.

Casiez, Roussel and Vogel, "1 € filter: a simple speed-based low-pass filter for noisy input in
interactive systems", CHI 2012.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array


class OneEuro:
    """Smooths points as they come.

    Parameters
    ----------
    min_cutoff_hz : float
        Cut-off of the low-pass at rest: lower is steadier.
    beta : float
        By how many Hz the cut-off rises with every unit of speed: higher is quicker.
    speed_cutoff_hz : float
        Cut-off with which the speed itself is smoothed.
    """

    def __init__(self, *, min_cutoff_hz: float, beta: float, speed_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._speed_cutoff_hz = speed_cutoff_hz
        self._t_s = -np.inf
        self._values: Array | None = None
        self._velocity: Array | None = None

    def __call__(self, t_s: float, values: Array, unit: float = 1.0) -> Array:
        """Take the next values.

        Parameters
        ----------
        t_s : float
            Later than those before.
        values : ndarray, shape (n_points, n_space)
            A point that is NaN stays so, and begins anew when it is seen again.
        unit : float
            What counts as one unit of length, for the speed.

        Returns
        -------
        ndarray, shape (n_points, n_space)
        """
        if self._values is None or self._velocity is None:
            smooth, velocity = values, np.zeros_like(values)
        else:
            step = t_s - self._t_s
            known = np.isfinite(self._values)
            before = np.where(known, self._values, values)
            velocity = (values - before) / step
            weight = _weight(self._speed_cutoff_hz, step)
            velocity = self._velocity + weight * (velocity - self._velocity)
            velocity = np.where(known & np.isfinite(velocity), velocity, 0.0)
            speed = np.linalg.norm(velocity, axis=-1, keepdims=True) / unit
            smooth = before + _weight(self._min_cutoff_hz + self._beta * speed, step) * (
                values - before
            )
        self._t_s, self._values, self._velocity = t_s, smooth, velocity
        return smooth


def _weight(cutoff_hz: float | Array, step: float) -> float | Array:
    """Share of the way to a new value that a first-order low-pass goes in one step."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff_hz * step))
