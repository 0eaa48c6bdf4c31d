"""Errors: one tree, three parts, and whole after a trip to another process."""

from __future__ import annotations

import inspect
import pickle

import pytest

import posecheck
from posecheck.core import errors
from posecheck.core.errors import DefinitionError, PosecheckError, SourceError, UsageError

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


def test_every_error_is_public_and_of_one_tree() -> None:
    assert len(ALL) == 7
    for kind in ALL:
        assert issubclass(kind, PosecheckError)
        assert getattr(posecheck, kind.__name__) is kind
        assert kind.__name__ in (errors.__doc__ or ""), "the tree in the docstring has it"


def test_what_where_and_what_to_do() -> None:
    error = SourceError("it is empty", where="a.mp4", hint="Copy it again.")
    assert str(error) == "a.mp4: it is empty. Copy it again."
    assert str(UsageError("no such side")) == "no such side."
    assert str(DefinitionError("`id`: missing", where="x.toml")) == "x.toml: `id`: missing."


@pytest.mark.parametrize("kind", ALL)
def test_survives_pickling(kind: type[PosecheckError]) -> None:
    error = kind("what", where="where", hint="Do this.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.what, again.where, again.hint) == ("what", "where", "Do this.")
    assert str(again) == str(error)


def test_can_be_caught_as_one() -> None:
    with pytest.raises(PosecheckError, match="no stretch"):
        posecheck.load_stretch("nonsense")
