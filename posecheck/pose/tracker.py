"""One person is found and followed through a recording, also when other people come into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from posecheck.pose.augmentation import AUGMENTATIONS, PLAIN, consensus, spread_of_two
from posecheck.pose.detector_pair import Detection, DetectorPair, masked
from posecheck.pose.identity import Person, PersonIdentity
from posecheck.pose.scene_cuts import Place
from posecheck.pose.second_model import SecondLookSchedule, SecondModel
from posecheck.pose.sighting import Picture, Sighting

_SEARCH_AMONG_OTHERS_S = 2.0  # how often to search for other people, once one was seen
_SEARCH_ALONE_S = 4.0  # and before
_SEARCH_LOST_S = 0.25  # the same, while the person is lost among others
_PATIENCE_S = 0.7  # how long the tracking may show another person's clothes
_FEW_FRAMES = 5  # lost at a fade or a blink are not worth a warning


@dataclass(frozen=True)
class Company:
    """Who else was in view when a frame was analysed.

    Attributes
    ----------
    alone : bool
        No other person was seen lately.
    crowd : bool
        More than one person was seen at once in this frame.
    refused : bool
        Whoever was found in this frame was not the person.
    """

    alone: bool
    crowd: bool
    refused: bool


def people_warnings(crowd_at_s: Sequence[float], refused_at_s: Sequence[float]) -> list[str]:
    """What the reader must know about who was followed.

    Parameters
    ----------
    crowd_at_s : sequence of float
        Times at which more than one person was in view.
    refused_at_s : sequence of float
        Times at which whoever was found was not the person.

    Returns
    -------
    list of str
        Sentences; empty where one person alone was followed.
    """
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


@dataclass
class _Progress:
    """What is remembered from frame to frame, beside who the person is."""

    shot: int = 0
    place: Place = field(default_factory=Place)
    searched_at_s: float = -np.inf
    lost: bool = False  # the tracking went to another person and was stopped


class PersonTracker:
    """Follows one person through frames that come one after the other.

    A tracking detector follows whomever it found. So now and then, and whenever the track jumps or
    wears other clothes, a search detector looks at the whole picture for other people. While there
    are others, all but the surroundings of the person being checked is masked before the tracking
    detector sees it. While nobody is in view its own search is enough.

    Parameters
    ----------
    model : Path
        The model's file.
    video : bool
        False where each picture is a photo of its own.
    second_model : Path, optional
        MoveNet Thunder's file, which then looks at photos, and now and then at a video.
    outline : bool
        Measure the outline of the trunk too.
    looks_twice : bool
        Analyse a frame of a video again now and then; False where somebody else does.
    """

    def __init__(
        self,
        model: Path,
        second_model: Path | None = None,
        *,
        video: bool = True,
        outline: bool = False,
        looks_twice: bool = True,
    ) -> None:
        self._looks_twice = looks_twice
        self._second = None if second_model is None else SecondModel(second_model)
        self._video = video
        self._outline = outline
        self._detectors = DetectorPair(model, video=video, outline=outline)
        self._identity = PersonIdentity()
        self._now = _Progress()
        self._schedule = SecondLookSchedule(moving=second_model is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the models."""
        self._detectors.close()
        if self._second is not None:
            self._second.close()

    def track(self, picture: Picture) -> Sighting:
        """Find the person in the next picture.

        Parameters
        ----------
        picture : Picture
            Of a video: later than the one before.

        Returns
        -------
        Sighting
            Of the person being checked; NaN where the person is not in view.

        Raises
        ------
        ModelError
            The model cannot be loaded.
        """
        sighting = self._in_video(picture) if self._video else self._in_photo(picture)
        if sighting is None:
            sighting = Sighting.of_nobody(picture.t_s, outline=self._outline)
        return replace(sighting, shot=self._now.shot)

    def warnings(self) -> list[str]:
        """What the reader must know about who was followed so far."""
        return people_warnings(self._identity.crowd_at_s, self._identity.refused_at_s)

    def company(self, t_s: float) -> Company:
        """Who else was in view in the frame that was analysed last, that of `t_s`.

        Parameters
        ----------
        t_s : float
            Seconds.

        Returns
        -------
        Company
        """
        identity = self._identity
        return Company(
            alone=not identity.others_near(t_s),
            crowd=identity.crowd_at_s[-1:] == [t_s],
            refused=identity.refused_at_s[-1:] == [t_s],
        )

    # --- a video: what happens with a frame ---------------------------------------------------

    def _in_video(self, picture: Picture) -> Sighting | None:
        if self._begins_shot(picture):
            self._start_shot()
        if self._now.lost and not self._finds_again(picture):
            return None
        found = self._tracked(picture)
        if found is not None and self._identity.person is None:
            found = self._choose(picture, found)
        elif self._must_search(picture.t_s, found):
            self._search_for_others(picture, found)
        if found is None or not self._accepts(found.person, picture.t_s):
            return None
        self._identity.see(found.person, picture.t_s)
        if picture.t_s == self._now.searched_at_s:
            self._now.place.remember(picture.thumbnail)
        return self._with_second_look(picture, found.sighting)

    def _start_shot(self) -> None:
        self._now.shot += 1
        self._now.lost = False
        self._identity.forget()
        self._detectors.stop_tracking()

    def _tracked(self, picture: Picture) -> Detection | None:
        person = self._identity.person
        masked = person is not None and self._identity.others_near(picture.t_s)
        return self._detectors.track(picture, around=person.box if person and masked else None)

    def _searched(self, picture: Picture) -> list[Person]:
        """Everybody in view."""
        self._now.searched_at_s = picture.t_s
        return [found.person for found in self._detectors.search(picture)]

    def _choose(self, picture: Picture, found: Detection) -> Detection | None:
        """Take the most prominent person in view, who need not be the one that is tracked."""
        width, height = picture.size
        people = self._searched(picture) or [found.person]
        self._identity.choose(people, picture.t_s, width=width, height=height)
        if len(people) == 1 or not self._identity.is_elsewhere(found.person, picture.t_s):
            return found
        self._detectors.stop_tracking()
        return self._tracked(picture)

    def _search_for_others(self, picture: Picture, found: Detection | None) -> None:
        people = [] if found is None else [found.person]
        ours = self._identity.meet(people + self._searched(picture), picture.t_s)
        if ours is None:
            return
        elsewhere = self._identity.is_elsewhere(ours, self._identity.seen_at_s)
        if elsewhere or found is None:
            self._identity.see(ours, picture.t_s)  # move the mask to where the person is
        if elsewhere:
            self._detectors.stop_tracking()

    def _finds_again(self, picture: Picture) -> bool:
        """Search for the person; tracking would only find the other one again."""
        if picture.t_s - self._now.searched_at_s < _SEARCH_LOST_S:
            return False
        people = self._searched(picture)
        ours = self._identity.meet(people, picture.t_s)
        if ours is not None:
            self._identity.see(ours, picture.t_s)
        self._now.lost = ours is None and bool(people)
        return ours is not None

    def _with_second_look(self, picture: Picture, found: Sighting) -> Sighting:
        """Now and then analyse the frame again: by the second model, or augmented without one."""
        if not (self._looks_twice and self._schedule.is_due(picture.t_s, found.image)):
            return found
        if self._second is not None:
            rgb = self._of_person(picture)
            second = self._second.look(rgb, found.image, mirrored=self._schedule.odd)
            return replace(found, second=second)
        # The same frames in the same ways, wherever in the recording the analysis began.
        augmentation = AUGMENTATIONS[self._schedule.slot % len(AUGMENTATIONS)]
        people = self._detectors.search(picture, augmentation)
        return replace(found, spread=spread_of_two(found, self._nearest(people, picture.t_s)))

    def _of_person(self, picture: Picture) -> np.ndarray:
        """The picture for a model that finds one person: other people are masked."""
        person = self._identity.person
        among_others = person is not None and self._identity.others_near(picture.t_s)
        return masked(picture.rgb, person.box) if person and among_others else picture.rgb

    # --- a video: what is decided -------------------------------------------------------------

    def _begins_shot(self, picture: Picture) -> bool:
        # Lost, and in another place: that was a dissolve, or the camera was carried away.
        carried = self._now.lost and self._now.place.is_left(picture.thumbnail)
        return picture.starts_shot or carried

    def _must_search(self, t_s: float, found: Detection | None) -> bool:
        """Whether it is time to search for other people."""
        if found is None and not self._identity.others_near(t_s):
            return False  # without a mask the tracking detector sees the whole picture
        if found is None or self._identity.is_strange(found.person, t_s):
            wait_s = _SEARCH_LOST_S
        elif self._identity.others_at_s:
            wait_s = _SEARCH_AMONG_OTHERS_S
        else:
            wait_s = _SEARCH_ALONE_S
        return t_s - self._now.searched_at_s >= wait_s

    def _accepts(self, found: Person, t_s: float) -> bool:
        """Whether whoever is tracked is the person; stop tracking another person for good."""
        identity = self._identity
        elsewhere = identity.is_elsewhere(found, t_s)
        if not elsewhere and identity.believes(found, t_s):
            return True
        identity.refused_at_s.append(t_s)
        # A person who passes in front is not worth a new start: the tracking mostly stays.
        out_of_patience = t_s - identity.seen_at_s > _PATIENCE_S and identity.others_near(t_s)
        if elsewhere or out_of_patience:
            self._detectors.stop_tracking()
            self._now.lost = True
        return False

    def _nearest(self, people: list[Detection], t_s: float) -> Sighting | None:
        """Of several detections the person's, if the person is among them."""
        me = self._identity.person
        here = [p for p in people if not self._identity.is_elsewhere(p.person, t_s)]
        if me is None or not here:
            return None
        return min(here, key=lambda p: float(np.abs(p.person.centre - me.centre).sum())).sighting

    # --- a photo ------------------------------------------------------------------------------

    def _in_photo(self, picture: Picture) -> Sighting | None:
        """Find the person in every augmentation of a photo; the consensus is what counts."""
        width, height = picture.size
        seen: list[Sighting] = []
        for augmentation in (PLAIN, *AUGMENTATIONS):
            people = self._detectors.search(picture, augmentation)
            if self._identity.person is None and people:
                everybody = [found.person for found in people]
                self._identity.choose(everybody, picture.t_s, width=width, height=height)
            ours = self._nearest(people, picture.t_s)
            seen += [] if ours is None else [ours]
        if not seen:
            return None
        together = consensus(seen, 1 + len(AUGMENTATIONS))
        if self._second is not None:
            second = self._second.look_both_ways(self._of_person(picture), together.image)
            together = replace(together, second=second)
        if self._outline and together.outline is None:
            nobody = Sighting.of_nobody(picture.t_s, outline=True)
            return replace(together, outline=nobody.outline)
        return together
