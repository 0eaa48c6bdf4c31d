"""Adherence: how often and how long a person stretched, and whether the dose was met."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

_WEEK = 7  # days
_RECENT = 4 * _WEEK
SESSION_COLUMNS: dict[str, str | float | None] = {
    "stretch": "",
    "held_s": float("nan"),
    "dose_met": None,
    "pain_before": float("nan"),
    "pain_after": float("nan"),
}


@dataclass(frozen=True)
class Adherence:
    """What was done in the last four weeks, or since the first session if that is more recent.

    Attributes
    ----------
    n_sessions, n_days : int
        Sessions, and days with at least one.
    weeks : float
        How long the period is.
    held_s : float
        Time in the stretches.
    n_met, n_with_dose : int
        Sessions that met the dose of the stretch, of those that had a dose to meet: a stretch may
        name none, and a photo shows no time.
    """

    n_sessions: int
    n_days: int
    weeks: float
    held_s: float
    n_met: int
    n_with_dose: int

    @property
    def per_week(self) -> float:
        """Days with a session per week."""
        return self.n_days / self.weeks

    def sentence(self) -> str:
        """The adherence as a sentence."""
        text = f"{self.per_week:.1f} days a week over {self.weeks:.0f} weeks"
        if self.weeks < 1.5:
            text = f"{self.n_days} day{'s' if self.n_days != 1 else ''} in the first week"
        if self.held_s > 0:
            text += f", {self.held_s / 60:.0f} minutes in the stretches"
        if self.n_with_dose:
            text += f"; the dose was met in {self.n_met} of {self.n_with_dose} sessions"
        return f"{text}."


def local_times(started: pd.Series) -> pd.Series:
    """UTC times as this computer's clock shows them, so that an evening stays on its own day.

    Parameters
    ----------
    started : Series

    Returns
    -------
    Series
    """
    clock = [time.to_pydatetime().astimezone().replace(tzinfo=None) for time in started]
    return pd.Series(clock, index=started.index, dtype="datetime64[us]")


def tidy_sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    """Sort sessions by time, add the columns that are missing, and keep each session once.

    Parameters
    ----------
    sessions : DataFrame

    Returns
    -------
    DataFrame
    """
    rows = sessions.copy()
    for name, default in SESSION_COLUMNS.items():
        if name not in rows:
            rows[name] = default
    rows["started"] = pd.to_datetime(rows["started"], utc=True, errors="coerce")
    for name in ("held_s", "pain_before", "pain_after"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    rows = rows[rows["started"].notna()].sort_values("started", kind="stable")
    if "session" in rows:
        rows = rows.drop_duplicates("session")
    return rows.reset_index(drop=True)


def compute_adherence(
    sessions: pd.DataFrame, *, until: pd.Timestamp | None = None
) -> Adherence | None:
    """Summarise the last four weeks.

    Parameters
    ----------
    sessions : DataFrame
        As `History.sessions(person)` returns it; columns of SESSION_COLUMNS may be missing.
    until : Timestamp, optional
        End of the period; by default the latest session.

    Returns
    -------
    Adherence or None
        None when there is no session.
    """
    rows = tidy_sessions(sessions)
    if until is not None:
        rows = rows[rows["started"] <= until]
    if rows.empty:
        return None
    days = local_times(rows["started"]).dt.normalize()
    end = days.iloc[-1] if until is None else local_times(pd.Series([until])).dt.normalize()[0]
    # Whole days, both ends counted; a week is the least that "a week" can be said of.
    n_days = min(max((end - days.iloc[0]).days + 1, _WEEK), _RECENT)
    is_recent = days > end - pd.Timedelta(days=n_days)
    recent = rows[is_recent]
    met = recent["dose_met"].dropna().astype(bool)
    return Adherence(
        n_sessions=len(recent),
        n_days=int(days[is_recent].nunique()),
        weeks=n_days / _WEEK,
        held_s=float(recent["held_s"].sum()),
        n_met=int(met.sum()),
        n_with_dose=len(met),
    )
