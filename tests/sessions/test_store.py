"""The history on the disk: private, never half, mended when it is opened, never of the future."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from posecheck.core.errors import HistoryError, UsageError
from posecheck.sessions import History, upgrade
from posecheck.sessions.database import Database
from posecheck.sessions.schema import Base
from tests.fixtures.histories import session_report
from tests.fixtures.paths import REPO


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


def landmark_files(file: Path) -> list[Path]:
    return sorted(Path(f"{file}.landmarks").rglob("*.parquet"))


def uid_of(file: Path, session: int) -> str:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT uid FROM session WHERE id = ?", [session]).fetchone()[0]


# --- where it is ----------------------------------------------------------------------------------


def test_default_place_is_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    with History() as history:
        history.add(session_report(), person="a")
    assert (tmp_path / "home" / "history.sqlite").exists()
    monkeypatch.setenv("POSECHECK_DB", f"sqlite:///{tmp_path / 'other.sqlite'}")
    with History() as history:
        assert history.sessions().empty
    assert (tmp_path / "other.sqlite").exists()


@pytest.mark.skipif(os.name != "posix", reason="no mode bits here")
def test_nobody_else_can_read_it(file: Path) -> None:
    old = os.umask(0)
    try:
        with History(file) as history:
            history.add(session_report(), person="a")
            history.backup(file.parent / "copy.sqlite")
            modes = {
                path.relative_to(file.parent).parts[0]: stat.S_IMODE(path.stat().st_mode)
                for path in file.parent.iterdir()
            }
            kept = [stat.S_IMODE(path.stat().st_mode) for path in landmark_files(file)]
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert modes == {
        "history.sqlite": 0o600,
        "history.sqlite-wal": 0o600,
        "history.sqlite-shm": 0o600,
        "history.sqlite.landmarks": 0o700,
        "copy.sqlite": 0o600,
        "copy.sqlite.landmarks": 0o700,
    }
    assert kept == [0o600]


def test_sqlite_is_set_up_as_promised(file: Path) -> None:
    with Database(file).reading() as db:
        values = {
            name: db.scalar(sa.text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "secure_delete", "synchronous")
        }
        assert db.scalar(sa.text("PRAGMA busy_timeout")) >= 5000
    assert values == {
        "journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "synchronous": 2,
    }  # fmt: skip


def test_what_is_no_database(tmp_path: Path) -> None:
    junk = tmp_path / "notes.sqlite"
    junk.write_text("shopping list\n" * 100)
    with pytest.raises(HistoryError, match=r"notes\.sqlite"):
        History(junk)
    with pytest.raises(HistoryError):
        History(tmp_path)
    assert junk.read_text().startswith("shopping")


# --- versions -------------------------------------------------------------------------------------


def test_tables_are_those_that_the_migrations_make(database: str) -> None:
    """Nobody changes a table and forgets the migration."""
    opened = Database(database)
    with opened.reading() as db:
        context = MigrationContext.configure(
            db.connection(), opts={"version_table": upgrade.VERSION_TABLE}
        )
        assert compare_metadata(context, Base.metadata) == []
    opened.close()
    assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_current_head() == upgrade.NEWEST


def test_a_history_from_the_future_is_refused(database: str) -> None:
    opened = Database(database)
    with opened.writing() as db:
        db.execute(sa.text(f"UPDATE {upgrade.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(HistoryError, match=r"newer posecheck.*9999.*Install"):
        History(database)
    with opened.reading() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM person")) == 0
    opened.close()


def test_an_older_history_is_brought_up_with_its_data(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way there, shown with a version that adds a column to the table all others hang on."""
    with History(database) as history:
        history.add(session_report(), person="Ann")
        before = history.rom("Ann")
    folder = tmp_path / "100% migrations"
    shutil.copytree(upgrade.MIGRATIONS, folder)
    (folder / "versions" / "v0002_test.py").write_text(
        textwrap.dedent("""
        import sqlalchemy as sa
        from alembic import op

        revision = "0002"
        down_revision = "0001"

        def upgrade():
            with op.batch_alter_table("person", recreate="always") as table:
                table.add_column(sa.Column("born", sa.Integer, server_default="1970"))
        """)
        if "postgresql" not in database
        else textwrap.dedent("""
        import sqlalchemy as sa
        from alembic import op

        revision = "0002"
        down_revision = "0001"

        def upgrade():
            op.add_column("person", sa.Column("born", sa.Integer, server_default="1970"))
        """)
    )
    monkeypatch.setattr(upgrade, "MIGRATIONS", folder)
    monkeypatch.setattr(upgrade, "NEWEST", "0002")
    with History(database) as history:
        assert history.rom("Ann").equals(before)
        assert history.problems() == []
    opened = Database(database)
    with opened.reading() as db:
        assert db.scalar(sa.text("SELECT born FROM person")) == 1970
    opened.close()


def test_an_upgrade_that_fails_changes_nothing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with History(file) as history:
        history.add(session_report(), person="Ann")
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, folder)
    (folder / "versions" / "v0002_test.py").write_text(
        "from alembic import op\nrevision, down_revision = '0002', '0001'\n"
        "def upgrade():\n    op.drop_table('cue')\n    op.execute('SELECT nonsense')\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "MIGRATIONS", folder)
        patched.setattr(upgrade, "NEWEST", "0002")
        with pytest.raises(HistoryError, match="nonsense"):
            History(file)
    with History(file) as history:
        assert not history.cues("Ann").empty


# --- cut short ------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forked")
def test_kills_lose_nothing(tmp_path: Path) -> None:
    """200 kills, as in the issue: `python -m benchmarks.kills`."""
    done = subprocess.run(
        [sys.executable, REPO / "benchmarks" / "kills.py", "--kills", "20"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPO)},
    )
    assert done.returncode == 0, done.stderr
    assert "integrity check clean" in done.stdout


@contextmanager
def killed_while_it_commits(file: Path) -> Iterator[None]:
    """Have the log all of what is committed in here, and its index, which others go by, none."""
    index = Path(f"{file}-shm")
    header = index.read_bytes()[:_INDEX_HEADER]
    yield
    with index.open("r+b") as shared:
        shared.write(header)


_INDEX_HEADER = 136  # bytes; see "WAL-Index Header" in SQLite's description of its format


def as_after_a_kill(file: Path, to: Path) -> Path:
    """A copy of everything as whoever opens it finds it after all others were killed."""
    shutil.copytree(file.parent, to)
    return to / file.name


def assert_whole(file: Path, *, n_sessions: int) -> None:
    with History(file) as history:
        assert history.problems() == []
        assert len(history.sessions()) == n_sessions
    assert len(landmark_files(file)) == n_sessions


def test_a_save_killed_in_its_commit_is_there_with_its_landmarks_or_not_at_all(
    file: Path, tmp_path: Path
) -> None:
    with History(file) as history:
        history.add(session_report(), person="a")
        with killed_while_it_commits(file):
            history.add(session_report(80), person="b")
            (kept,) = {path for path in landmark_files(file) if path.stem == uid_of(file, 2)}
            kept.rename(kept.parent / "unsettled" / kept.name)
        at_once = as_after_a_kill(file, tmp_path / "at once")
        with History(file):  # who is killed after having opened it
            later = as_after_a_kill(file, tmp_path / "later")
    assert_whole(at_once, n_sessions=2)
    assert_whole(later, n_sessions=1)


def test_a_forget_killed_in_its_commit_is_whole_or_did_not_happen(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with History(file) as history:
        history.add(session_report(), person="Zebedee")
        history.add(session_report(80), person="b")
        with killed_while_it_commits(file), monkeypatch.context() as patched:
            patched.setattr(Database, "make_certain", lambda _: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                history.forget("Zebedee")
        at_once = as_after_a_kill(file, tmp_path / "at once")
        with History(file):
            later = as_after_a_kill(file, tmp_path / "later")
    assert_whole(at_once, n_sessions=1)
    assert_whole(later, n_sessions=2)
    assert b"Zebedee" not in at_once.read_bytes()


def test_two_who_open_it_for_the_first_time_at_once(file: Path) -> None:
    code = f"from posecheck.sessions import History; print(len(History({str(file)!r}).sessions()))"
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [one.communicate(timeout=120)[0] for one in both] == ["0\n"] * 3


def test_landmarks_of_a_save_that_was_cut_short_are_swept(file: Path) -> None:
    with History(file) as history:
        history.add(session_report(), person="a")
    (kept,) = landmark_files(file)
    unsettled = kept.parent / "unsettled"
    # Saved, but killed before its landmarks were moved; and killed before it was saved.
    kept.rename(unsettled / kept.name)
    (unsettled / f"{'0' * 32}.parquet").write_bytes(b"half")
    (unsettled / ".part").write_bytes(b"half")
    with History(file) as history:
        assert history.problems() == []
        assert len(history.landmarks(1)) > 0
    assert landmark_files(file) == [kept]
    assert not list(unsettled.iterdir())


def test_an_error_while_saving_keeps_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History(file) as history:
        with monkeypatch.context() as patched:
            patched.setattr(
                "posecheck.sessions.statements.add_result",
                lambda *_: (_ for _ in ()).throw(MemoryError),
            )
            with pytest.raises(MemoryError):
                history.add(session_report(), person="a")
        assert not history.knows("a")
        assert history.add(session_report(), person="a") == 1
    with History(file) as history:
        assert history.problems() == []
    assert len(landmark_files(file)) == 1


def test_problems_are_told(file: Path) -> None:
    with History(file) as history:
        history.add(session_report(), person="a")
        (kept,) = landmark_files(file)
        kept.rename(kept.with_name(f"{'1' * 32}.parquet"))
        lost, stray = history.problems()
        assert lost == f"session {kept.stem} has no landmarks here"
        assert stray == f"landmarks {'1' * 32} belong to no session"
        with pytest.raises(HistoryError, match="landmarks of this session are not here"):
            history.landmarks(1)


# --- forgetting and backup ------------------------------------------------------------------------


def test_no_byte_of_somebody_forgotten_stays(file: Path) -> None:
    name, note = "Zebedee Quux", "hurts when I water the hydrangeas"
    with History(file) as history:
        for k in range(12):
            history.add(session_report(80.0 + k), person=f"{name} {k % 3}", note=f"{note} {k}" * 50)
        history.add(session_report(60), person="stays", note="kept note")
        for k in range(3):
            assert history.forget(f"{name} {k}") == 4
        # While it is open, and after.
        for _ in range(2):
            content = b"".join(p.read_bytes() for p in file.parent.rglob("*") if p.is_file())
            assert name.encode() not in content
            assert b"hydrangeas" not in content
            assert b"kept note" in content
            history.close()
        assert list(history.sessions()["person"]) == ["stays"]
        assert len(landmark_files(file)) == 1


def test_forgetting_that_was_cut_short_is_finished(file: Path) -> None:
    with History(file) as history:
        history.add(session_report(), person="Zebedee Quux")
    (kept,) = landmark_files(file)
    mark = kept.parent / "unsettled" / "forgetting-1"
    mark.write_text(kept.stem)
    plain = sqlite3.connect(file)
    plain.execute("PRAGMA secure_delete = OFF")
    plain.execute("DELETE FROM person")  # without its sessions: foreign keys are off
    plain.execute("DELETE FROM session")
    plain.commit()
    plain.close()
    assert b"Zebedee" in file.read_bytes()
    with History(file):
        pass
    assert b"Zebedee" not in file.read_bytes()
    assert not kept.exists()
    assert not mark.exists()


def test_a_forget_that_is_marked_but_did_not_happen(file: Path) -> None:
    with History(file) as history:
        history.add(session_report(), person="a")
    (kept,) = landmark_files(file)
    mark = kept.parent / "unsettled" / "forgetting-1"
    mark.write_text(kept.stem)
    with History(file) as history:
        assert history.problems() == []
        assert len(history.landmarks(1)) > 0
    assert not mark.exists()


def test_forgetting_while_somebody_reads_says_what_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posecheck.sessions.database._WAIT_S", 0.2)
    with History(file) as history:
        history.add(session_report(), person="Ann")
        reader = sqlite3.connect(file)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM person").fetchall()
        with pytest.raises(HistoryError, match=r"reading the history|locked"):
            history.forget("Ann")
        reader.close()
        assert not history.knows("Ann")
        with pytest.raises(UsageError, match="nobody"):
            history.forget("Ann")
    assert b"Ann" not in file.read_bytes()


def test_several_who_save_and_forget_at_once(file: Path) -> None:
    code = f"""
        import os
        from posecheck.sessions import History
        from tests.fixtures.histories import session_report

        found, name = session_report(), f"Zebedee {{os.getpid()}}"
        with History({str(file)!r}) as history:
            for _ in range(25):
                history.add(found, person=name, again=True)
                assert history.forget(name) == 1
    """
    several = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPO)},
        )
        for _ in range(3)
    ]
    assert [one.communicate(timeout=120)[1] for one in several] == [""] * 3
    with History(file) as history:
        assert history.problems() == []
    assert landmark_files(file) == []
    assert b"Zebedee" not in file.read_bytes()


def test_backup_of_a_history_in_use(file: Path) -> None:
    copy = file.parent / "copy.sqlite"
    with History(file) as history:
        history.add(session_report(), person="Ann")
        assert history.backup(copy) == copy
        history.add(session_report(91), person="Ann")
        with pytest.raises(UsageError, match="there already"):
            history.backup(copy)
    with History(copy) as history:
        assert history.problems() == []
        assert list(history.sessions()["session"]) == [1]
        assert len(history.landmarks(1)) > 0
    assert not list(file.parent.glob(".*"))


def test_backup_of_a_server_is_its_own_affair(postgres_url: str, tmp_path: Path) -> None:
    with (
        History(postgres_url % "postgres") as history,
        pytest.raises(UsageError, match="pg_dump"),
    ):
        history.backup(tmp_path / "copy.sqlite")
