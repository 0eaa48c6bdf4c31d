"""Where the pose model comes from: real servers on the loopback, real pip, real processes."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from posecheck.core.errors import ModelError
from posecheck.media.open import open_source
from posecheck.pose.detector import open_detector
from posecheck.pose.model import build, download, locate, npm, packages, wheel
from posecheck.pose.model.bundle import DETECTOR, LANDMARKER
from posecheck.pose.model.download import FetchFailedError, Progress
from posecheck.pose.model.locate import ModelFacts, model_facts, resolve_model
from posecheck.pose.model.tflite import unpacked
from posecheck.pose.sighting import Preparer
from tests.fixtures import servers
from tests.fixtures.paths import SAMPLES
from tests.fixtures.servers import CLOSED, Answer, Serve

FULL = "pose_landmarker_full.task"
FULL_PATH = f"/pose_landmarker_full/float16/latest/{FULL}"


def make_bundle(*members: str, filling: bytes = b"network", how: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as opened:
        for member in members or (DETECTOR, LANDMARKER):
            opened.writestr(member, filling * 20_000)
    return target.getvalue()


BUNDLE = make_bundle()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and none of the developer's settings."""
    for name in ("POSECHECK_MODEL", "POSECHECK_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setattr(locate, "OFFICIAL_BASE_URL", CLOSED)
    folder = tmp_path / "home"
    monkeypatch.setenv("POSECHECK_HOME", str(folder))
    return folder


@pytest.fixture
def no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, progress: Progress) -> bytes:
        raise FetchFailedError("the package index is out of bounds here")

    monkeypatch.setattr(locate, "build_bundle", refuse)


@pytest.fixture
def expect_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(locate.OFFICIAL_SHA256, "full", frozenset({sha256(BUNDLE)}))


def sending(data: bytes, *, length: int | None = None) -> Answer:
    return servers.sending({FULL_PATH: data}, length=length)


def cached(home: Path) -> Path:
    return home / "models" / FULL


def leftovers(home: Path) -> list[str]:
    """Everything under the data folder that is not a model in its place."""
    return [str(p) for p in home.rglob("*") if p.is_file() and p.name != FULL]


# --- the official download ------------------------------------------------------------------


@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_download_lands_in_the_cache_and_is_used_again(home: Path, serve: Serve) -> None:
    seen: list[tuple[str, int, int | None]] = []
    path = resolve_model(
        "full", base_url=serve(sending(BUNDLE)), progress=lambda *a: seen.append(a)
    )

    assert path == cached(home)
    assert path.read_bytes() == BUNDLE
    assert leftovers(home) == []
    assert seen[0][1:] == (0, None)
    assert seen[-1][1:] == (len(BUNDLE), len(BUNDLE))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    # The second time nothing is asked of any server.
    assert resolve_model(base_url=CLOSED) == path
    assert model_facts(path) == locate.ModelFacts(
        "full", sha256(BUNDLE), path, len(BUNDLE), "official"
    )


@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_base_url_is_also_a_module_constant(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "OFFICIAL_BASE_URL", serve(sending(BUNDLE)) + "/")
    assert resolve_model().read_bytes() == BUNDLE


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_cache_is_for_its_owner_only(home: Path, serve: Serve) -> None:
    path = resolve_model("full", base_url=serve(sending(BUNDLE)))
    assert [p.stat().st_mode & 0o777 for p in (home, path.parent, path)] == [0o700, 0o700, 0o600]


def not_found(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


def redirecting(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://model.invalid/model.task")
    handler.end_headers()


def hanging_up(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(sending(BUNDLE[:-1] + b"x"), "sha256", id="wrong hash"),
        pytest.param(sending(BUNDLE[:100_000], length=len(BUNDLE)), "broke off", id="truncated"),
        pytest.param(sending(b""), "sha256", id="empty"),
        pytest.param(not_found, "answered 404", id="404"),
        pytest.param(redirecting, "by https", id="redirect to plain http"),
        pytest.param(hanging_up, "could not be reached", id="hangs up"),
    ],
)
@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_bad_answer_is_refused_and_nothing_kept(
    home: Path, serve: Serve, answer: Answer, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        resolve_model("full", base_url=serve(answer))
    assert not cached(home).exists()
    assert leftovers(home) == []


@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    monkeypatch.setattr(download, "_LARGEST_MODEL", 100_000)
    with pytest.raises(ModelError, match="far more than a model"):
        resolve_model("full", base_url=serve(sending(BUNDLE)))


@pytest.mark.usefixtures("no_build")
def test_silent_server_is_given_up_on(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    monkeypatch.setattr(download, "CONNECT_TIMEOUT_S", 0.3)
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"did not answer within 0\.3 s"):
        resolve_model("full", base_url=serve(lambda handler: time.sleep(1)))
    assert time.monotonic() - start < 2


@pytest.mark.usefixtures("no_build")
def test_slow_name_lookup_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's own lookup knows no timeout; this one stands in for a resolver that is gone.
    monkeypatch.setattr(download, "CONNECT_TIMEOUT_S", 0.3)
    tested = threading.Event()

    def look_up(*_: object, **__: object) -> None:
        tested.wait(3)
        raise socket.gaierror("gave up")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"model\.invalid did not answer within 0\.3 s"):
        resolve_model("full", base_url="https://model.invalid")
    assert time.monotonic() - start < 2
    tested.set()


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        (CLOSED, "could not be reached"),
        ("https://model.invalid", "model.invalid"),
        ("http://model.invalid", "by https"),
        ("file:///", "by https"),
    ],
)
@pytest.mark.usefixtures("no_build")
def test_unreachable_fails_fast_with_the_three_ways_out(
    home: Path, base_url: str, reason: str
) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError, match=reason) as caught:
        resolve_model("full", base_url=base_url)
    assert time.monotonic() - start < 12
    text = str(caught.value)
    assert "\n" not in text
    assert "out of bounds" in text  # why the second way failed as well
    assert str(cached(home)) in text
    for way in ("`posecheck model full`", "POSECHECK_MODEL or --model", "copy one"):
        assert way in text


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_offline_touches_no_network(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object) -> bytes:
        pytest.fail("used the network")

    monkeypatch.setattr(locate, "download", forbidden)
    monkeypatch.setattr(locate, "build_bundle", forbidden)
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    with pytest.raises(ModelError, match="POSECHECK_OFFLINE") as caught:
        resolve_model(name)
    assert f"posecheck model {name}" in str(caught.value)
    # A model that is there already is no network use.
    target = home / "models" / f"pose_landmarker_{name}.task"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(BUNDLE)
    assert resolve_model(name) == target
    assert (model_facts(target).name, model_facts(target).origin) == (name, "cache")


# --- the cache ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(BUNDLE[: len(BUNDLE) // 2], id="half"),
        pytest.param(BUNDLE.replace(b"network", b"netwerk", 1), id="one letter"),
        pytest.param(make_bundle(DETECTOR), id="one member"),
    ],
)
@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_damaged_cache_is_fetched_again(home: Path, serve: Serve, damaged: bytes) -> None:
    cached(home).parent.mkdir(parents=True)
    cached(home).write_bytes(damaged)
    assert resolve_model("full", base_url=serve(sending(BUNDLE))).read_bytes() == BUNDLE


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_interrupted_write_leaves_nothing(
    home: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException | type[BaseException],
) -> None:
    def interrupted(descriptor: int) -> None:
        raise error

    monkeypatch.setattr("posecheck.pose.model.locate.os.fsync", interrupted)
    with pytest.raises((KeyboardInterrupt, ModelError)) as caught:
        resolve_model("full", base_url=serve(sending(BUNDLE)))
    assert not cached(home).exists()
    assert leftovers(home) == []
    if isinstance(caught.value, ModelError):
        assert "no space is left on this disk" in str(caught.value)


@pytest.mark.usefixtures("expect_bundle", "no_build")
def test_something_else_in_its_place_is_an_error_not_a_loss(home: Path, serve: Serve) -> None:
    (cached(home) / "mine").mkdir(parents=True)
    with pytest.raises(ModelError, match="cannot be kept"):
        resolve_model("full", base_url=serve(sending(BUNDLE)))
    assert (cached(home) / "mine").is_dir()
    assert leftovers(home) == []


def run_two(script: str) -> list[str]:
    """Run a script in two processes at once; what each printed."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    results = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], results
    return [out.strip() for out, _ in results]


def test_two_processes_fetch_at_once(home: Path, serve: Serve) -> None:
    together = threading.Barrier(2)  # broken, and the test fails, unless both really come

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        together.wait(timeout=6)
        sending(BUNDLE)(handler)

    printed = run_two(f"""
        from posecheck.pose.model import locate
        locate.OFFICIAL_SHA256["full"] = frozenset({{{sha256(BUNDLE)!r}}})
        locate.build_bundle = None
        print(locate.resolve_model("full", base_url={serve(answer)!r}))
    """)
    assert printed == [str(cached(home))] * 2
    assert cached(home).read_bytes() == BUNDLE
    assert leftovers(home) == []


# --- naming a model -------------------------------------------------------------------------


def test_own_file_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.task"
    mine.write_bytes(BUNDLE)
    assert resolve_model(mine) == mine
    assert resolve_model(str(mine)) == mine
    monkeypatch.chdir(tmp_path)
    assert resolve_model("mine.task") == Path("mine.task")
    monkeypatch.setenv("POSECHECK_MODEL", str(mine))
    assert resolve_model() == mine
    facts = model_facts(mine)
    assert (facts.name, facts.origin, facts.size_bytes) == ("mine", "file", len(BUNDLE))
    # Not the place it is in: only the cache gives a file a name.
    other = tmp_path / FULL
    other.write_bytes(BUNDLE)
    assert (model_facts(other).name, model_facts(other).origin) == (other.stem, "file")


def test_a_name_goes_before_the_environment(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_MODEL", str(tmp_path / "mine.task"))
    cached(home).parent.mkdir(parents=True)
    cached(home).write_bytes(BUNDLE)
    assert resolve_model("full") == cached(home)


def test_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME" if os.name == "posix" else "USERPROFILE", str(tmp_path))
    (tmp_path / "mine.task").write_bytes(BUNDLE)
    assert resolve_model("~/mine.task") == tmp_path / "mine.task"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "does not exist", id="missing"),
        pytest.param(b"hello", "not a whole zip", id="no zip"),
        pytest.param(make_bundle("hand_detector.tflite"), f"zip without {DETECTOR}", id="hands"),
        pytest.param(make_bundle(how=zipfile.ZIP_DEFLATED), "compressed", id="deflated"),
        pytest.param(BUNDLE[:-40], "not a whole zip", id="cut short"),
    ],
)
def test_own_file_that_will_not_do(tmp_path: Path, content: bytes | None, problem: str) -> None:
    mine = tmp_path / "mine.task"
    if content is not None:
        mine.write_bytes(content)
    with pytest.raises(ModelError, match=problem) as caught:
        resolve_model(mine)
    assert str(mine) in str(caught.value)
    assert caught.value.hint


def test_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a folder"):
        resolve_model(tmp_path)


def test_the_environment_is_named_when_it_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_MODEL", str(tmp_path / "gone.task"))
    with pytest.raises(ModelError, match="POSECHECK_MODEL"):
        resolve_model()


def test_facts_of_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        model_facts(tmp_path / "gone.task")


@pytest.mark.parametrize(
    ("typed", "meant"), [("havy", "heavy"), ("Full", "full"), ("light", "lite")]
)
def test_unknown_name_gets_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(ModelError, match=f"Did you mean '{meant}'"):
        resolve_model(typed)


def test_unlike_name_gets_the_list() -> None:
    with pytest.raises(ModelError, match="The models are lite, full and heavy"):
        resolve_model("zzz")


# --- building it from the wheel -------------------------------------------------------------


@pytest.fixture(scope="session")
def mediapipe_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    try:
        return wheel.fetch_wheel(folder, lambda *_: None)
    except FetchFailedError as error:
        pytest.skip(f"the wheel of mediapipe {wheel.WHEEL_VERSION} cannot be had: {error}")


def test_no_pip_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.pose.model.wheel.importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="has no pip"):
        resolve_model("full")


def test_pip_says_why_it_failed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # the user's own settings hold
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(ModelError, match="pip said: No matching distribution") as caught:
        resolve_model("full")
    assert "could not be reached" in str(caught.value)
    assert leftovers(home) == []


def test_a_pip_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("open('run', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match="pip said"):
        resolve_model("full")
    assert not (tmp_path / "run").exists()


def test_refused_index_fails_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{CLOSED}/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    start = time.monotonic()
    with pytest.raises(ModelError, match="pip could not reach the package index"):
        resolve_model("full")
    assert time.monotonic() - start < 15


def write_wheel(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def networks(package: Path, name: str) -> dict[str, bytes]:
    with package.open("rb") as opened:
        return packages.read_files(opened, build.RECIPES[name].wanted, what="the package")


def test_wheel_with_other_networks_is_refused(tmp_path: Path) -> None:
    other = write_wheel(tmp_path / "a.whl", dict.fromkeys(build.RECIPES["full"].wanted, b"?"))
    with pytest.raises(FetchFailedError, match="another sha256"):
        networks(other, "full")
    with pytest.raises(FetchFailedError, match="has no mediapipe/modules"):
        networks(write_wheel(tmp_path / "b.whl", {"README": b"?"}), "full")
    (tmp_path / "c.whl").write_bytes(b"no zip")
    with pytest.raises(FetchFailedError, match="cannot be read"):
        networks(tmp_path / "c.whl", "full")


def test_a_file_of_a_package_has_a_largest_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_LARGEST_FILE", 9_999)
    path = next(iter(build.RECIPES["full"].wanted))
    large = write_wheel(tmp_path / "a.whl", {path: b"?" * 10_000})
    with pytest.raises(FetchFailedError, match="far too large"):
        networks(large, "full")


def test_build_gives_the_same_bytes_each_time(mediapipe_wheel: Path, tmp_path: Path) -> None:
    first, second = (
        build.put_together("full", networks(mediapipe_wheel, "full")) for _ in range(2)
    )
    assert sha256(first) == sha256(second)
    path = tmp_path / "built.task"
    path.write_bytes(first)
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == [DETECTOR, LANDMARKER]
        for info in opened.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            # Aligned in the file, as MediaPipe's own bundler does it: "TFL3" is at offset 4.
            start = first.index(opened.read(info)[:64])
            assert start % 4 == 0
            assert first[start + 4 : start + 8] == b"TFL3"


@pytest.fixture(scope="session")
def pose_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("npm") / "pose.tgz"
    try:
        path.write_bytes(npm.fetch_package(build.POSE_PACKAGE, lambda *_: None))
    except FetchFailedError as error:
        pytest.skip(f"{build.POSE_PACKAGE} cannot be had: {error}")
    return path


@pytest.mark.parametrize("name", ["lite", "heavy"])
def test_lite_and_heavy_are_built_from_the_npm_package(
    home: Path,
    pose_package: Path,
    model: ModelFacts,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archive = pose_package.read_bytes()
    monkeypatch.setattr(npm, "fetch_package", lambda package, progress: archive)
    path = resolve_model(name, base_url=CLOSED)
    assert path == home / "models" / f"pose_landmarker_{name}.task"
    facts = model_facts(path)
    assert (facts.name, facts.origin) == (name, "built from @mediapipe/pose 0.5.1675469404")
    moved = home / "mine.task"
    moved.write_bytes(path.read_bytes())
    assert model_facts(moved).name == name

    with open_source(SAMPLES / "legs-up-the-wall.jpg") as source:
        picture = Preparer()(next(iter(source.frames(640))))
    seen = []
    for file in (path, model.path):
        detector = open_detector(file, video=False, n_people=1, outline=False)
        seen.append(detector.detect(picture)[0].image[11:29])  # shoulders to ankles
        detector.close()
    # Each has weights of its own, and all see the same person.
    assert 0 < np.median(np.hypot(*(seen[0] - seen[1]).T)) < 0.03 * 640


def test_the_detector_of_the_npm_package_is_that_of_the_wheel(
    mediapipe_wheel: Path, pose_package: Path
) -> None:
    pair = []
    for package, name in ((mediapipe_wheel, "full"), (pose_package, "heavy")):
        detector = networks(package, name)[build.RECIPES[name].detector.path]
        network = unpacked(detector)
        (graph,) = network.subgraphs
        pair.append([(one.name, network.buffers[one.buffer].data) for one in graph.tensors])
    assert len(pair[0]) == len(pair[1])
    for (name, data), (other_name, other_data) in zip(*pair, strict=True):
        assert name == other_name
        assert np.array_equal(data, other_data)


@pytest.mark.usefixtures("mediapipe_wheel")  # skips when there is no package index
def test_two_processes_build_at_once_and_mediapipe_runs_it(home: Path) -> None:
    printed = run_two(f"""
        from posecheck.pose.model import locate
        print(locate.resolve_model("full", base_url={CLOSED!r}))
    """)
    assert printed == [str(cached(home))] * 2
    assert leftovers(home) == []
    facts = model_facts(cached(home))
    assert (facts.name, facts.origin) == ("full", "built from mediapipe 0.10.21")

    import mediapipe as mp
    import numpy as np
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(cached(home)))
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        blank = mp.Image(
            image_format=mp.ImageFormat.SRGB, data=np.zeros((240, 320, 3), dtype=np.uint8)
        )
        assert landmarker.detect(blank).pose_landmarks == []


def test_a_model_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "a.task"
    os.mkfifo(pipe)
    with pytest.raises(ModelError, match="not a regular file"):
        resolve_model(pipe)
