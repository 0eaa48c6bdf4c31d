"""One frame of a live session as a picture for a window: the body, and the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from posecheck.core.geometry import Array
from posecheck.live.desktop.panel import draw_caption, draw_footer, draw_help, draw_side_panel
from posecheck.live.engine.feedback import Feedback, Mark, Message, Point
from posecheck.report.canvas import INK, Box, draw_arc, draw_line, draw_skeleton, place_label
from posecheck.report.style import IN_BAND
from posecheck.stretches import Stretch

WIDTH, HEIGHT = 1280, 720  # fits the screen of a small laptop; a larger window scales it up
_CAPTION_PX, _FOOTER_PX, _PANEL_PX, _GAP_PX = 184, 46, 330, 12
_LINE_PX = 3


class Screen:
    """Draws what a live window shows.

    Parameters
    ----------
    stretch : Stretch
    mirrored : bool
        Show the picture as a mirror does, which is what people expect of a camera that looks at
        them. Words stay as they are, and left stays the person's own left.
    """

    def __init__(self, stretch: Stretch, *, mirrored: bool) -> None:
        self._stretch = stretch
        self._mirrored = mirrored

    def draw(
        self,
        image: np.ndarray,
        feedback: Feedback | None,
        *,
        caption: Message | None = None,
        notes: Sequence[str] = (),
        with_help: bool = False,
    ) -> np.ndarray:
        """Draw one frame.

        Parameters
        ----------
        image : ndarray, shape (height, width, 3), uint8 BGR
            The frame as the camera gave it, not mirrored.
        feedback : Feedback or None
            What it led to; None while the session is paused.
        caption : Message, optional
            Stands instead of the feedback's own message.
        notes : sequence of str
            Short remarks for the lowest line.
        with_help : bool
            Explain keys and signs over the picture.

        Returns
        -------
        ndarray, shape (HEIGHT, WIDTH, 3), uint8 BGR
        """
        canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        canvas[:] = INK
        picture = self._picture(image, feedback)
        if with_help:
            draw_help(picture)
        height, width = picture.shape[:2]
        canvas[:height, :width] = picture
        below = HEIGHT - _CAPTION_PX - _FOOTER_PX
        if feedback is not None:
            panel = canvas[: below - _GAP_PX, width + _GAP_PX : WIDTH - _GAP_PX]
            draw_side_panel(panel, feedback, self._stretch)
        message = caption or (feedback.message if feedback else None)
        draw_caption(canvas[below:-_FOOTER_PX, _GAP_PX:-_GAP_PX], message)
        draw_footer(canvas[-_FOOTER_PX:, _GAP_PX:-_GAP_PX], notes)
        return canvas

    def _picture(self, image: np.ndarray, feedback: Feedback | None) -> np.ndarray:
        height, width = image.shape[:2]
        room = HEIGHT - _CAPTION_PX - _FOOTER_PX, WIDTH - _PANEL_PX
        scale = min(room[0] / height, room[1] / width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        if self._mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
        if feedback is not None:
            self._draw_body(picture, feedback)
        return picture

    def _draw_body(self, picture: np.ndarray, feedback: Feedback) -> None:
        points = self._pixels(feedback.points, picture)
        draw_skeleton(picture, points, feedback.near_side or "", 2)
        # What is wrong goes on top, for two cues may share a limb; its words find room first.
        marks = sorted(feedback.marks, key=lambda mark: mark.good is False)
        places = [self._draw_mark(picture, mark) for mark in marks]
        taken: list[Box] = []
        for mark, place in zip(reversed(marks), reversed(places), strict=True):
            colour = IN_BAND[mark.good].tone.frame
            place_label(picture, _mark_words(mark), place, colour, _LINE_PX, taken)

    def _draw_mark(self, picture: np.ndarray, mark: Mark) -> Array:
        """Draw the lines of an angle or a distance; return the place for its words."""
        corners = list(self._pixels(mark.points, picture))
        colour = IN_BAND[mark.good].tone.frame
        for start, end in pairwise(corners):
            draw_line(picture, start, end, colour, 2 * _LINE_PX)
        is_angle = len(corners) == 3 and mark.prolonged is not None
        place = corners[1] if is_angle else (corners[0] + corners[-1]) / 2
        if is_angle:
            if mark.prolonged:
                corners[0] = 2 * corners[1] - corners[0]
            draw_arc(picture, corners, colour, _LINE_PX)
        return place

    def _pixels(self, points: Sequence[Point | None], picture: np.ndarray) -> Array:
        height, width = picture.shape[:2]
        shares = np.array([(np.nan, np.nan) if p is None else p for p in points], float)
        if self._mirrored:
            shares[:, 0] = 1 - shares[:, 0]
        return shares * (width, height)


def _mark_words(mark: Mark) -> str:
    """The value with its sign; with the band that passes where that is not met."""
    band = "" if mark.good or not mark.band else f" ({mark.band})"
    return f"{IN_BAND[mark.good].sign} {mark.text}{band}".strip()
