"""MoveNet Thunder, run by onnxruntime: 17 points of one person in a square picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from posecheck.core.errors import MISSING_LIBRARY, ModelError
from posecheck.core.geometry import Array
from posecheck.pose.quiet import NO_REPORTS

SIDE_PX = 256
N_POINTS = 17
_FATAL = 4  # what is less than fatal comes as an exception too: nothing is printed


class Thunder:
    """The network, loaded.

    Parameters
    ----------
    path : Path
        The ONNX file, as `posecheck.pose.model.thunder` gives it.

    Raises
    ------
    ModelError
        It cannot be loaded, or onnxruntime cannot.
    """

    def __init__(self, path: Path) -> None:
        os.environ |= NO_REPORTS
        try:
            # 0.1 s, and who has no such model need not wait for it
            import onnxruntime as ort  # noqa: PLC0415
        except (ImportError, OSError) as error:
            raise ModelError(
                f"onnxruntime, which runs MoveNet Thunder, does not load ({error})",
                hint=MISSING_LIBRARY,
            ) from error
        options = ort.SessionOptions()
        # One core each: several parts of a recording are analysed at a time.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL
        try:
            self._session: Any = ort.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no base class of its own
            raise ModelError(
                "MoveNet Thunder cannot be loaded",
                where=path,
                hint="Delete the file and run `posecheck model thunder` to fetch it again.",
            ) from error

    def points(self, rgb: np.ndarray) -> Array:
        """Where the points of the one person are.

        Parameters
        ----------
        rgb : ndarray of uint8, (SIDE_PX, SIDE_PX, 3)
            The picture.

        Returns
        -------
        ndarray, (17, 3)
            x, y and score of each point in the order of COCO, all in 0 to 1.
        """
        found = self._session.run(None, {"input": rgb[None].astype(np.int32)})[0]
        return np.asarray(found[0, 0][:, [1, 0, 2]])

    def close(self) -> None:
        """Free the network."""
        self._session = None
