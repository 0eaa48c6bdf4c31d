"""Put a table into a page of docs, between its markers, so that no figure is copied by hand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"


def into_docs(name: str, table: pd.DataFrame, command: str, *, page: Path = PAGE) -> None:
    """Replace what stands between `<!-- table NAME -->` and `<!-- /table -->`."""
    block = f"{markdown(table)}\n\n({date.today().isoformat()}, `python {command}`)"
    start, end = f"<!-- table {name} -->", "<!-- /table -->"
    text = page.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if len(between.findall(text)) != 1:
        raise SystemExit(f"{page.name} must hold {start} ... {end} once.")
    text = between.sub(lambda _: f"{start}\n{block}\n{end}", text)
    page.write_text(text, encoding="utf-8")


def markdown(table: pd.DataFrame) -> str:
    """A table of text as Markdown; its index is the first column."""
    rows = [[str(table.index.name or ""), *map(str, table.columns)]]
    rows += [[str(label), *map(str, row)] for label, *row in table.itertuples()]
    rows.insert(1, ["---"] + ["--:"] * len(table.columns))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def percent(share: float) -> str:
    """A share as whole percent."""
    return "-" if pd.isna(share) else f"{100 * share:.0f} %"


def degrees(value: float, *, sign: bool = False) -> str:
    """Degrees to a tenth."""
    return "-" if pd.isna(value) else f"{value:+.1f}°" if sign else f"{value:.1f}°"


def between(low: float, high: float) -> str:
    """A range of degrees."""
    return f"{low:.0f}° to {high:.0f}°"


def spaced(name: str) -> str:
    """A measure's name as people read it."""
    return name.replace("_", " ")
