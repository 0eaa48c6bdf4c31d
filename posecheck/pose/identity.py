"""Re-identification: which of several people in view is the one being checked.

`PersonIdentity` remembers one person and judges every detection: is it that person still? It is
told whom the tracking detector found in each frame, and now and then who else is in view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from posecheck.core.geometry import Array, length
from posecheck.landmarks.series import Landmark

_TORSO = [
    Landmark.left_shoulder,
    Landmark.right_shoulder,
    Landmark.right_hip,
    Landmark.left_hip,
]
_SAME_BODY_OVERLAP = 0.45  # two detections that share so much of the smaller box are one body
_MAX_JUMP = 0.6  # of the box's diagonal, between two detections of the same person
_MAX_SIZE_RATIO = 1.9
_MAX_COLOUR_DISTANCE = 0.55  # Hellinger distance of the clothes' colours, 0 the same, 1 disjoint

# Colours change as a person bends, turns or is hidden by an arm: by 0.5 at most in our recordings,
# when they are compared with those of the last seconds.
_OTHER_CLOTHES = 0.6
_REFOUND_CLOTHES = 0.5  # after a while among others
_SAME_CLOTHES = 0.35
_CLEARLY_NEARER = 0.1  # how much better another person's colours must fit
_COLOUR_MEMORY_S = 2.0
_COLOUR_SAMPLES = 1000  # pixels that tell the colours of a torso
_BELIEVE_AFTER_S = 1.5  # a person alone in view who does not jump may have turned round
_MOST_SPEED = 0.8  # body sizes a second that the landmarks of one body move on average
_NEXT_FRAME_S = 0.25  # a frame so soon after the last one shows the same body
_OTHERS_STAY_S = 5.0  # another person seen so long ago may still be near


@dataclass(frozen=True, eq=False)
class Person:
    """How one detected person looks in one frame.

    Attributes
    ----------
    points : ndarray, shape (33, 2)
        The landmarks, in pixels.
    colours : ndarray, shape (64,)
        Of the clothes, as `torso_colours` makes them.
    """

    points: Array
    colours: Array

    @cached_property
    def box(self) -> Array:
        """Left, top, right, bottom."""
        return np.concatenate([self.points.min(axis=0), self.points.max(axis=0)])

    @cached_property
    def centre(self) -> Array:
        """Middle of the torso, which moves less than the limbs."""
        return np.asarray(self.points[_TORSO].mean(axis=0))

    @cached_property
    def size(self) -> float:
        """Diagonal of the box in pixels."""
        left, top, right, bottom = self.box.tolist()
        return math.hypot(right - left, bottom - top)


def torso_colours(image: np.ndarray, points: Array) -> Array:
    """Colour histogram of the torso's bounding box, square-rooted so that a dot product compares.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
        uint8, BGR.
    points : ndarray, shape (33, 2)
        Pixels of `image`.

    Returns
    -------
    ndarray, shape (64,)
        Of unit length; zeros where the torso is out of the picture.
    """
    torso = points[_TORSO].tolist()  # four corners: plain numbers are quicker than arrays
    left, top = (max(0, int(min(corner[axis] for corner in torso))) for axis in (0, 1))
    right, bottom = (max(0, int(max(corner[axis] for corner in torso)) + 2) for axis in (0, 1))
    patch = image[top:bottom, left:right]
    step = max(1, int((patch.shape[0] * patch.shape[1] / _COLOUR_SAMPLES) ** 0.5))
    blue, green, red = np.moveaxis(patch[::step, ::step] >> 6, 2, 0)
    bins = (blue << 4) | (green << 2) | red
    histogram = np.bincount(bins.ravel(), minlength=64).astype(float)
    return np.asarray(np.sqrt(histogram / max(histogram.sum(), 1.0)))


def distinct(people: list[Person]) -> list[Person]:
    """Drop people who lie on a body found already: the model may find one body twice.

    Parameters
    ----------
    people : list of Person

    Returns
    -------
    list of Person
    """
    kept: list[Person] = []
    for person in people:
        if all(_shared(person.box, other.box) < _SAME_BODY_OVERLAP for other in kept):
            kept.append(person)
    return kept


def _shared(a: Array, b: Array) -> float:
    corner = np.maximum(a[:2], b[:2])
    sides = np.clip(np.minimum(a[2:], b[2:]) - corner, 0, None)
    smaller = min(float(np.prod(box[2:] - box[:2])) for box in (a, b))
    return float(np.prod(sides)) / smaller if smaller > 0 else 1.0


def most_prominent(people: list[Person], *, width: int, height: int) -> Person:
    """Choose the person being checked: large in the picture and near its middle.

    Parameters
    ----------
    people : list of Person
        At least one.
    width, height : int
        Size of the picture in pixels.

    Returns
    -------
    Person
    """
    middle = np.array([width, height]) / 2

    def prominence(person: Person) -> float:
        off_centre = float(length((person.centre - middle) / middle))
        return person.size * max(1.5 - off_centre, 0.1)

    return max(people, key=prominence)


def is_same(person: Person, before: Person, *, lost_s: float) -> bool:
    """Whether `person` can be the one seen `lost_s` seconds ago.

    Nobody jumps across the room or doubles in size between two frames. A person who was out of
    sight for a while may be anywhere, but still wears the same clothes.

    Parameters
    ----------
    person, before : Person
        Now, and when last seen.
    lost_s : float
        Seconds between the two.

    Returns
    -------
    bool
    """
    ratio = max(person.size, before.size) / max(min(person.size, before.size), 1e-6)
    jump = math.dist(person.centre.tolist(), before.centre.tolist()) / max(before.size, 1e-6)
    if jump <= _MAX_JUMP and ratio <= _MAX_SIZE_RATIO:
        return True
    return lost_s > 0.5 and _apart(person.colours, before.colours) <= _MAX_COLOUR_DISTANCE


def _apart(a: Array, b: Array) -> float:
    """Hellinger distance of two torso colours; 1 where a torso is out of the picture."""
    return float(np.sqrt(max(1.0 - float(a @ b), 0.0)))


def _wears_other(found: Person, person: Person, too_far: float) -> bool:
    return bool(found.colours.any()) and _apart(found.colours, person.colours) > too_far


class PersonIdentity:
    """Remembers the person being checked and tells this person from everybody else.

    Attributes
    ----------
    person : Person or None
        As last seen, with the colours of the last seconds; None until one is chosen.
    seen_at_s : float
        When that was.
    others_at_s : list of float
        When another person was seen.
    crowd_at_s : list of float
        When more than one person was seen at once.
    refused_at_s : list of float
        When whoever was detected was not the person.
    """

    def __init__(self) -> None:
        self.person: Person | None = None
        self.seen_at_s = 0.0
        self.others_at_s: list[float] = []
        self.crowd_at_s: list[float] = []
        self.refused_at_s: list[float] = []
        self._others: list[tuple[float, Person]] = []  # when and who
        self._strange_since_s: float | None = None

    def forget(self) -> None:
        """Begin anew: the next person chosen may be another one."""
        self.person = None
        self._others = []
        self._strange_since_s = None

    def choose(self, people: list[Person], t_s: float, *, width: int, height: int) -> None:
        """Choose the person.

        Parameters
        ----------
        people : list of Person
            Everybody in view, of whom the most prominent becomes the person.
        t_s : float
            When that is.
        width, height : int
            Size of the picture in pixels.
        """
        self.person = most_prominent(people, width=width, height=height)
        self.seen_at_s = t_s
        self.meet(people, t_s)

    def meet(self, people: list[Person], t_s: float) -> Person | None:
        """Learn who is in view.

        Parameters
        ----------
        people : list of Person
            Everybody in view; a body may be among them twice.
        t_s : float
            When that is.

        Returns
        -------
        Person or None
            The one who is the person being checked, if in view.
        """
        ours = self._pick(people, t_s)
        others = [p for p in people if p is not ours]
        if ours is not None:  # without those that are the same body, found twice
            others = [p for p in others if _apart(p.colours, ours.colours) > _SAME_CLOTHES]
        self._others = [(t, p) for t, p in self._others if t_s - t < _OTHERS_STAY_S]
        self._others += [(t_s, p) for p in others]
        n_people = len(distinct(people))
        if n_people > (ours is not None):
            self.others_at_s.append(t_s)
        if n_people > 1:
            self.crowd_at_s.append(t_s)
        return ours

    def _pick(self, people: list[Person], t_s: float) -> Person | None:
        person = self.person
        if person is None:
            return None
        lost_s = t_s - self.seen_at_s
        too_far = _REFOUND_CLOTHES if lost_s > 0.5 and self.others_near(t_s) else _OTHER_CLOTHES

        def unlikeness(p: Person) -> float:
            moved = float(length(p.centre - person.centre)) / max(person.size, 1e-6)
            return _apart(p.colours, person.colours) + moved

        possible = [
            p
            for p in people
            if is_same(p, person, lost_s=lost_s)
            and (self._moved_on(p, t_s) or not _wears_other(p, person, too_far))
            and not self._resembles_another(p)
        ]
        return min(possible, key=unlikeness, default=None)

    def others_near(self, t_s: float) -> bool:
        """Whether another person was seen lately.

        Parameters
        ----------
        t_s : float
            Seconds.

        Returns
        -------
        bool
        """
        return bool(self.others_at_s) and t_s - self.others_at_s[-1] < _OTHERS_STAY_S

    def is_elsewhere(self, found: Person, t_s: float) -> bool:
        """Whether `found` is where the person cannot be.

        Parameters
        ----------
        found : Person
        t_s : float
            Seconds.

        Returns
        -------
        bool
        """
        if self.person is None:
            return False
        return not is_same(found, self.person, lost_s=t_s - self.seen_at_s)

    def is_strange(self, found: Person, t_s: float) -> bool:
        """Whether `found` wears other clothes than the person.

        Knees drawn to the chest hide the clothes, too; but nobody becomes another person without a
        jump.

        Parameters
        ----------
        found : Person
        t_s : float
            Seconds.

        Returns
        -------
        bool
        """
        if self.person is None or not found.colours.any():
            return False
        other = _wears_other(found, self.person, _OTHER_CLOTHES)
        return (other and not self._moved_on(found, t_s)) or self._resembles_another(found)

    def _moved_on(self, found: Person, t_s: float) -> bool:
        """Whether this is the body of the frame before, a little later."""
        if self.person is None or t_s - self.seen_at_s > _NEXT_FRAME_S:
            return False
        moved = float(length(found.points - self.person.points).mean())
        return moved <= _MOST_SPEED * max(t_s - self.seen_at_s, 1 / 30) * self.person.size

    def _resembles_another(self, found: Person) -> bool:
        if self.person is None or not self._others:
            return False
        apart = _apart(found.colours, self.person.colours)
        nearest = min(_apart(found.colours, other.colours) for _, other in self._others)
        return apart > _SAME_CLOTHES and nearest < apart - _CLEARLY_NEARER

    def believes(self, found: Person, t_s: float) -> bool:
        """Whether `found`, who is where the person can be, is the person.

        Parameters
        ----------
        found : Person
        t_s : float
            Seconds.

        Returns
        -------
        bool
        """
        if not self.is_strange(found, t_s):
            self._strange_since_s = None
            return True
        if self._strange_since_s is None or self.others_near(t_s):
            self._strange_since_s = t_s
        return t_s - self._strange_since_s > _BELIEVE_AFTER_S

    def see(self, found: Person, t_s: float) -> None:
        """Remember the person as found in this frame.

        Parameters
        ----------
        found : Person
        t_s : float
            Seconds.
        """
        if self.person is not None and not self.is_strange(found, t_s):
            # Slowly, so that one who passes in front does not become the person.
            share = float(np.clip(t_s - self.seen_at_s, 0.0, 0.1)) / _COLOUR_MEMORY_S
            mixed = (1 - share) * self.person.colours**2 + share * found.colours**2
            found = Person(found.points, np.sqrt(mixed))
        self.person = found
        self.seen_at_s = t_s
        self._strange_since_s = None
