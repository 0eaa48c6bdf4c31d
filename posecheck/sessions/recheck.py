"""Old sessions checked again from their landmarks, by the definitions and measures of today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from posecheck.assess.judge import check_series
from posecheck.assess.pain import spare_depth
from posecheck.core.errors import PosecheckError
from posecheck.sessions.records import SOFTWARE, DefinitionRecord, ResultRecord, method_sha256
from posecheck.sessions.store import Store, StoredSession
from posecheck.stretches import Stretch, load_stretch

_COLUMNS = ["session", "person", "stretch", "outcome", "changed", "verdict_before", "verdict"]


def recheck(store: Store, name: str | None, stretch: str | Path | Stretch | None) -> pd.DataFrame:
    """Check sessions again; parameters and result are those of `History.recheck`.

    Parameters
    ----------
    store : Store
    name : str or None
    stretch : str or Path or Stretch or None

    Returns
    -------
    DataFrame
    """
    given = load_stretch(stretch) if isinstance(stretch, (str, Path)) else stretch
    rows = []
    for uid in store.uids(name, given.id if given else None):
        stored = store.load(uid)
        if stored is not None:
            outcome = _recheck_one(store, stored, given)
            about = (stored.number, stored.person, stored.record.stretch)
            rows.append((*about, *outcome))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _recheck_one(
    store: Store, stored: StoredSession, given: Stretch | None
) -> tuple[str, str, str, str]:
    """Outcome, what changed, verdict before and after."""
    record, last = stored.record, stored.record.results[-1]
    same = last.verdict, last.verdict
    try:
        stretch = given or load_stretch(record.stretch)
        changed = list(_changes(last, stretch))
        if not changed:
            return "nothing newer", "", *same
        series = store.landmarks.load(record.uid)
    except PosecheckError as error:
        return f"not checked: {error}", "", *same
    form = check_series(series, stretch, side=record.side, correct=record.corrected)
    form = spare_depth(form, record.pain_before, record.pain_after)
    result = ResultRecord.of(form, revision=record.revision + 1)
    if not store.add_result(record.uid, result):
        return "not checked: it was forgotten meanwhile", "", *same
    return "checked again", "; ".join(changed), last.verdict, result.verdict


def _changes(last: ResultRecord, stretch: Stretch) -> Iterator[str]:
    """What has changed since this result was found."""
    now = DefinitionRecord.of(stretch)
    if now.sha256 != last.definition.sha256:
        yield f"definition {last.definition.version} -> {now.version}"
        yield from _differences(json.loads(last.definition.text), json.loads(now.text))
    if last.method_sha256 != method_sha256():
        yield "how angles are measured or corrected"
    if last.software != SOFTWARE:
        yield f"{last.software} -> {SOFTWARE}"


def _differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Each key of a definition that differs, with both values."""
    if all(isinstance(one, list) and one and isinstance(one[0], dict) for one in (old, new)):
        old, new = _by_id(old), _by_id(new)
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(old.get(key), new.get(key), f"{place}.{key}" if place else key)
    elif old != new:
        yield f"{place}: {_short(old)} -> {_short(new)}"


def _by_id(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The items of a list by their id, key or measure, else by their number."""
    names = ("id", "key", "measure")
    named = {}
    for number, item in enumerate(items, start=1):
        own = [str(item[name]) for name in names if name in item]
        key = own[0] if own and own[0] not in named else str(number)
        named[key] = item
    return named


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
