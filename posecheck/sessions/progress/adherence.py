"""How often and how long somebody stretched, and how much it hurt."""

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
    """What was done in the last four weeks, or since the first session if that is shorter ago.

    `n_days` are days with a session. `n_met` of `n_with_dose` sessions met the dose of the stretch;
    where no dose is named, or a photo shows no time, there is nothing to meet.
    """

    n_sessions: int
    n_days: int
    weeks: float
    held_s: float
    n_met: int
    n_with_dose: int

    @property
    def per_week(self) -> float:
        """Days with a session, a week."""
        return self.n_days / self.weeks

    def sentence(self) -> str:
        """As people read it."""
        text = f"{self.per_week:.1f} days a week over {self.weeks:.0f} weeks"
        if self.weeks < 1.5:
            text = f"{self.n_days} day{'s' if self.n_days != 1 else ''} in the first week"
        if self.held_s > 0:
            text += f", {self.held_s / 60:.0f} minutes in the stretches"
        if self.n_with_dose:
            text += f"; the dose was met in {self.n_met} of {self.n_with_dose} sessions"
        return f"{text}."


def local_times(started: pd.Series) -> pd.Series:
    """UTC times as the clock of this computer shows them: an evening there is no next morning."""
    clock = [time.to_pydatetime().astimezone().replace(tzinfo=None) for time in started]
    return pd.Series(clock, index=started.index, dtype="datetime64[us]")


def tidy_sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    """Sessions in the order of time, with every column that is asked for, each session once."""
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
    """Sum up the last four weeks.

    Parameters
    ----------
    sessions : DataFrame
        As `History.sessions(person)` gives it; columns of SESSION_COLUMNS may be missing.
    until : Timestamp, optional
        The last session by default.

    Returns
    -------
    Adherence or None
        None where there is no session.
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
