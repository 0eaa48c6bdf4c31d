"""A large history answers as fast as a small one; benchmarks/history.py has the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.history import example, fill, measure

SMALL, LARGE = 20, 1000  # people, with ten sessions each


@pytest.fixture(scope="module")
def times(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, tuple[float, float]]]:
    form, folder = example(), tmp_path_factory.mktemp("speed")

    def timed(n_people: int) -> dict[str, tuple[float, float]]:
        where = str(Path(folder) / f"{n_people}.sqlite")
        fill(where, form, n_sessions=10 * n_people, n_people=n_people)
        return measure(where, form)

    return {n_people: timed(n_people) for n_people in (SMALL, LARGE)}


@pytest.mark.parametrize(
    "what",
    [
        "add a session",
        "add its rows only",
        "a person's rom, one stretch",
        "a person's rom, all",
        "a person's sessions",
        "open",
    ],
)
def test_fifty_times_the_people_cost_hardly_more(
    times: dict[int, dict[str, tuple[float, float]]], what: str
) -> None:
    small, large = (times[n_people][what][1] for n_people in (SMALL, LARGE))
    assert large < 3 * small + 2, f"{small:.1f} ms became {large:.1f} ms of this process"
