"""The page on the stretch format names every key there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from posecheck.stretches import definition, parts

PAGE = (Path(__file__).parents[1] / "docs" / "stretch-format.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_]+)(?: = [^`]+)?`", PAGE))


def _models() -> list[type[BaseModel]]:
    return [
        value
        for value in (vars(parts) | vars(definition)).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
    ]


def test_every_key_is_explained() -> None:
    keys = {
        field.alias or name for model in _models() for name, field in model.model_fields.items()
    }
    on_page = NAMED | set(re.findall(r"`\[\[?(?:\w+\.)?(\w+)\]\]?`", PAGE))
    assert keys - on_page == set()


def test_every_choice_is_explained() -> None:
    for choice in ("near", "held", "other", *parts.Statistic.__args__):
        assert choice in NAMED
    assert set(parts.NEED_TIME) <= set(parts.Statistic.__args__)
