"""Landmarks to Parquet and back: exact, private, and never an error of another kind."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posecheck.core.errors import LandmarkFileError, UsageError
from posecheck.landmarks.parquet import load_landmarks, save_landmarks
from posecheck.landmarks.series import LandmarkSeries, SourceFacts
from posecheck.report.export.formats import LANDMARK_FORMATS
from tests.fixtures.bodies import stick_figure

ARRAYS = ("t_s", "image", "world", "visibility", "shot")


@pytest.fixture(scope="module")
def series() -> LandmarkSeries:
    random = np.random.default_rng(0)
    figure = stick_figure(t_s=np.cumsum(random.uniform(0.01, 0.05, 24)))
    image = figure.image + random.normal(0, 1, figure.image.shape)
    visibility = random.uniform(0, 1, figure.visibility.shape)
    image[3, 5], visibility[3, 5] = np.nan, np.nan
    return replace(
        figure,
        image=image,
        world=np.where(np.isnan(image[:, :, :1]), np.nan, figure.world),
        visibility=visibility,
        shot=np.repeat([0, 1, 2], 8),
        source=SourceFacts("Übung „Katze“.mp4", "video", 1080, 1920, 29.97, 0.8, 24, 90),
        outline=np.where(
            random.uniform(size=(24, 2, 21)) < 0.1, np.nan, random.random((24, 2, 21))
        ),
        spread=np.where(np.arange(24)[:, None] % 8, np.nan, random.random((24, 33))),
        warnings=("first", "zweite Warnung"),
    )


def assert_same(a: LandmarkSeries, b: LandmarkSeries) -> None:
    for name in ARRAYS:
        assert np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True), name
        assert getattr(a, name).dtype == getattr(b, name).dtype, name
    for name in ("outline", "spread"):
        one, other = getattr(a, name), getattr(b, name)
        assert (one is None) == (other is None), name
        assert one is None or np.array_equal(one, other, equal_nan=True), name
    for name in ("source", "model_name", "model_sha256", "warnings", "cleaned"):
        assert getattr(a, name) == getattr(b, name), name


def test_round_trip_is_exact(series: LandmarkSeries, tmp_path: Path) -> None:
    path = save_landmarks(series, tmp_path / "a.parquet")
    assert path == tmp_path / "a.parquet"
    assert_same(load_landmarks(path), series)


def test_round_trip_without_outline_and_spread_cleaned_and_with_unknown_facts(
    series: LandmarkSeries, tmp_path: Path
) -> None:
    bare = replace(
        series,
        outline=None,
        spread=None,
        cleaned=True,
        warnings=(),
        source=SourceFacts("camera 0", "camera", 640, 480),
    )
    bare.save(str(tmp_path / "a.parquet"))
    assert_same(load_landmarks(str(tmp_path / "a.parquet")), bare)


def test_round_trip_of_no_frames_and_of_one(series: LandmarkSeries, tmp_path: Path) -> None:
    for n in (0, 1):
        few = series.frames(np.arange(n))
        assert_same(load_landmarks(save_landmarks(few, tmp_path / f"{n}.parquet")), few)


def test_a_file_of_before_there_was_a_spread(series: LandmarkSeries, tmp_path: Path) -> None:
    path = save_landmarks(series, tmp_path / "a.parquet")
    table = pq.read_table(path)
    names = [name for name in table.column_names if name.endswith("_spread_px")]
    pq.write_table(table.drop_columns(names), path)
    assert len(names) == 33
    assert_same(load_landmarks(path), replace(series, spread=None))


def test_the_file_is_for_its_owner_only(series: LandmarkSeries, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"an older file that all may read")
    path.chmod(0o644)
    save_landmarks(series, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]


def test_where_nothing_can_be_written(series: LandmarkSeries, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for place in ("nowhere/a.parquet", "file/a.parquet", "folder", "x" * 300):
        with pytest.raises(LandmarkFileError) as caught:
            save_landmarks(series, tmp_path / place)
        assert str(tmp_path / place) in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert not any((tmp_path / "folder").iterdir())


def test_an_older_file_stays_when_the_new_one_cannot_be_written(
    series: LandmarkSeries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_landmarks(series, tmp_path / "a.parquet")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    with pytest.raises(LandmarkFileError, match="no space is left on this disk"):
        save_landmarks(replace(series, cleaned=True), path)
    assert_same(load_landmarks(path), series)
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" * 20, b"t_s,nose_x_px\n0,1\n", b"\x00" * 500]
)
def test_what_is_no_parquet(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(LandmarkFileError) as caught:
        load_landmarks(path)
    assert str(path) in str(caught.value)
    assert "not a landmark file" in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "no.parquet", tmp_path):
        with pytest.raises(LandmarkFileError):
            load_landmarks(path)


def test_a_foreign_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t_s": [0.0, 1.0]}), path)
    with pytest.raises(LandmarkFileError):
        load_landmarks(path)


def rewritten(series: LandmarkSeries, path: Path, facts: object) -> Path:
    """A saved series whose facts have been replaced."""
    table = pq.read_table(save_landmarks(series, path))
    pq.write_table(table.replace_schema_metadata({b"posecheck": json.dumps(facts).encode()}), path)
    return path


def facts_of(series: LandmarkSeries, path: Path) -> dict[str, object]:
    metadata = pq.read_table(save_landmarks(series, path)).schema.metadata
    facts: dict[str, object] = json.loads(metadata[b"posecheck"])
    return facts


def test_a_later_version_says_so(series: LandmarkSeries, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    facts = facts_of(series, path) | {"schema": "posecheck.landmarks/9"}
    with pytest.raises(LandmarkFileError, match="landmarks/9, not posecheck"):
        load_landmarks(rewritten(series, path, facts))


@pytest.mark.parametrize(
    "change",
    [
        {"source": None},
        {"source": {"path": "a.mp4"}},
        {"source": {"path": "a", "kind": "video", "width": "wide", "height": 2}},
        {"source": {"path": "a", "kind": "painting", "width": 1, "height": 2}},
        {"warnings": 3},
        {"schema": ["a", "list"]},
    ],
)
def test_facts_that_make_no_sense(
    series: LandmarkSeries, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "a.parquet"
    facts = facts_of(series, path) | change
    with pytest.raises(LandmarkFileError):
        load_landmarks(rewritten(series, path, facts))


@pytest.mark.parametrize("facts", [[], "text", 3, None, {}])
def test_facts_that_are_no_facts(series: LandmarkSeries, tmp_path: Path, facts: object) -> None:
    with pytest.raises(LandmarkFileError):
        load_landmarks(rewritten(series, tmp_path / "a.parquet", facts))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("t_s", pa.array([0.0] * 24)),
        ("t_s", pa.array([None] * 24, pa.float64())),
        ("shot", pa.array([None] * 24, pa.int64())),
        ("shot", pa.array(["one"] * 24)),
        ("nose_x_px", pa.array(["left"] * 24)),
        ("nose_x_px", None),
        ("outline_1_03_px", None),
        ("left_knee_spread_px", None),
        ("left_knee_spread_px", pa.array(["wide"] * 24)),
    ],
)
def test_columns_that_make_no_sense(
    series: LandmarkSeries, tmp_path: Path, name: str, values: pa.Array | None
) -> None:
    path = save_landmarks(series, tmp_path / "a.parquet")
    table = pq.read_table(path)
    at = table.column_names.index(name)
    table = table.remove_column(at) if values is None else table.set_column(at, name, values)
    pq.write_table(table, path)
    with pytest.raises(LandmarkFileError):
        load_landmarks(path)


@pytest.fixture(scope="module")
def saved(series: LandmarkSeries, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return save_landmarks(series, tmp_path_factory.mktemp("saved") / "a.parquet").read_bytes()


@given(
    flips=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=3
    ),
    cut=st.one_of(st.just(1.0), st.just(1.0), st.floats(0, 1)),
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_damaged_files_load_or_say_so(
    saved: bytes, tmp_path: Path, flips: list[tuple[float, int]], cut: float
) -> None:
    data = bytearray(saved)
    for place, change in flips:
        data[int(place * len(data))] ^= change
    path = tmp_path / "a.parquet"
    path.write_bytes(data[: int(cut * len(data))])
    try:
        loaded = load_landmarks(path)
    except LandmarkFileError as error:
        assert str(path) in str(error)
    else:
        assert loaded.image.shape == (len(loaded), 33, 2)


@pytest.mark.parametrize(
    "name", ["a.CSV", *(f"a{k.suffix}" for k in LANDMARK_FORMATS if k.suffix != ".parquet")]
)
def test_no_parquet_under_the_name_of_another_kind(
    series: LandmarkSeries, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="export_landmarks"):
        series.save(tmp_path / name)
    assert not (tmp_path / name).exists()
