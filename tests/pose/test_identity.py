"""Who is being checked, when more than one person is in view."""

from __future__ import annotations

import numpy as np
import pytest

from posecheck.core.geometry import Array
from posecheck.pose.identity import (
    Person,
    PersonIdentity,
    distinct,
    is_same,
    most_prominent,
    torso_colours,
)
from tests.fixtures.bodies import stick_figure

WIDTH, HEIGHT = 640, 480
RED, BLUE, GREEN = (30, 30, 200), (200, 40, 30), (30, 180, 40)


def points(x: float, y: float, scale: float = 150.0) -> Array:
    return stick_figure(px_per_m=scale, hip_px=(x, y), yaw_deg=90).image[0]


def person(
    x: float = 320, y: float = 240, scale: float = 150.0, shirt: tuple[int, int, int] = RED
) -> Person:
    """Somebody in a plain shirt before a grey wall."""
    body = points(x, y, scale)
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    torso = body[[11, 12, 23, 24]]
    left, top = np.clip(torso.min(axis=0), 0, None).astype(int)
    right, bottom = np.clip(torso.max(axis=0), 0, None).astype(int)
    picture[top : bottom + 1, left : right + 1] = shirt
    return Person(body, torso_colours(picture, body))


def test_the_same_person_moves_a_little() -> None:
    before = person()
    for now in (before, person(350, 250), person(scale=180), person(shirt=BLUE)):
        assert is_same(now, before, lost_s=0.03)


def test_nobody_jumps_across_the_room() -> None:
    assert not is_same(person(x=100), person(x=540), lost_s=0.03)


def test_nobody_jumps_across_the_room_in_the_same_clothes_either() -> None:
    assert not is_same(person(x=100, shirt=RED), person(x=540, shirt=RED), lost_s=0.2)


@pytest.mark.parametrize("scale", [60.0, 400.0])
def test_nobody_shrinks_or_grows_between_two_looks(scale: float) -> None:
    assert not is_same(person(scale=scale), person(), lost_s=0.03)


def test_after_a_while_the_clothes_tell() -> None:
    before = person(x=100)
    assert is_same(person(x=540), before, lost_s=2.0)
    assert not is_same(person(x=540, shirt=BLUE), before, lost_s=2.0)
    assert not is_same(person(x=540, shirt=GREEN), before, lost_s=60.0)


def test_clothes_are_known_again_larger_and_in_other_light() -> None:
    before = person(x=100, shirt=(30, 30, 200))
    assert is_same(person(x=500, scale=220, shirt=(40, 25, 215)), before, lost_s=2.0)


def test_clothes_nobody_saw_are_nobodys() -> None:
    unseen = Person(
        points(-600, 240), torso_colours(np.zeros((48, 64, 3), np.uint8), points(-600, 240))
    )
    assert not is_same(unseen, person(x=540), lost_s=5.0)


def test_colours_compare_by_their_product() -> None:
    red, blue = person(shirt=RED).colours, person(shirt=BLUE).colours
    assert red @ red == pytest.approx(1.0)
    assert blue @ blue == pytest.approx(1.0)
    assert red @ blue < 0.1


def test_one_body_found_twice_is_one() -> None:
    first, again = person(), person(330, 245, 155)
    assert distinct([first, again]) == [first]


def test_people_beside_each_other_are_two() -> None:
    left, right = person(x=150), person(x=450)
    assert distinct([left, right]) == [left, right]
    assert distinct([left, right, person(455, 238), person(152, 241)]) == [left, right]


def test_part_of_a_body_is_that_body() -> None:
    whole = person()
    assert distinct([whole, person(320, 220, 50)]) == [whole]
    assert distinct([]) == []


def test_the_nearer_person_is_checked() -> None:
    near, far = person(250, scale=180), person(390, scale=60)
    assert most_prominent([far, near], width=WIDTH, height=HEIGHT) is near
    assert most_prominent([near, far], width=WIDTH, height=HEIGHT) is near


def test_the_one_in_the_middle_is_checked() -> None:
    middle, edge = person(320, scale=100), person(600, scale=110)
    assert most_prominent([edge, middle], width=WIDTH, height=HEIGHT) is middle


def test_somebody_at_the_edge_is_checked_when_alone() -> None:
    alone = person(640, 470)
    assert most_prominent([alone], width=WIDTH, height=HEIGHT) is alone


def test_a_torso_that_a_limb_covers_is_no_other_person() -> None:
    """Knees drawn to the chest show trousers where the shirt was."""
    identity = PersonIdentity()
    identity.choose([person()], 0.0, width=WIDTH, height=HEIGHT)
    covered = person(x=322, shirt=BLUE)
    assert not identity.is_strange(covered, 0.1)
    assert identity.meet([covered], 0.1) is covered
    assert identity.believes(covered, 0.1)


def test_who_jumps_into_the_place_in_other_clothes_is_another_person() -> None:
    identity = PersonIdentity()
    identity.choose([person()], 0.0, width=WIDTH, height=HEIGHT)
    other = person(x=380, y=200, shirt=BLUE)
    assert identity.is_strange(other, 0.1)
    assert identity.meet([other], 0.1) is None
    assert identity.is_strange(person(x=322, shirt=BLUE), 2.0), "after a gap nobody can tell"
