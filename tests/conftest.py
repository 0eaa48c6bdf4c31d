"""What all tests share: one folder for the pose model, so that a run fetches it at most once."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings

from posecheck.core.errors import ModelError
from posecheck.pose.model.locate import ModelFacts, model_facts, resolve_model
from tests.fixtures import postgres
from tests.fixtures.commands import Done
from tests.fixtures.paths import REPO
from tests.fixtures.servers import Serve, serving

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Set when the tests are collected, so that command lines started by them see it too.
os.environ["COLUMNS"] = "160"  # tables fold to the width of the terminal
os.environ.setdefault("POSECHECK_HOME", str(REPO / ".cache" / "posecheck"))

mpl.use("Agg")

# Tests share cores with other work: a slow example is no failure.
settings.register_profile("posecheck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("posecheck")

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of our own; `%s` in its URL is the name of the database."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here")
    pytest.importorskip("psycopg")
    with postgres.server(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Where an empty history can be, on each kind of database; the home folder is empty too."""
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    if request.param == "sqlite":
        return str(tmp_path / "history.sqlite")
    import psycopg

    url: str = request.getfixturevalue("postgres_url")
    name = f"history{next(_NUMBERS)}"
    with psycopg.connect(url % "postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    return url % name


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, without a browser of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers on 127.0.0.1 that give one answer to every GET."""
    with serving() as start:
        yield start


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the clips that play the camera of a browser."""
    return tmp_path_factory.mktemp("cameras")


@pytest.fixture
def run_cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in this process, where nothing has to be loaded again."""
    from posecheck.cli import main  # its console takes its width from COLUMNS, which is set above

    def inside(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["posecheck", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "100")
        with pytest.raises(SystemExit) as stopped:
            main.main()
        out, err = capsys.readouterr()
        return Done(stopped.value.code or 0, out, err)

    return inside


@pytest.fixture
def no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no model and none can be fetched: what fails before it never asks for it."""
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    monkeypatch.delenv("POSECHECK_MODEL", raising=False)


@pytest.fixture(scope="session")
def model() -> ModelFacts:
    """The full pose model, where there is one."""
    try:
        return model_facts(resolve_model("full"))
    except ModelError as error:
        pytest.skip(f"no pose model: {error}")
