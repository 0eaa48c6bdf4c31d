"""The same batch on a cluster: a real scheduler, two worker processes, one of which is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from posecheck.batch import cluster as on_cluster
from posecheck.batch.cluster import run_on_cluster
from posecheck.batch.folders import RemoteFolder
from posecheck.core.errors import PosecheckError, SourceError, UsageError
from tests.fixtures.batches import LINE, ended, rows_of, run, started, table
from tests.fixtures.commands import LEGS
from tests.fixtures.paths import SAMPLES
from tests.fixtures.videos import cut

distributed = pytest.importorskip("distributed")

NAMES = ("legs-up-the-wall", "cobra", "bridge", "cat-cow", "childs-pose", "low-lunge")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two workers, each in a process that is begun anew when it dies."""
    import dask

    settings = {"distributed.scheduler.allowed-failures": 1}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as begun,
    ):
        yield begun


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six clips of a second."""
    folder = tmp_path_factory.mktemp("clips")
    for name in NAMES:
        cut(SAMPLES / f"{name}.mp4", folder / f"{name}.mp4", 1)
    return folder


def done(work: Any, jobs: list[Any], address: str) -> dict[Any, Any]:
    """Do jobs on a cluster; what was given up says why."""
    return dict(run_on_cluster(jobs, work, lambda _, why: why, address=address))


def test_worker_killed_midway(
    cluster: Any,
    clips: Path,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every clip has one row and one session, as if nothing had happened."""
    from posecheck.pose.model.locate import resolve_model
    from posecheck.sessions import History

    alone, shared = tmp_path / "alone.csv", tmp_path / "shared.csv"
    monkeypatch.setenv("POSECHECK_MODEL", str(resolve_model()))
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSECHECK_DB", postgres_url % "postgres")
    process = started(
        clips, *LEGS, "--save", "--csv", shared, "--scheduler", cluster.scheduler_address
    )
    first = rows_of(process, 1)
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        busy = [worker for worker, tasks in client.processing().items() if tasks]
        os.kill(client.run(os.getpid, workers=busy[:1])[busy[0]], signal.SIGKILL)
    assert process.poll() is None, "it was not yet at its end"
    end = ended(process)
    assert end.code == 0, end.err
    told = LINE.findall(first + end.err)
    assert sorted(told) == sorted(f"{name}.mp4" for name in NAMES)
    assert run(clips, *LEGS, "--csv", alone).code == 0
    assert alone.read_bytes() == shared.read_bytes()
    with History() as history:
        assert history.problems() == []
        kept = history.sessions()
    assert len(kept) == len(NAMES)


def test_files_and_landmarks_on_urls(
    cluster: Any, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive stands for object storage; the rows are those of the files in it."""
    import posecheck
    from posecheck.pose.model.locate import resolve_model

    monkeypatch.setenv("POSECHECK_MODEL", str(resolve_model()))
    archive, result, landmarks = tmp_path / "a.zip", tmp_path / "r.csv", tmp_path / "landmarks"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(clips / "cobra.mp4", "ann/cobra.mp4")
        packed.writestr("ann/text.mp4", "no video")
        packed.writestr("notes.txt", "not asked for")
    landmarks.mkdir()
    asked = ("--csv", result, "--landmarks", f"file://{landmarks}")
    url: Any = f"zip://::file://{archive}"
    end = run(url, *LEGS, *asked, "--scheduler", cluster.scheduler_address)
    assert end.code == 1, end.err
    rows = table(result)
    assert list(rows) == ["ann/cobra.mp4", "ann/text.mp4"]
    assert rows["ann/cobra.mp4"]["frames"] == "15"
    assert "not a video or photo" in rows["ann/text.mp4"]["error"]
    series = posecheck.load_landmarks(landmarks / "ann" / "cobra.mp4.parquet")
    assert series.source.path.endswith("ann/cobra.mp4")
    run(url, *LEGS, "--scheduler", cluster.scheduler_address).failed_clearly(
        "say where the results go"
    )


def test_scheduler_that_dies(tmp_path: Path) -> None:
    """One clear error after what is done, and no waiting for ever."""
    file = tmp_path / "scheduler.json"
    ours = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
    begin = [sys.executable, "-m", "distributed.cli.dask_scheduler", *ours, "--port", "0"]
    join = [sys.executable, "-m", "distributed.cli.dask_worker", *ours, "--no-nanny"]
    with (
        dask_process([*begin, "--scheduler-file", str(file)]) as scheduler,
        dask_process([*join, "--nthreads", "1", "--scheduler-file", str(file)]),
    ):
        until_s = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until_s:
            time.sleep(0.1)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        results = run_on_cluster([0.5] * 9, time.sleep, lambda _, why: why, address=address)
        assert next(results) == (0.5, None)
        scheduler.kill()
        with pytest.raises(UsageError, match="was lost"):
            list(results)


@contextmanager
def dask_process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or a worker, ended at the end."""
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as process:
        try:
            yield process
        finally:
            process.kill()


def test_clip_that_kills_every_worker(cluster: Any) -> None:
    """It alone is blamed, and none of those that only waited behind it at the same workers."""
    fates = [0, signal.SIGKILL, 0, 0, 0]
    jobs = [(fate, number) for number, fate in enumerate(fates)]
    results = done(die, jobs, cluster.scheduler_address)
    assert [results[job] for job in jobs if not job[0]] == [0, 2, 3, 4]
    assert "Every worker" in results[jobs[1]]


def die(job: tuple[int, int]) -> int:
    """Do as the job says."""
    time.sleep(0.1)
    if job[0]:
        os.kill(os.getpid(), job[0])
    return job[1]


def refuse(job: int) -> int:
    """As a worker does that has no model."""
    raise PosecheckError(f"no model for {job}")


def fail(job: int) -> int:
    """As a worker does that lacks a package."""
    raise ModuleNotFoundError(f"No module named {job}")


def test_cluster_that_cannot_work(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address = cluster.scheduler_address
    with pytest.raises(PosecheckError, match="no model"):
        done(refuse, [1, 2], address)
    with pytest.raises(UsageError, match=r"cannot work.*ModuleNotFoundError"):
        done(fail, [1, 2], address)
    monkeypatch.setattr(on_cluster, "_CONNECT_S", 0.5)
    with pytest.raises(UsageError, match="cannot be reached"):
        done(abs, [1], "tcp://127.0.0.1:1")
    with pytest.raises(UsageError, match="cannot be reached"):
        done(abs, [1], "nonsense://x")
    assert done(abs, [], "tcp://127.0.0.1:1") == {}
    with (
        distributed.LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as empty,
        pytest.raises(UsageError, match="no workers"),
    ):
        done(abs, [1], empty.scheduler_address)


def test_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(UsageError, match=r"pip install 'posecheck\[cluster\]'"):
        done(abs, [1], "tcp://127.0.0.1:1")
    with pytest.raises(UsageError, match=r"pip install 'posecheck\[cluster\]'"):
        RemoteFolder.at("s3://bucket/clips")


def test_folder_on_a_url(tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe({"/clips/a.mp4": b"one", "/clips/deep/b.mp4": b"two", "/secret.mp4": b"three"})
    folder = RemoteFolder.at("memory://clips")
    found = {one.file: one for one in folder.files()}
    assert sorted(found) == ["a.mp4", "deep/b.mp4"]
    memory.pipe({"/clips/a.mp4": b"four"})
    assert folder.find("a.mp4").stamp != found["a.mp4"].stamp
    with folder.as_local_path("deep/b.mp4") as path:
        assert path.read_bytes() == b"two"
        assert path.suffix == ".mp4"
    assert not path.exists()
    assert "No such file" in folder.find("none.mp4").problem
    (tmp_path / "part").write_bytes(b"five")
    folder.put(tmp_path / "part", "out/c.parquet")
    assert memory.cat("/clips/out/c.parquet") == b"five"
    for wrong in ("../secret.mp4", "/secret.mp4", "memory://secret.mp4"):
        assert "leads out" in folder.find(wrong).problem
        with pytest.raises(SourceError, match="leads out"), folder.as_local_path(wrong):
            pass
        with pytest.raises(SourceError, match="leads out"):
            folder.put(tmp_path / "part", wrong)
