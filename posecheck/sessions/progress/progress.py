"""Progress over sessions: `posecheck.progress` and the `Progress` that it returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from posecheck.core.files import write_text
from posecheck.sessions.progress.adherence import Adherence, compute_adherence, tidy_sessions
from posecheck.sessions.progress.asymmetry import Asymmetry, compute_asymmetries
from posecheck.sessions.progress.series import (
    CONDITIONS,
    KEY,
    Key,
    SeriesProgress,
    compute_sittings,
    explain_exclusions,
    series_progress,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOTHING = "No session with a range of motion yet."
SIMULATED = "Simulated history: nobody's sessions."
_PAIN = "Pain after the last session: {:.0f} of 10. Beside pain, how far you get does not count."


@dataclass(frozen=True, eq=False, repr=False)
class Progress:
    """What `posecheck.progress` returns; a notebook shows it as a table.

    Attributes
    ----------
    series : tuple of SeriesProgress
        Every series, also those that ended when the conditions of filming changed.
    asymmetries : tuple of Asymmetry
        Left minus right, where both sides were measured under mirrored conditions.
    adherence : Adherence or None
        None when no table of sessions was given.
    simulated : bool
        Whether any reading comes from the simulated example.
    sessions : DataFrame or None
        The table of sessions that was given.
    """

    series: tuple[SeriesProgress, ...]
    asymmetries: tuple[Asymmetry, ...] = ()
    adherence: Adherence | None = None
    simulated: bool = False
    sessions: pd.DataFrame | None = None

    @property
    def current(self) -> tuple[SeriesProgress, ...]:
        """The series that hold the latest sittings."""
        return tuple(one for one in self.series if one.current)

    @property
    def keys(self) -> list[Key]:
        """Stretch, measure and statistic of every current series, each once."""
        return list(dict.fromkeys(one.key for one in self.current))

    def of(self, key: Key) -> Progress:
        """The part about one measure of one stretch, with both sides.

        Parameters
        ----------
        key : Key

        Returns
        -------
        Progress
        """
        return replace(
            self,
            series=tuple(one for one in self.series if one.key == key),
            asymmetries=tuple(one for one in self.asymmetries if one.left.key == key),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per measure and side: baseline, latest, change, SEM, MDC, verdict and trend."""
        return pd.DataFrame([_row(one) for one in self.current], columns=_COLUMNS)

    @property
    def pain_after(self) -> float:
        """The most pain recorded after the latest sitting, 0 to 10; 0 when none was recorded."""
        last = [one.sittings.iloc[-1] for one in self.current]
        newest = max((row["started"] for row in last), default=None)
        felt = [row["pain_after"] for row in last if row["started"] == newest]
        return max((float(pain) for pain in felt if pain > 0), default=0.0)

    def notes(self) -> list[str]:
        """What belongs beside the verdicts: asymmetry, pain, excluded series and adherence."""
        lines = [SIMULATED] if self.simulated else []
        lines += [one.sentence() for one in self.asymmetries]
        lines += [_PAIN.format(self.pain_after)] if self.pain_after else []
        lines += dict.fromkeys(text for one in self.current for text in one.excluded)
        return lines + ([self.adherence.sentence()] if self.adherence else [])

    def sentences(self) -> list[str]:
        """One sentence per current series, then the notes."""
        return [*(one.sentence() for one in self.current), *self.notes()]

    def plot(self) -> Figure:
        """Plot every measure over the sessions, left beside right.

        Returns
        -------
        matplotlib.figure.Figure
        """
        # 0.3 s more: matplotlib, and only plots need it
        from posecheck.report.progress_figures import plot_progress  # noqa: PLC0415

        return plot_progress(self)

    def to_html(self, path: str | Path | None = None, *, person: str = "") -> str:
        """Render one self-contained HTML page of two A4 sheets.

        Parameters
        ----------
        path : str or Path, optional
            The page is written here too.
        person : str
            The name that the page shows.

        Returns
        -------
        str
            The page.

        Raises
        ------
        UsageError
            When `path` cannot be written.
        """
        # 0.3 s more: matplotlib and Jinja, and only pages need them
        from posecheck.report.html.person import person_page  # noqa: PLC0415

        page = person_page(self, person=person)
        if path is not None:
            write_text(path, page)
        return page

    def __repr__(self) -> str:
        stretches = dict.fromkeys(one.stretch for one in self.current)
        return f"<Progress of {len(self.current)} measures: {', '.join(stretches) or _NOTHING}>"

    def __str__(self) -> str:
        return "\n".join(self.sentences()) if self.series else _NOTHING

    def _repr_html_(self) -> str:
        """How a notebook shows the progress."""
        # 0.4 s more: Jinja, and only notebooks need it
        from posecheck.report.html.notebook import progress_html  # noqa: PLC0415

        return progress_html(self)


_COLUMNS = [
    *("stretch", "measure", "statistic", "side", "held", "unit", "better", "sessions"),
    *("baseline", "latest", "change", "sem", "mdc", "verdict"),
    *("per_week", "per_week_low", "per_week_high"),
]


def _row(one: SeriesProgress) -> dict[str, Any]:
    trend = one.trend
    return {
        **{name: getattr(one, name) for name in _COLUMNS if hasattr(one, name)},
        "sessions": len(one.sittings),
        "change": None if one.baseline is None else one.latest - one.baseline,
        "per_week": trend.per_week if trend else None,
        "per_week_low": trend.low if trend else None,
        "per_week_high": trend.high if trend else None,
    }


def progress(rom: pd.DataFrame, sessions: pd.DataFrame | None = None) -> Progress:
    """Tell real change from measurement noise, per stretch, measure and side of one person.

    Parameters
    ----------
    rom : DataFrame
        `History.rom(person, stretch)`; see `compute_sittings` for its columns.
    sessions : DataFrame, optional
        `History.sessions(person)`: adds pain to each sitting, and the adherence.

    Returns
    -------
    Progress

    Raises
    ------
    UsageError
        When `rom` lacks a column that is needed.
    """
    sittings = compute_sittings(rom if sessions is None else _with_pain(rom, sessions))
    series = []
    for _, group in sittings.groupby(KEY, sort=False):
        alike = list(group.groupby(CONDITIONS, sort=False))
        latest = max(alike, key=lambda item: item[1]["started"].iloc[-1])[0]
        for own, rows in alike:
            others = [(conditions, len(r)) for conditions, r in alike if conditions != own]
            excluded = explain_exclusions(own, others)
            series.append(series_progress(rows, current=own == latest, excluded=excluded))
    return Progress(
        series=tuple(series),
        asymmetries=compute_asymmetries(series),
        adherence=None if sessions is None else compute_adherence(sessions),
        simulated=bool(sittings["simulated"].any()),
        sessions=sessions,
    )


def _with_pain(rom: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    known = tidy_sessions(sessions).set_index("session")
    pains = {"pain_before", "pain_after"} & set(sessions)
    return rom.assign(**{name: rom["session"].map(known[name]) for name in pains})
