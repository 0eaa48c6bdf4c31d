"""Files made to hurt: a clear error, soon, in little memory, and nothing written elsewhere.

What random damage does is in `test_video_fuzz` and `test_parquet`.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import threading
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import posecheck as pc
from posecheck.cli import main
from posecheck.core import limits
from posecheck.core.errors import DefinitionError, LandmarkFileError, PosecheckError, SourceError
from posecheck.core.limits import time_limit
from posecheck.landmarks.parquet import load_landmarks, save_landmarks
from posecheck.media.open import open_source
from posecheck.stretches import load_stretch
from posecheck.stretches.problems import read_definition
from posecheck.stretches.reader import template
from tests.fixtures.bodies import stick_figure
from tests.fixtures.composed import RENDERED
from tests.fixtures.videos import make_video

CLIP = RENDERED["childs-pose"]
SOON_S = 10.0  # a tenth of it is needed on a machine with nothing else to do
LITTLE_MB = 400
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 3 * SOON_S


def opened(path: Path) -> int:
    """How many frames there are to read."""
    with open_source(path) as source:
        return sum(1 for _ in source.frames(32))


def assert_one_sentence(error: PosecheckError, path: Path) -> None:
    words = str(error)
    assert str(path) in words
    assert error.hint.endswith((".", "?"))
    assert len(words) < len(str(path)) + 5000 and "Traceback" not in words


# -------------------------------------------------------------------- pictures that claim a lot


def png(width: int, height: int, *extra: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(25 * 8))
    chunks = [(b"IHDR", size), *extra, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def stored(kind: str) -> bytearray:
    buffer = io.BytesIO()
    Image.new("P" if kind == "GIF" else "RGB", (16, 16)).save(buffer, kind)
    return bytearray(buffer.getvalue())


def jpeg(width: int, height: int) -> bytes:
    data = stored("JPEG")
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif(width: int, height: int) -> bytes:
    data = stored("GIF")
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def tiff(width: int, height: int) -> bytes:
    data = stored("TIFF")
    first = struct.unpack("<I", data[4:8])[0]
    for k in range(struct.unpack("<H", data[first : first + 2])[0]):
        at = first + 2 + 12 * k
        value = {256: width, 257: height}.get(struct.unpack("<H", data[at : at + 2])[0])
        if value is not None:
            data[at + 2 : at + 4], data[at + 8 : at + 12] = b"\4\0", struct.pack("<I", value)
    return bytes(data)


def zeros(n_bytes: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(n_bytes // 1_000_000)) + packer.flush()


BOMBS: dict[str, Callable[[], bytes]] = {
    "a.png": lambda: png(100_000, 100_000),
    "words.png": lambda: png(8, 8, (b"zTXt", b"k\0\0" + zeros(200_000_000))),
    "colours.png": lambda: png(8, 8, (b"iCCP", b"k\0\0" + zeros(200_000_000))),
    "a.jpg": lambda: jpeg(65_535, 65_535),
    "a.gif": lambda: gif(65_535, 65_535),
    "a.tiff": lambda: tiff(100_000, 100_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_photo_that_unfolds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    assert path.stat().st_size < 300_000
    with pytest.raises(SourceError) as caught:
        opened(path)
    assert_one_sentence(caught.value, path)


def test_an_animation_is_not_counted_frame_by_frame(tmp_path: Path) -> None:
    head = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    one = b"\x2c" + bytes(4) + b"\1\0\1\0\0\2\2\x44\1\0"
    path = tmp_path / "long.gif"
    path.write_bytes(head + 400_000 * one + b";")
    started = time.perf_counter()
    with open_source(path) as source:
        assert next(source.frames()).index == 0
    assert time.perf_counter() - started < 2.0


# ------------------------------------------------------------------------ an index that lies


@pytest.fixture(scope="module")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_video(tmp_path_factory.mktemp("mp4") / "a.mp4").read_bytes()


def changed(data: bytes, box: bytes, offset: int, *values: int) -> bytes:
    at = data.index(box) + 4 + offset
    return data[:at] + struct.pack(f">{len(values)}I", *values) + data[at + 4 * len(values) :]


def many_frames(data: bytes, n: int) -> bytes:
    """`n` frames of one byte each, all in one piece."""
    data = changed(data, b"stsz", 4, 1, n)
    data = changed(data, b"stts", 4, 1, n, 1)
    return changed(data, b"stsc", 4, 1, 1, n, 1)


LIES: dict[str, Callable[[bytes], bytes]] = {
    "ten million frames": lambda data: many_frames(data, 10_000_000),
    "forty million frames": lambda data: many_frames(data, 40_000_000),
    "two thousand million frames": lambda data: many_frames(data, 0x7FFFFFFF),
    "frames of any size": lambda data: changed(data, b"stsz", 4, 0, 0xFFFFFFFF),
    "in a free box": lambda data: many_frames(data, 40_000_000).replace(b"moov", b"hoov"),
    "packed": lambda data: data.replace(b"mvhd", b"cmov"),
}


@pytest.mark.parametrize("name", LIES)
def test_an_index_that_claims_too_much(tmp_path: Path, mp4: bytes, name: str) -> None:
    path = tmp_path / "lie.mp4"
    path.write_bytes(LIES[name](mp4))
    with pytest.raises(SourceError, match="cannot be true") as caught:
        opened(path)
    assert_one_sentence(caught.value, path)


def test_fragments_that_claim_too_much(tmp_path: Path, mp4: bytes) -> None:
    def box(kind: bytes, *inside: bytes) -> bytes:
        data = b"".join(inside)
        return struct.pack(">I", 8 + len(data)) + kind + data

    run = box(b"trun", struct.pack(">II", 0, 40_000_000))
    path = tmp_path / "fragments.mp4"
    path.write_bytes(mp4 + box(b"moof", box(b"traf", run)))
    with pytest.raises(SourceError, match="cannot be true"):
        opened(path)


@pytest.mark.parametrize(
    ("box", "offset", "values"),
    [
        (b"tkhd", 76, (0xFFFF0000, 0xFFFF0000)),  # how large it is to be shown
        (b"mvhd", 16, (0xFFFFFFFE,)),  # how long it is
        (b"stts", 8, (0x7FFFFFFF, 1)),
        (b"elst", 4, (0x7FFFFFFF,)),
    ],
    ids=["shown-size", "length", "times", "edits"],
)
def test_absurd_claims_cost_nothing(
    tmp_path: Path, mp4: bytes, box: bytes, offset: int, values: tuple[int, ...]
) -> None:
    if box not in mp4:
        pytest.skip(f"this FFmpeg writes no {box.decode()}")
    path = tmp_path / "absurd.mp4"
    path.write_bytes(changed(mp4, box, offset, *values))
    try:
        assert opened(path) <= 10
    except SourceError as error:
        assert_one_sentence(error, path)


@needs_linux
def test_bombs_leave_the_memory_alone(tmp_path: Path, mp4: bytes) -> None:
    for name, bomb in BOMBS.items():
        (tmp_path / name).write_bytes(bomb())
    for k, lie in enumerate(LIES.values()):
        (tmp_path / f"{k}.mp4").write_bytes(lie(mp4))
    for name, table in PARQUETS.items():
        table(tmp_path / f"{name}.parquet")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from posecheck.core.errors import PosecheckError\n"
        "from posecheck.landmarks.parquet import load_landmarks\n"
        "from posecheck.media.open import open_source\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        if path.suffix == '.parquet': load_landmarks(path)\n"
        "        else:\n"
        "            with open_source(path) as source: sum(1 for _ in source.frames(32))\n"
        "        print('read', path.name)\n"
        "    except PosecheckError: pass\n"
        "print(peak() - before)\n"
    )
    run = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60)
    (more_mb,) = done.stdout.split("\n")[:-1]
    assert int(more_mb) < LITTLE_MB
    assert done.stderr == ""


# ----------------------------------------------------------------------- what has no end


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    ("suffix", "read"),
    [("mp4", opened), ("toml", load_stretch), ("parquet", load_landmarks)],
    ids=["video", "definition", "landmarks"],
)
@needs_linux
def test_a_stream_without_end(
    tmp_path: Path, kind: str, suffix: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / f"endless.{suffix}"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(PosecheckError, match="not a regular file") as caught:
        read(path)
    assert_one_sentence(caught.value, path)


def test_a_file_that_grows_as_fast_as_it_is_read(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.ts", noise=True)
    more, done = 4 * path.read_bytes(), threading.Event()

    def write_on() -> None:
        with path.open("ab") as file:
            while not done.wait(0.002):
                file.write(more)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with time_limit(0.5), pytest.raises(SourceError, match=r"0\.5 s allowed") as caught:
            opened(path)
    finally:
        done.set()
        writer.join()
    assert "--time-limit" in str(caught.value)


def test_more_frames_than_anybody_films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "a.mp4")
    monkeypatch.setattr(limits, "MAX_FRAMES", 5)
    with pytest.raises(SourceError, match="more than 5 frames") as caught:
        opened(path)
    assert "Cut the part" in str(caught.value)


def test_a_recording_of_days(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", times_ms=[0, 40, 80, 3 * 86_400_000])
    with pytest.raises(SourceError, match="goes on after 12 hours"):
        opened(path)


# -------------------------------------------------------------------------------- time limit


def test_a_time_limit_stops_reading(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", times_ms=[40 * k for k in range(100)])
    with (
        pytest.raises(SourceError, match=r"takes more than the 0\.2 s allowed for it"),
        time_limit(0.2),
        open_source(path) as source,
    ):
        for _ in source.frames():
            time.sleep(0.01)
    assert opened(path) == 100  # outside the block there is time again


def test_a_time_limit_holds_for_a_whole_check() -> None:
    with time_limit(0.3), pytest.raises(SourceError, match=r"0\.3 s allowed"):
        pc.check(CLIP, "childs-pose")


@pytest.mark.parametrize("limit_s", [0.0, -1.0, float("nan")])
def test_no_time_limit(limit_s: float) -> None:
    with pytest.raises(PosecheckError, match="no time limit"), time_limit(limit_s):
        pass


# ------------------------------------------------------------------------------- definitions

DEFINITIONS = {
    "an array in an array": "a = " + "[" * 5000,
    "arrays on lines of their own": "a = " + "[\n" * 20_000,
    "tables in tables": "a" + ".a" * 2000 + " = 1",
    "headers in headers": "\n".join(f"[a{k}" + ".a" * 2000 + "]" for k in range(10)),
    "a line without end": "a" + ".a" * 30_000 + " = 1",
    "inline tables": "a = " + "{a = " * 1000,
    "many keys": "\n".join(f"k{k} = 1" for k in range(5000)),
    "many cues": "[[cue]]\n" * 7900,
    "long statements": "".join(f"k{k} = [\n" + ("1," * 80 + "\n") * 38 + "]\n" for k in range(9)),
    "a long name": f'id = "{"a-" * 2900}"',
    "a long number": "version = " + "9" * 5000,
    "a large number": "version = " + "9" * 4000,
    "endless numbers": "version = inf\n[hold]\nmin_s = nan",
    "too large": "# " + "x" * 100_000,
    "null": 'id = "\0"',
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_made_to_hurt(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hurts.toml"
    path.write_text(DEFINITIONS[name])
    started = time.perf_counter()
    with pytest.raises(DefinitionError) as caught:
        load_stretch(path)
    assert time.perf_counter() - started < SOON_S
    assert len(str(caught.value)) < 20_000


PIECES = (
    "[",
    "]",
    "{",
    "}",
    "'''",
    '"""',
    "\\u",
    "9" * 60,
    "inf",
    ".",
    "=",
    "\n",
    "[[cue]]\n",
    "é",
)
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), st.sampled_from(PIECES)),
    min_size=1,
    max_size=5,
)


@given(changes=CHANGES)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_damaged_definitions(changes: list[tuple[float, int, str]]) -> None:
    text = template()
    for place, n_cut, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + n_cut :]
    stretch, problems = read_definition(text)
    assert (stretch is None) == bool(problems)
    assert all(str(problem) for problem in problems)


# ---------------------------------------------------------------------------------- landmarks


def saved(path: Path) -> pa.Table:
    return pq.read_table(save_landmarks(stick_figure(t_s=np.arange(24) / 12), path))


def with_facts(table: pa.Table, facts: bytes) -> pa.Table:
    return table.replace_schema_metadata({b"posecheck": facts})


def rows(path: Path, n: int, n_groups: int, columns: int = 0) -> None:
    table = saved(path)
    schema = pa.schema(list(table.schema)[: columns or None], metadata=table.schema.metadata)
    zeros_of = [pa.array(np.zeros(n, f.type.to_pandas_dtype())) for f in schema]
    with pq.ParquetWriter(path, schema, compression="snappy", write_statistics=False) as writer:
        for _ in range(n_groups):
            writer.write_table(pa.table(zeros_of, schema=schema))


def replaced(path: Path, name: str, values: pa.Array) -> None:
    table = saved(path)
    pq.write_table(table.set_column(table.column_names.index(name), name, values), path)


def columns(path: Path) -> None:
    pq.write_table(pa.table({f"c{k}": pa.array([0.0]) for k in range(3000)}), path)


def facts(path: Path, **changes: object) -> None:
    table = saved(path)
    said = json.loads(table.schema.metadata[b"posecheck"])
    said["source"] |= changes
    pq.write_table(with_facts(table, json.dumps(said).encode()), path)


PARQUETS: dict[str, Callable[[Path], object]] = {
    "a hundred million rows": lambda path: rows(path, 10_000_000, 10, columns=1),
    "rows that unfold": lambda path: rows(path, 500_000, 1),
    "many columns": columns,
    "pages that unfold": lambda path: pq.write_table(saved(path), path, compression="zstd"),
    "deep facts": lambda path: pq.write_table(with_facts(saved(path), b"[" * 200_000), path),
    "lists": lambda path: replaced(path, "t_s", pa.array([[0.0] * 10] * 24)),
    "pickles": lambda path: replaced(path, "t_s", pa.array([pickle.dumps(print)] * 24)),
    "words": lambda path: replaced(path, "shot", pa.array(["x" * 10_000] * 24)),
    "endless shots": lambda path: replaced(path, "shot", pa.array([np.inf] * 24)),
    "endless times": lambda path: replaced(path, "t_s", pa.array(np.arange(24) * 1e300)),
    "days": lambda path: replaced(path, "t_s", pa.array(np.arange(24) * 1e5)),
    "a huge picture": lambda path: facts(path, width=10**12),
    "no picture": lambda path: facts(path, height=-5),
    "an endless rate": lambda path: facts(path, fps=float("inf")),
    "a huge number": lambda path: facts(path, n_frames=10**400),
}


@pytest.mark.parametrize("name", PARQUETS)
def test_landmarks_made_to_hurt(
    tmp_path: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "hurts.parquet"
    PARQUETS[name](path)
    assert path.stat().st_size < 5_000_000
    started = time.perf_counter()
    with pytest.raises(LandmarkFileError) as caught:
        load_landmarks(path)
    assert time.perf_counter() - started < SOON_S
    assert_one_sentence(caught.value, path)
    assert len(recwarn) == 0


# ------------------------------------------------------------- where files are, and where not


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit status and what is said on standard error, of a command line of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["posecheck", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main.main()
    return int(left.value.code or 0), capsys.readouterr().err


def test_only_the_outputs_asked_for_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs, outputs, elsewhere = (tmp_path / name for name in ("in", "out", "elsewhere"))
    for folder in (inputs, outputs, elsewhere):
        folder.mkdir()
    (elsewhere / "real.mp4").write_bytes(CLIP.read_bytes())
    (inputs / "clip.mp4").symlink_to(elsewhere / "real.mp4")
    before = contents(inputs), contents(elsewhere)
    source = inputs / ".." / "in" / "clip.mp4"
    wanted = {"--json": "r.json", "--landmarks": "l.parquet", "--report": "r.html"}
    asked = [word for key, name in wanted.items() for word in (key, outputs / name)]
    status, said = command(
        capsys, "check", source, "--stretch", "childs-pose", "--fps", "2", "--quiet", *asked
    )
    assert (status, said) == (0, "")
    assert set(contents(outputs)) == set(wanted.values())
    assert (contents(inputs), contents(elsewhere)) == before
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out", "elsewhere"}


def test_an_output_that_is_the_input_by_another_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(CLIP.read_bytes())
    (tmp_path / "link.json").symlink_to(clip)
    for output in (tmp_path / "link.json", tmp_path / "x" / ".." / "clip.mp4"):
        (tmp_path / "x").mkdir(exist_ok=True)
        status, _ = command(capsys, "check", clip, "--stretch", "childs-pose", "--json", output)
        assert status == 2
    assert clip.read_bytes() == CLIP.read_bytes()


@pytest.mark.parametrize("target", ["nowhere.mp4", "loop.mp4"])
def test_a_link_that_leads_nowhere(tmp_path: Path, target: str) -> None:
    path = tmp_path / "loop.mp4"
    path.symlink_to(tmp_path / target)
    with pytest.raises(SourceError) as caught:
        opened(path)
    assert_one_sentence(caught.value, path)


def test_a_name_is_no_way_out_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    name = "../../../outside"
    report = pc.check(stick_figure(t_s=np.arange(24) / 12), "forward-fold")
    with pc.History() as history:
        history.add(report, person=name)
        history.export(name, tmp_path / "folder")
    assert {path.name for path in tmp_path.iterdir()} == {"home", "folder"}
    assert not list(tmp_path.parent.glob("outside*"))
    with pytest.raises(PosecheckError, match="no stretch"):
        load_stretch("../catalogue/cobra")
    assert tomllib.loads(template())["id"]  # which a pattern keeps to letters and dashes
    assert read_definition(template().replace('id = "', 'id = "../', 1))[0] is None


# ---------------------------------------------------------------------------- one line, status 2


def bad_inputs(folder: Path) -> dict[str, list[object]]:
    (folder / "deep.toml").write_text("a = " + "[" * 5000)
    (folder / "two\nlines\x1b[31m.mp4").write_bytes(b"no video at all")
    (folder / "bomb.png").write_bytes(png(100_000, 100_000))
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n")
    return {
        "bomb": ["check", folder / "bomb.png"],
        "name": ["check", folder / "two\nlines\x1b[31m.mp4"],
        "playlist": ["check", folder / "list.m3u8"],
        "address": ["check", "http://127.0.0.1:9/clip.mp4"],
        "device": ["check", "/dev/zero"],
        "definition": ["check", CLIP, "--stretch", folder / "deep.toml"],
        "time": ["check", CLIP, "--stretch", "childs-pose", "--time-limit", "0.2"],
    }


@pytest.mark.parametrize(
    "name", ["bomb", "name", "playlist", "address", "device", "definition", "time"]
)
@needs_linux
def test_bad_input_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    status, said = command(capsys, *bad_inputs(tmp_path)[name])
    assert status == 2
    told = [line for line in said.splitlines() if "posecheck:" in line]
    assert len(told) == 1 and "Traceback" not in said and "\x1b[31m" not in said
    if name != "time":  # there, a bar shows how far it came
        assert said.splitlines() == told
