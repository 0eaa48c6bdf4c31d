"""Progress in a notebook: pick a person, a stretch and a measure, and see what changed."""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets
import pandas as pd

from posecheck.assess.judge import check_series
from posecheck.measures.catalogue import MEASURES
from posecheck.report.html.notebook import lines_html
from posecheck.report.progress_figures import plot_angle, plot_progress
from posecheck.sessions.progress.demo import PEOPLE, simulate_rom, simulate_sessions
from posecheck.sessions.progress.progress import progress
from posecheck.sessions.progress.series import Key, SeriesProgress
from posecheck.stretches import load_stretch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from posecheck.sessions import History

# What is known of a person: range of motion and sessions, read when it is asked for.
People = Mapping[str, Callable[[], tuple[pd.DataFrame, pd.DataFrame]]]


def find_people(history: History) -> People:
    """Everybody in the history, and the simulated people after them.

    Parameters
    ----------
    history : History

    Returns
    -------
    People
    """
    sessions = history.sessions()
    real = {name: partial(_read, history, name) for name in sorted(set(sessions["person"]))}
    return real | {name: partial(_simulate, name) for name in PEOPLE}


def _read(history: History, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return history.rom(name), history.sessions(name)


def _simulate(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulate_rom(name), simulate_sessions(name)


class ProgressPicker(ipywidgets.VBox):  # type: ignore[misc]
    """Three menus, a figure and its sentences.

    `progress` and `sessions` are those of the person who is shown, `key` is what is shown.

    Parameters
    ----------
    people : mapping of name to callable
        See `find_people`.
    person : str, optional
        Who is shown first; where nobody has that name, the simulated example.
    """

    def __init__(self, people: People, person: str | None = None) -> None:
        self._people = people
        example = PEOPLE[0] if PEOPLE[0] in people else next(iter(people))
        first = person if person in people else example
        self.person = ipywidgets.Dropdown(options=list(people), value=first, description="Person")
        self.stretch = ipywidgets.Dropdown(description="Stretch")
        self.measure = ipywidgets.Dropdown(description="Measure")
        self.figure, self.words = ipywidgets.Image(format="png"), ipywidgets.HTML()
        super().__init__(
            [ipywidgets.HBox([self.person, self.stretch, self.measure]), self.figure, self.words]
        )
        self._filling = False
        self._observe(self.person, self._show_person)
        self._observe(self.stretch, self._show_stretch)
        self._observe(self.measure, self._show_measure)
        self._show_person()

    @property
    def key(self) -> Key | None:
        """Stretch, measure and statistic that are shown; None where nothing is known."""
        return self.measure.value

    def _observe(self, menu: ipywidgets.Dropdown, show: Callable[[], None]) -> None:
        def chosen(_: object) -> None:
            if not self._filling:
                show()

        menu.observe(chosen, "value")

    def _show_person(self) -> None:
        rom, self.sessions = self._people[self.person.value]()
        self.progress = progress(rom, self.sessions)
        stretches = dict.fromkeys(key[0] for key in self.progress.keys)
        self._fill(self.stretch, [(stretch, stretch) for stretch in stretches])
        self._show_stretch()

    def _show_stretch(self) -> None:
        own = [one for one in self.progress.current if one.stretch == self.stretch.value]
        self._fill(self.measure, list({one.name: one.key for one in own}.items()))
        self._show_measure()

    def _fill(self, menu: ipywidgets.Dropdown, options: list[tuple[str, Hashable]]) -> None:
        """New options, the first of them chosen; what is shown is drawn once, by the caller."""
        self._filling = True
        menu.options = options
        menu.index = 0 if options else None
        self._filling = False

    def _show_measure(self) -> None:
        shown = self.progress.of(self.key) if self.key else self.progress
        self.figure.value = _png(plot_progress(shown))
        self.words.value = lines_html(shown.sentences())


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def plot_first_best_last(
    history: History, series: SeriesProgress, *, ax: Axes | None = None
) -> Axes:
    """The angle over time in the first, the best and the last session of a series.

    The sessions are measured anew, from the landmarks that are kept of them.

    Parameters
    ----------
    history : History
    series : LandmarkSeries
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
    """
    stretch = load_stretch(series.stretch)
    checks = {
        name: check_series(history.landmarks(int(str(session))), stretch)
        for name, session in series.first_best_last().items()
    }
    return plot_angle(checks, MEASURES[series.measure].column(series.side), ax=ax)
