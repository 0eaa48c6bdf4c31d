"""From what a page says to HTML: the templates, names made short, pictures put inside."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from posecheck.core.wording import shortened
from posecheck.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CHART_DPI = 200  # sharp in print


def render(template: str, **content: object) -> str:
    """Fill a template of `templates/`; whatever is put in is text, never HTML.

    Parameters
    ----------
    template : str

    Returns
    -------
    str
    """
    return _environment().get_template(template).render(**content)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("posecheck.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["short"] = shortened
    made.globals["tones"] = {"good": style.GOOD, "bad": style.BAD, "soft": style.SOFT}
    return made


def chart(figure: Figure) -> str:
    """A figure as the source of an `<img>`.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    str
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_CHART_DPI)
    return data_url(buffer.getvalue(), "image/png")


def data_url(content: bytes, kind: str) -> str:
    """A file as part of the page itself.

    Parameters
    ----------
    content : bytes
    kind : {"video", "photo"}

    Returns
    -------
    str
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def most(items: list[Any], limit: int) -> dict[str, Any]:
    """The first items, and how many others there are.

    Parameters
    ----------
    items : list of Any
    limit : int
        How many.

    Returns
    -------
    dict[str, Any]
    """
    return {"shown": items[:limit], "n_more": max(len(items) - limit, 0)}
