"""Many recordings: what is done, what is refused, and that a kill changes nothing."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posecheck.batch.pool import run_in_processes
from posecheck.cli import main
from posecheck.core.errors import PosecheckError, UsageError
from tests.fixtures.batches import LINE, QUICK, ended, rows_of, run, stand_in, started, table
from tests.fixtures.commands import LEGS, Done
from tests.fixtures.paths import SAMPLES
from tests.fixtures.videos import cut


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in this process, where nothing has to be loaded again, with the stand-in."""

    def inside(folder: Path, *arguments: object) -> Done:
        monkeypatch.setattr("posecheck.batch.check_clip.check_clip", stand_in)
        monkeypatch.setattr(sys, "argv", ["posecheck", "batch", str(folder), *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main.main()
        return Done(stopped.value.code or 0, *capsys.readouterr())

    return inside


def sessions() -> Any:
    """What the history has, which must be whole."""
    from posecheck.sessions import History

    with History() as history:
        assert history.problems() == []
        return history.sessions()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty history of SQLite; the model is where it always is."""
    from posecheck.pose.model.locate import resolve_model

    monkeypatch.setenv("POSECHECK_MODEL", str(resolve_model()))
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    return tmp_path / "home"


@pytest.fixture
def numbers(tmp_path: Path, home: Path) -> Path:
    """Twelve files for the stand-in, one of them hostile."""
    folder = tmp_path / "numbers"
    folder.mkdir()
    for k in range(12):
        (folder / f"{k:02d}.mp4").write_text("hostile" if k == 7 else str(k))
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips of a second, and what else may lie in a folder."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "ann").mkdir()
    cut(SAMPLES / "legs-up-the-wall.mp4", folder / "ann" / "Wand Übung.mp4", 1)
    cut(SAMPLES / "cobra.mp4", folder / "b.mp4", 1)
    cut(SAMPLES / "bridge.mp4", folder / "c.mp4", 1).rename(folder / "C.MOV")
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("no video")
    (folder / "truncated.mp4").write_bytes((SAMPLES / "cobra.mp4").read_bytes()[:3000])
    (folder / "notes.txt").write_text("no recording, and not asked for")
    (folder / ".hidden.mp4").write_text("left out")
    return folder


FILES = ["C.MOV", "ann/Wand Übung.mp4", "b.mp4", "empty.mp4", "text.mp4", "truncated.mp4"]


# --- with the real model --------------------------------------------------------------------------


def test_folder_with_hostile_files(clips: Path, home: Path, tmp_path: Path) -> None:
    one, two, landmarks = tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "landmarks"
    asked = (*LEGS, "--save", "--person", "Ann", "--landmarks", landmarks)
    first = run(clips, *asked, "--csv", one, "--workers", 2, "--json", "-")
    assert first.code == 1, first.err
    rows = table(one)
    assert list(rows) == FILES
    assert [row["error"] != "" for row in rows.values()] == [False] * 3 + [True] * 3
    assert "empty (0 bytes)" in rows["empty.mp4"]["error"]
    assert "not a video or photo" in rows["text.mp4"]["error"]
    for file in FILES[:3]:
        assert rows[file]["verdict"] == "not-assessed"  # a second is no hold
        assert rows[file]["to_change"]
        assert (rows[file]["frames"], rows[file]["person"]) == ("15", "Ann")
        assert len(rows[file]["sha256"]) == 64
        assert (landmarks / f"{file}.parquet").is_file()
    data = json.loads(first.out)
    assert data["schema"] == "posecheck.batch/1"
    assert data["counts"]["unreadable"] == 3
    assert all(clip["took_s"] > 0 for clip in data["clips"][:3])
    assert list(sessions()["person"]) == ["Ann"] * 3
    # The other number of processes gives the same bytes, and the history notices.
    second = run(clips, *asked, "--csv", two, "--workers", 1, "--quiet")
    assert (second.code, second.out, second.err) == (1, "", "")
    assert one.read_bytes() == two.read_bytes()
    assert len(sessions()) == 3


def test_killed_with_the_model_at_work(clips: Path, home: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    asked = (*LEGS, "--match", "*.mp4", "--workers", 2)
    assert run(clips, *asked, "--csv", whole).code == 1
    process = started(clips, *asked, "--csv", broken)
    rows_of(process, 2)
    process.kill()
    ended(process)
    again = run(clips, *asked, "--csv", broken)
    assert " of 5 clips are done already" in again.err
    assert broken.read_bytes() == whole.read_bytes()


# --- kills, interrupts and company ----------------------------------------------------------------


def test_killed_at_any_moment(numbers: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    asked = (*LEGS, "--workers", 2)
    assert run(numbers, *asked, "--csv", whole, code=QUICK).code == 1
    chance, told = random.Random(1), Counter[str]()
    n_killed = 0
    for _ in range(3):
        process = started(numbers, *asked, "--save", "--csv", broken, code=QUICK)
        seen = rows_of(process, chance.randint(1, 2))
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        end = ended(process)
        n_killed += end.code == -signal.SIGKILL
        told.update(LINE.findall(seen + end.err))
    assert n_killed >= 2
    end = run(numbers, *asked, "--save", "--csv", broken, code=QUICK)
    assert end.code == 1, end.err
    told.update(LINE.findall(end.err))
    assert broken.read_bytes() == whole.read_bytes()
    assert max(told.values()) == 1, "what was told as done was not done again"
    assert len(sessions()) == 11
    assert set(sessions()["person"]) == {"me"}


def test_ctrl_c_keeps_what_is_done(numbers: Path, tmp_path: Path) -> None:
    result = tmp_path / "r.csv"
    process = started(numbers, *LEGS, "--csv", result, "--workers", 1, code=QUICK)
    seen = rows_of(process, 1)
    process.send_signal(signal.SIGINT)
    end = ended(process)
    assert end.code == 130
    assert "Traceback" not in end.err
    n_done = len(LINE.findall(seen + end.err))
    assert f"stopped. {n_done} of 12 clips are done" in end.err
    assert "the same command goes on" in end.err
    assert len(table(result)) == n_done
    end = run(numbers, *LEGS, "--csv", result, code=QUICK)
    assert len(LINE.findall(end.err)) == 12 - n_done
    assert len(table(result)) == 12


def test_two_batches_into_one_history(numbers: Path, tmp_path: Path) -> None:
    names = [tmp_path / "a.csv", tmp_path / "b.csv"]
    asked = (*LEGS, "--save", "--workers", 1, "--csv")
    both = [started(numbers, *asked, name, code=QUICK) for name in names]
    assert [ended(process).code for process in both] == [1, 1]
    assert names[0].read_bytes() == names[1].read_bytes()
    assert len(sessions()) == 11


def test_two_batches_into_one_table(numbers: Path, quick: Any) -> None:
    from posecheck.batch.ledger import Ledger

    with Ledger(numbers / "posecheck-batch.csv"):
        quick(numbers, *LEGS).failed_clearly("another batch is writing")
    assert quick(numbers, *LEGS, "--dry-run").code == 0


def test_what_changed_is_done_again(numbers: Path, quick: Any) -> None:
    quick(numbers, *LEGS, "-q")
    (numbers / "07.mp4").write_text("3")
    assert LINE.findall(quick(numbers, *LEGS).err) == ["07.mp4"]
    rows = table(numbers / "posecheck-batch.csv")
    assert "the same recording as 03.mp4" in rows["07.mp4"]["warnings"]
    (numbers / "07.mp4").write_text("hostile")
    assert LINE.findall(quick(numbers, *LEGS).err) == ["07.mp4"]
    assert LINE.findall(quick(numbers, *LEGS, "--retry").err) == ["07.mp4"]


# --- plans ----------------------------------------------------------------------------------------


def test_plan(numbers: Path, tmp_path: Path, quick: Any) -> None:
    plan, result = tmp_path / "plan.csv", tmp_path / "r.csv"
    plan.write_text(
        "\ufefffile;person;stretch;date;side;pain_before;pain_after;note\r\n"
        "05.mp4;Zoë;legs-up-the-wall;2026-05-01;;3;1;after work\r\n"
        "\r\n"
        "02.mp4;;;2026-05-02T18:30;;;;\r\n"
        "none.mp4;;;;;;;\r\n",
        encoding="utf-8",
    )
    asked = (*LEGS, "--plan", plan, "--person", "Bob", "--csv", result)
    dry = quick(numbers, *asked, "--dry-run")
    assert dry.code == 0
    assert "No such file" in " ".join(dry.out.split())
    assert not result.exists()
    done = quick(numbers, *asked, "--save")
    assert done.code == 1
    rows = table(result)
    assert list(rows) == ["05.mp4", "02.mp4", "none.mp4"]
    assert [row["person"] for row in rows.values()] == ["Zoë", "Bob", "Bob"]
    assert (rows["05.mp4"]["pain_before"], rows["05.mp4"]["note"]) == ("3", "after work")
    assert "No such file" in rows["none.mp4"]["error"]
    kept = sessions().set_index("person")
    assert str(kept["started"]["Zoë"].to_pydatetime().astimezone())[:10] == "2026-05-01"


def jobs_of(text: str, folder: Path, tmp_path: Path) -> Any:
    """Read a plan in this process."""
    from posecheck.batch.folders import LocalFolder
    from posecheck.batch.plan import Defaults, plan_file

    plan = tmp_path / "plan.csv"
    plan.write_text(text, encoding="utf-8")
    return plan_file(plan, LocalFolder.at(folder), Defaults())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file\n../secret.mp4", "line 2: ../secret.mp4: This leads out"),
        ("file\na/../../secret.mp4", "leads out"),
        ("file\n/etc/passwd", "leads out"),
        ("file\nC:\\secret.mp4", "leads out"),
        ("file\n..\\secret.mp4", "leads out"),
        ("file\nfile:///etc/passwd", "leads out"),
        ("file\nlink.mp4", "leads out"),
        ("file\nup/01.mp4", "leads out"),
        ("file\na\0b.mp4", "no path"),
        ("file,person\n,Ann", "no path"),
        ("file\n01.mp4\n01.mp4", "line 3: says the same as line 2"),
        ("person\nAnn", "no column `file`"),
        ("file,persn\n01.mp4,Ann", "Did you mean person"),
        ("file,stretch\n01.mp4,legs-up-wall", "Did you mean 'legs-up-the-wall'"),
        ("file,stretch\n01.mp4,/etc/passwd.toml", "catalogue only"),
        ("file,date\n01.mp4,yesterday", "'yesterday' is no date"),
        ("file,pain_before\n01.mp4,11", "no pain before"),
        ("file,pain_after\n01.mp4,much", "'much' is no pain after"),
        ("file,side\n01.mp4,up", "no side 'up'"),
        ("file,stretch,side\n01.mp4,legs-up-the-wall,left", "both sides at once"),
        ("file,person\n01.mp4,Ann\u2028Bob", "cannot be shown"),
        ("file\n01.mp4,Ann", "2 fields"),
        ("file\n" + '"' + "x" * 200_000, "no CSV"),
        ("file\n", "no line"),
        ("", "no column"),
    ],
)
def test_plan_that_cannot_be_meant(numbers: Path, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "secret.mp4").write_text("not yours")
    (numbers / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    (numbers / "up").symlink_to(tmp_path)
    with pytest.raises(UsageError, match=re.escape(words)):
        jobs_of(text, numbers, tmp_path)


def test_links(numbers: Path, tmp_path: Path, quick: Any) -> None:
    """One that stays inside is a file like any other; one that leads out is never read."""
    (tmp_path / "secret.mp4").write_text("3")
    (numbers / "in.mp4").symlink_to(numbers / "05.mp4")
    (numbers / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (numbers / "self.mp4").symlink_to(numbers / "self.mp4")
    (numbers / "folder").symlink_to(tmp_path)
    assert jobs_of("file\nin.mp4", numbers, tmp_path)[0].problem == ""
    quick(numbers, *LEGS, "--match", "*t.mp4", "--match", "s*.mp4", "-q")
    rows = table(numbers / "posecheck-batch.csv")
    assert list(rows) == ["out.mp4", "self.mp4"]
    assert "leads out" in rows["out.mp4"]["error"]
    assert all(row["error"] and not row["sha256"] for row in rows.values())


def test_link_changed_after_the_plan(numbers: Path, tmp_path: Path) -> None:
    from posecheck.batch.folders import LocalFolder
    from posecheck.core.errors import SourceError

    folder = LocalFolder.at(numbers)
    assert not folder.find("01.mp4").problem
    (numbers / "01.mp4").unlink()
    (numbers / "01.mp4").symlink_to("/etc/passwd")
    with pytest.raises(SourceError, match="leads out"), folder.as_local_path("01.mp4"):
        pass
    (numbers / "deep").symlink_to(tmp_path)
    with pytest.raises(SourceError, match="leads out"):
        folder.put(numbers / "02.mp4", "deep/x.parquet")
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text here")
def test_name_that_is_no_text(numbers: Path, quick: Any) -> None:
    Path(os.fsdecode(bytes(numbers) + b"/\xff.mp4")).write_text("4")
    done = quick(numbers, *LEGS, "--match", "0[01].mp4", "--match", "\udcff.mp4", "--json", "-")
    assert done.code == 0, done.err
    assert [clip["file"] for clip in json.loads(done.out)["clips"]][-1] == "\\udcff.mp4"


# --- bad usage ------------------------------------------------------------------------------------


def test_refusals(numbers: Path, tmp_path: Path, quick: Any) -> None:
    from posecheck.batch.folders import LocalFolder
    from posecheck.batch.plan import Defaults, plan_folder

    with pytest.raises(UsageError, match="no such folder"):
        LocalFolder.at(tmp_path / "none")
    with pytest.raises(UsageError, match=r"no recording.*\*\.xyz"):
        plan_folder(LocalFolder.at(numbers), ["*.xyz"], Defaults())
    mine = tmp_path / "mine.csv"
    mine.write_text("precious")
    quick(numbers, "--csv", mine).failed_clearly("mine.csv", "no batch wrote it")
    quick(numbers, "--plan", mine, "--csv", mine).failed_clearly("overwrite")
    assert mine.read_text() == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.csv", "numbers"]


# --- processes that die ---------------------------------------------------------------------------


def pool(work: Callable[[Any], Any], jobs: list[Any], limit_s: float = 100.0) -> dict[Any, Any]:
    """Do jobs in two processes; what was given up says why."""
    done = run_in_processes(jobs, work, lambda _, why: why, workers=2, limit_s=limit_s)
    return dict(done)


def die_or_live(job: tuple[str, str]) -> str:
    """Write down that it was tried, then do as the job says."""
    file, fate = job
    with Path(file).open("a", encoding="utf-8") as tried:
        tried.write("x")
    if fate == "once" and Path(file).read_text() == "x":
        os._exit(3)
    if fate == "always":
        signal.raise_signal(signal.SIGSEGV)
    if fate == "refuse":
        raise PosecheckError("no model")
    return fate


def test_what_was_done_beside_an_error_of_all_clips_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Fake:
        job = "clip"

        def receive(self) -> list[tuple[str, str]]:
            return [("clip", "row")]

    class Failing(Fake):
        def receive(self) -> list[tuple[str, str]]:
            raise PosecheckError("no model")

    monkeypatch.setattr(
        "posecheck.batch.pool._assign_jobs", lambda pool, *_: pool.extend([Fake(), Failing()])
    )
    monkeypatch.setattr("posecheck.batch.pool._wait_for_news", list)
    monkeypatch.setattr("posecheck.batch.pool._stop_all", list)
    done = run_in_processes(["clip"], str, lambda _job, why: why, workers=2, limit_s=1)
    assert next(done) == ("clip", "row")
    with pytest.raises(PosecheckError, match="no model"):
        next(done)


def my_cores(_: int) -> tuple[int, ...]:
    return tuple(sorted(os.sched_getaffinity(0)))


@pytest.fixture
def two_cores() -> Iterator[tuple[int, ...]]:
    """At most two, of however many there are."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("no process can choose its cores here")
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:2])
    yield tuple(sorted(before)[:2])
    os.sched_setaffinity(0, before)


def test_processes_that_fill_all_cores_keep_to_one_each(two_cores: tuple[int, ...]) -> None:
    def seen_by(workers: int) -> set[tuple[int, ...]]:
        jobs = range(workers)  # everybody gets one
        done = run_in_processes(jobs, my_cores, lambda *_: (), workers=workers, limit_s=100)
        return {cores for _, cores in done}

    assert seen_by(3) == seen_by(2) == {(core,) for core in two_cores}
    assert seen_by(1) == {two_cores}


def test_process_that_crashes_is_one_clip(tmp_path: Path) -> None:
    fates = ["well", "always", "well", "once", "well"]
    jobs = [(str(tmp_path / str(k)), fate) for k, fate in enumerate(fates)]
    done = pool(die_or_live, jobs)
    assert [done[job] for job in jobs if job[1] != "always"] == ["well", "well", "once", "well"]
    assert "SIGSEGV" in done[jobs[1]]
    assert [len(Path(file).read_text()) for file, _ in jobs] == [1, 2, 1, 2, 1]


def test_clip_that_takes_too_long() -> None:
    done = pool(time.sleep, [100.0, 0.0], limit_s=6.0)
    assert done[0.0] is None
    assert "took longer" in done[100.0]


def test_error_about_more_than_one_clip_stops_all(tmp_path: Path) -> None:
    with pytest.raises(PosecheckError, match="no model"):
        pool(die_or_live, [(str(tmp_path / "a"), "refuse"), (str(tmp_path / "b"), "well")])


def test_process_that_cannot_begin() -> None:
    with pytest.raises(PosecheckError, match="before it could begin"):
        pool(_DiesOnArrival(), [1])


def imported_from(_: object) -> str:
    import colorsys

    return str(Path(colorsys.__file__).parent)


def test_code_beside_the_clips_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("multiprocessing", "numpy", "colorsys"):
        trap = "import pathlib; pathlib.Path(__file__ + '.run').touch()"
        (tmp_path / f"{name}.py").write_text(trap)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    assert pool(imported_from, [1]) == {1: str(Path(os.__file__).parent)}
    assert not list(tmp_path.glob("*.run"))
    assert "PYTHONSAFEPATH" not in os.environ


class _DiesOnArrival:
    """Cannot be unpickled anywhere."""

    def __call__(self, job: object) -> None:
        raise NotImplementedError

    def __reduce__(self) -> Any:
        return os._exit, (4,)


# --- the ledger and the table ---------------------------------------------------------------------


def test_ledger_of_somebody_else(tmp_path: Path) -> None:
    from posecheck.batch.ledger import Ledger, look_up

    (tmp_path / "r.csv.state").write_text("not a database, but long enough to be taken for one")
    with pytest.raises(UsageError, match=r"r\.csv\.state"):
        Ledger(tmp_path / "r.csv")
    with pytest.raises(UsageError, match=r"r\.csv\.state"):
        look_up(tmp_path / "r.csv")
    assert look_up(tmp_path / "other.csv") == {}


def test_table_with_times_and_names_that_look_like_formulas(tmp_path: Path) -> None:
    from posecheck.batch.job import ClipResult
    from posecheck.batch.ledger import LedgerEntry
    from posecheck.batch.summary import save_csv

    done = [LedgerEntry(ClipResult(file="=1+1.mp4", verdict="good"), 1.5)]
    save_csv(done, tmp_path / "r.csv", times=True)
    (row,) = table(tmp_path / "r.csv").values()
    assert (row["file"], row["took_s"]) == ("./=1+1.mp4", "1.5")
