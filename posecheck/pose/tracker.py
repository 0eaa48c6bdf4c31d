"""One person is found, and followed through a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import N_LANDMARKS
from posecheck.pose.augmentation import AGAIN, PLAIN, Look, agree, spread_of_two
from posecheck.pose.detector import Find, Landmarker, Picture, Sighting
from posecheck.pose.identity import Follower, Person, torso_colours
from posecheck.pose.scene_cuts import Place
from posecheck.pose.silhouette import N_POINTS

_LOOK_AROUND_S = 2.0  # how often to look for other people, once one was seen
_LOOK_AROUND_ALONE_S = 4.0  # and before
_SEARCH_S = 0.25  # the same, while the person is lost among others
_PATIENCE_S = 0.7  # how long the tracker may show somebody else's clothes
_MAX_PEOPLE = 4
SECOND_LOOK_S = 1.5  # how often a video frame is looked at again, differently
_FEW_FRAMES = 5  # lost at a fade or a blink are not worth a warning
_BLINKER_MARGIN = 0.35  # of the person's box, left uncovered around it
_SAME_TIME_S = 1e-6  # 1.5 s may read 1.4999999999999998 s


@dataclass(frozen=True)
class Company:
    """Who else was about when a frame was looked at.

    Attributes
    ----------
    alone : bool
        Nobody else was seen lately.
    crowd : bool
        More than one person was seen at once in this frame.
    refused : bool
        What was found in this frame was not the person.
    """

    alone: bool
    crowd: bool
    refused: bool


def people_warnings(crowd_at_s: Sequence[float], refused_at_s: Sequence[float]) -> list[str]:
    """What the reader must know about who was followed, from when there was a crowd, and so on."""
    if crowd_at_s:
        return [
            f"More than one person is in view (first at {crowd_at_s[0]:.1f} s): "
            "only the largest and most central at the start is checked."
        ]
    if len(refused_at_s) > _FEW_FRAMES:
        return [
            f"At {refused_at_s[0]:.1f} s the landmarks went to another place or person: "
            "such frames were left out."
        ]
    return []


class PersonWatcher:
    """Looks at frames one after the other and keeps its eyes on one person.

    MediaPipe's tracker follows whoever it found. So now and then, and whenever the track jumps or
    wears other clothes, a second landmarker, the scout, looks at the whole picture for other
    people. While there are others, all but the surroundings of the person being checked is painted
    over before the tracker sees it. While nobody is in view the tracker's own search is enough.
    """

    def __init__(self, model_path: Path, *, video: bool = True, outline: bool = False) -> None:
        self._model_path = model_path
        self._video = video
        self._outline = outline
        self._tracker: Landmarker | None = None
        self._scout: Landmarker | None = None
        self._place = Place()
        self._shot = 0
        self._follower = Follower()
        self._looked_around_at_s = -np.inf
        self._second_look = -1  # of the times at which one is due, the last that was taken
        self._lost_track = False  # the tracker went to somebody else and was stopped

    def __enter__(self) -> PersonWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the model."""
        self._stop_tracker()
        if self._scout is not None:
            self._scout.close()
        self._scout = None

    def look(self, picture: Picture) -> Sighting:
        """Return what this frame shows of the person being checked."""
        if not self._video:
            return self._look_at_photo(picture)
        # Lost, and in another place: that was a dissolve, or the camera was carried away.
        if picture.starts_shot or (self._lost_track and self._place.is_left(picture.thumbnail)):
            self._start_shot()
        if self._lost_track and not self._found_again(picture):
            return self._nobody(picture.t_s)
        found = self._track(picture)
        if found is not None and self._follower.person is None:
            found = self._choose(picture, found)
        elif self._is_time_to_look_around(picture.t_s, found):
            self._look_around(picture, found)
        if found is None or not self._is_person(found[1], picture.t_s):
            return self._nobody(picture.t_s)
        self._follower.see(found[1], picture.t_s)
        if picture.t_s == self._looked_around_at_s:
            self._place.remember(picture.thumbnail)
        return replace(found[0], spread=self._spread(picture, found[0]))

    def warnings(self) -> list[str]:
        """What the reader must know about who was followed."""
        return people_warnings(self._follower.crowd_at_s, self._follower.refused_at_s)

    def company(self, t_s: float) -> Company:
        """Who else was about in the frame that was looked at last, that of `t_s`."""
        follower = self._follower
        return Company(
            alone=not follower.others_near(t_s),
            crowd=follower.crowd_at_s[-1:] == [t_s],
            refused=follower.refused_at_s[-1:] == [t_s],
        )

    def _start_shot(self) -> None:
        self._shot += 1
        self._follower.forget()
        self._lost_track = False
        self._stop_tracker()

    def _stop_tracker(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None

    def _choose(self, picture: Picture, found: Find) -> Find | None:
        """Take the most prominent of all in view, who need not be the one the tracker found."""
        height, width = picture.frame.image.shape[:2]
        people = self._scouted(picture) or [found[1]]
        self._follower.choose(people, picture.t_s, width=width, height=height)
        if len(people) == 1 or not self._follower.is_elsewhere(found[1], picture.t_s):
            return found
        self._stop_tracker()
        return self._track(picture)

    def _is_time_to_look_around(self, t_s: float, found: Find | None) -> bool:
        if found is None and not self._follower.others_near(t_s):
            return False  # without blinkers the tracker's own search sees the whole picture
        lost = found is None or self._follower.is_strange(found[1], t_s)
        alone = not self._follower.others_at_s
        wait_s = _SEARCH_S if lost else _LOOK_AROUND_ALONE_S if alone else _LOOK_AROUND_S
        return t_s - self._looked_around_at_s >= wait_s

    def _look_around(self, picture: Picture, found: Find | None) -> None:
        people = [] if found is None else [found[1]]
        ours = self._follower.meet(people + self._scouted(picture), picture.t_s)
        if ours is None:
            return
        elsewhere = self._follower.is_elsewhere(ours, self._follower.seen_at_s)
        if elsewhere or found is None:
            self._follower.see(ours, picture.t_s)  # move the blinkers to where the person is
        if elsewhere:
            self._stop_tracker()

    def _found_again(self, picture: Picture) -> bool:
        """Look for the person with the scout; the tracker would only find the other one again."""
        if picture.t_s - self._looked_around_at_s < _SEARCH_S:
            return False
        people = self._scouted(picture)
        ours = self._follower.meet(people, picture.t_s)
        if ours is not None:
            self._follower.see(ours, picture.t_s)
        self._lost_track = ours is None and bool(people)
        return ours is not None

    def _is_person(self, found: Person, t_s: float) -> bool:
        """Judge the tracker's find; stop the tracker when it went to somebody else for good."""
        follower = self._follower
        elsewhere = follower.is_elsewhere(found, t_s)
        if not elsewhere and follower.believes(found, t_s):
            return True
        follower.refused_at_s.append(t_s)
        # Somebody who passes in front is not worth a new start: the tracker mostly stays.
        out_of_patience = t_s - follower.seen_at_s > _PATIENCE_S and follower.others_near(t_s)
        if elsewhere or out_of_patience:
            self._stop_tracker()
            self._lost_track = True
        return False

    def _scouted(self, picture: Picture) -> list[Person]:
        """Everybody in view."""
        self._looked_around_at_s = picture.t_s
        return [person for _, person in self._scout_finds(picture)]

    def _scout_finds(self, picture: Picture) -> list[Find]:
        if self._scout is None:
            outline = self._outline and not self._video  # the tracker's find is the result
            self._scout = Landmarker(
                self._model_path, video=False, n_people=_MAX_PEOPLE, outline=outline
            )
        return list(self._scout.detect(picture, self._shot))

    def _look_at_photo(self, picture: Picture) -> Sighting:
        """A photo is looked at in several ways: they agree on the person, or they do not."""
        height, width = picture.frame.image.shape[:2]
        seen: list[Sighting] = []
        for look in (PLAIN, *AGAIN):
            finds = self._finds(picture, look)
            if self._follower.person is None and finds:
                people = [person for _, person in finds]
                self._follower.choose(people, picture.t_s, width=width, height=height)
            seen += self._ours(finds, picture.t_s)
        if not seen:
            return self._nobody(picture.t_s)
        together = agree(seen, 1 + len(AGAIN))
        if self._outline and together.outline is None:
            return replace(together, outline=self._nobody(picture.t_s).outline)
        return together

    def _spread(self, picture: Picture, found: Sighting) -> Array:
        """Look at a frame again now and then, each time in another way; NaN in between."""
        # The same frames in the same ways, wherever in the recording the looking began.
        slot = int((picture.t_s + _SAME_TIME_S) / SECOND_LOOK_S)
        if slot == self._second_look:
            return np.full(N_LANDMARKS, np.nan, np.float32)
        self._second_look = slot
        look = AGAIN[slot % len(AGAIN)]
        again = self._ours(self._finds(picture, look), picture.t_s)
        return spread_of_two(found, again[0] if again else None)

    def _finds(self, picture: Picture, look: Look) -> list[Find]:
        """Everybody whom the scout finds in one way of looking, as they stand in the picture."""
        finds = self._scout_finds(look.at(picture))
        if look is PLAIN:
            return finds
        image = picture.frame.image
        height, width = image.shape[:2]
        back = [look.back(sighting, width, height) for sighting, _ in finds]
        return [(s, Person(s.image, torso_colours(image, s.image))) for s in back]

    def _ours(self, finds: list[Find], t_s: float) -> list[Sighting]:
        """The find that is the person being checked, if there is one."""
        here = [find for find in finds if not self._follower.is_elsewhere(find[1], t_s)]
        me = self._follower.person
        if me is None or not here:
            return []
        nearest = min(here, key=lambda find: float(np.abs(find[1].centre - me.centre).sum()))
        return [nearest[0]]

    def _track(self, picture: Picture) -> Find | None:
        if self._tracker is None:
            self._tracker = Landmarker(
                self._model_path, video=True, n_people=1, outline=self._outline
            )
        person = self._follower.person
        if person is not None and self._follower.others_near(picture.t_s):
            picture = replace(picture, rgb=_blinkered(picture.rgb, person.box))
        return next(iter(self._tracker.detect(picture, self._shot)), None)

    def _nobody(self, t_s: float) -> Sighting:
        nothing = np.full((N_LANDMARKS, 3), np.nan, np.float32)
        no_outline = np.full((2, N_POINTS), np.nan, np.float32) if self._outline else None
        return Sighting(
            t_s, self._shot, nothing[:, :2], nothing, nothing[:, 0], no_outline, nothing[:, 0]
        )


def _blinkered(image: np.ndarray, box: Array) -> np.ndarray:
    """Paint over all but the surroundings of `box`, in the picture's mean colour."""
    height, width = image.shape[:2]
    margin = _BLINKER_MARGIN * (box[2:] - box[:2])
    left, top = np.clip(box[:2] - margin, 0, [width, height]).astype(int)
    right, bottom = np.clip(box[2:] + margin, 0, [width, height]).astype(int)
    covered = np.empty_like(image)
    covered[:] = image[::8, ::8].mean(axis=(0, 1)).astype(np.uint8)
    covered[top:bottom, left:right] = image[top:bottom, left:right]
    return covered
