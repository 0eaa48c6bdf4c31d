"""Exported files: what goes in is what other programs read, and nothing is left half written."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import posecheck as pc
from posecheck.core.errors import PosecheckError, SourceError, UsageError
from posecheck.landmarks.series import N_LANDMARKS, Landmark, LandmarkSeries, SourceFacts
from posecheck.measures.catalogue import MEASURES
from posecheck.report.export import formats
from posecheck.report.export.motion_capture import Markers, even_rate
from posecheck.sessions import History
from tests.fixtures.bodies import stick_figure
from tests.fixtures.commands import LEGS, PHOTO
from tests.fixtures.films import film
from tests.fixtures.films import photo as photo_of_a_figure
from tests.fixtures.histories import session_report
from tests.fixtures.paths import DATA, REPO

CLIP = DATA / "legs-up-the-wall-hips-60.mp4"
NAMES = [mark.name for mark in Landmark]
LANDMARK_SUFFIXES = (".csv", ".parquet", ".json", ".trc", ".c3d", ".nc")
MEASURE_SUFFIXES = (".csv", ".parquet", ".json")
ANKLE = Landmark.left_ankle


@pytest.fixture(scope="module")
def clip() -> LandmarkSeries:
    """A rendered person, seen by the real model, with a hidden ankle and a missed frame."""
    series = pc.estimate(CLIP, fps=12)
    image, world, visibility = (x.copy() for x in (series.image, series.world, series.visibility))
    for values in (image, world, visibility):
        values[5:25, ANKLE] = np.nan
        values[40] = np.nan
    return replace(series, image=image, world=world, visibility=visibility)


@pytest.fixture(scope="module")
def cleaned(clip: LandmarkSeries) -> LandmarkSeries:
    return pc.check(CLIP, "legs-up-the-wall", fps=12).cleaned


def uneven(seed: int, n: int, gaps: float = 0.2) -> LandmarkSeries:
    """A made-up series with the times of a phone, gaps and two cuts, as if it were clean."""
    random = np.random.default_rng(seed)
    figure = stick_figure(t_s=np.cumsum(random.uniform(0.02, 0.06, n)))
    hidden = random.uniform(size=(n, N_LANDMARKS)) < gaps
    shape = (n, N_LANDMARKS, 1)
    return replace(
        figure,
        image=np.where(hidden[..., None], np.nan, figure.image + random.normal(0, 3, shape)),
        world=np.where(hidden[..., None], np.nan, figure.world + random.normal(0, 1, shape)),
        visibility=np.where(hidden, np.nan, random.uniform(size=(n, N_LANDMARKS))),
        shot=np.sort(random.integers(0, 3, n)),
        source=SourceFacts("Übung\t„Katze“\n.mp4", "video", 1080, 1920, 29.97, 1.0, n),
        cleaned=True,
    )


series_of_any_kind = st.builds(
    uneven,
    st.integers(0, 10_000),
    st.integers(1, 20),
    st.sampled_from([0.0, 0.2, 0.9, 1.0]),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


def same(a: Any, b: Any) -> bool:
    return np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True)


# --- tables and JSON: exact -----------------------------------------------------------------------


@settings(max_examples=25)
@given(series=series_of_any_kind)
def test_landmark_tables_hold_every_number(series: LandmarkSeries, place: Path) -> None:
    table = pd.read_csv(pc.export_landmarks(series, place / "a.csv"))
    assert list(table) == [
        "frame", "t_s", "shot", "landmark", "x_px", "y_px", "x_m", "y_m", "z_m", "visibility",
    ]  # fmt: skip
    assert table["landmark"].tolist() == NAMES * len(series)
    assert same(table["t_s"].unique(), series.t_s)
    assert same(table["frame"], np.repeat(np.arange(len(series)), N_LANDMARKS))
    assert same(table[["x_px", "y_px"]], series.image.reshape(-1, 2))
    assert same(table[["x_m", "y_m", "z_m"]], series.world.reshape(-1, 3))
    assert same(table["visibility"], series.visibility.ravel())


@settings(max_examples=25)
@given(series=series_of_any_kind)
def test_landmark_json_holds_every_number(series: LandmarkSeries, place: Path) -> None:
    text = pc.export_landmarks(series, place / "a.json").read_text(encoding="utf-8")
    data = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert data["landmarks"] == NAMES
    assert (data["schema"], data["source"]["path"]) == (
        "posecheck.landmark-frames/1", series.source.path,
    )  # fmt: skip
    frames = data["frames"]
    assert same([frame["t_s"] for frame in frames], series.t_s)
    assert same([frame["shot"] for frame in frames], series.shot)
    for name in ("image", "world", "visibility"):
        assert same([frame[name] for frame in frames], getattr(series, name)), name


def test_parquet_is_what_posecheck_reads_back(clip: LandmarkSeries, tmp_path: Path) -> None:
    back = pc.load_landmarks(pc.export_landmarks(clip, tmp_path / "a.PARQUET"))
    assert same(back.world, clip.world)
    assert back.source == clip.source


@pytest.mark.parametrize("suffix", MEASURE_SUFFIXES)
def test_measures_hold_every_number(clip: LandmarkSeries, tmp_path: Path, suffix: str) -> None:
    measures = pc.compute_measures(clip)
    path = pc.export_measures(measures, tmp_path / f"m{suffix}")
    if suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8"))
        assert data["schema"] == "posecheck.measures/1"
        assert same(data["t_s"], measures.index)
        assert [one["name"] for one in data["measures"]] == list(measures)
        for one in data["measures"]:
            assert same(one["values"], measures[one["name"]])
            assert one["unit"] == MEASURES[one["measure"]].unit
        return
    read = pd.read_parquet if suffix == ".parquet" else pd.read_csv
    table = read(path)
    assert list(table) == ["t_s", "measure", "side", "value", "unit"]
    knee = table[(table["measure"] == "knee_flexion") & (table["side"] == "left")]
    assert np.allclose(knee["value"], measures["left_knee_flexion"], equal_nan=True)
    assert knee["value"].notna().any()
    assert np.allclose(knee["t_s"], measures.index)
    assert set(knee["unit"]) == {"deg"}
    assert table["side"].isna().any(), "some measures have no side"
    assert len(table) == measures.size


def test_a_column_that_is_no_measure_is_refused(clip: LandmarkSeries, tmp_path: Path) -> None:
    own = pc.compute_measures(clip).assign(mine=1.0)
    for suffix in MEASURE_SUFFIXES:
        with pytest.raises(UsageError, match="mine: this column is no measure"):
            pc.export_measures(own, tmp_path / f"m{suffix}")
    assert not list(tmp_path.iterdir())


# --- TRC and C3D: upright, millimetres, an even grid ----------------------------------------------


def read_trc(path: Path) -> tuple[dict[str, str], pd.DataFrame, np.ndarray]:
    """Facts, frame numbers with times, and positions `(n, 33, 3)`; the layout is checked."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    facts = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    titles, axes = lines[3].split("\t"), lines[4].split("\t")
    assert titles[:2] == ["Frame#", "Time"]
    assert titles[2::3] == NAMES
    assert axes[:5] == ["", "", "X1", "Y1", "Z1"] and axes[-1] == "Z33"
    assert lines[5] == "" and lines[-1] == ""
    table = pd.DataFrame([line.split("\t") for line in lines[6:-1]]).astype(float)
    assert table.shape[1] == 2 + 3 * N_LANDMARKS
    assert len(table) == int(facts["NumFrames"]) == int(facts["OrigNumFrames"])
    assert int(facts["NumMarkers"]) == N_LANDMARKS
    return facts, table.iloc[:, :2], table.iloc[:, 2:].to_numpy().reshape(-1, N_LANDMARKS, 3)


def test_trc_has_the_clip_upright_in_millimetres(cleaned: LandmarkSeries, tmp_path: Path) -> None:
    facts, when, position = read_trc(pc.export_landmarks(cleaned, tmp_path / "a.trc"))
    assert (facts["Units"], float(facts["DataRate"])) == ("mm", 12)
    assert when[0].tolist() == list(range(1, len(when) + 1))
    assert len(when) == pytest.approx(len(cleaned), abs=1)
    x, y, z = np.moveaxis(position, 2, 0)
    with np.errstate(invalid="ignore"):
        knees_over_hips = y[:, Landmark.right_knee] - y[:, Landmark.right_hip]
    assert np.nanmedian(knees_over_hips) > 100, "the legs are up, and y is up"
    assert np.allclose(x[0], 1000 * cleaned.world[0, :, 0], atol=1e-3, equal_nan=True)
    assert np.allclose(z[0], -1000 * cleaned.world[0, :, 2], atol=1e-3, equal_nan=True)
    assert np.isnan(position).any() and np.isfinite(position).any()


def test_c3d_has_the_clip_upright_in_millimetres(cleaned: LandmarkSeries, tmp_path: Path) -> None:
    file = ezc3d.c3d(str(pc.export_landmarks(cleaned, tmp_path / "a.C3D")))
    about = file["parameters"]["POINT"]
    assert about["LABELS"]["value"] == NAMES
    assert about["UNITS"]["value"] == ["mm"]
    assert about["RATE"]["value"][0] == 12
    assert (about["X_SCREEN"]["value"], about["Y_SCREEN"]["value"]) == (["+X"], ["+Y"])
    points = file["data"]["points"][:3].transpose(2, 1, 0)
    expected = Markers.of(cleaned).position_mm
    assert np.allclose(points, expected, atol=1e-3, equal_nan=True)
    residuals = file["data"]["meta_points"]["residuals"][0].T
    hidden = np.isnan(expected).any(axis=2)
    assert hidden.any() and (~hidden).any()
    assert set(residuals[hidden]) == {-1.0}
    assert set(residuals[~hidden]) == {0.0}


@settings(max_examples=25)
@given(series=series_of_any_kind)
def test_trc_and_c3d_tell_the_same(series: LandmarkSeries, place: Path) -> None:
    facts, when, position = read_trc(pc.export_landmarks(series, place / "b.trc"))
    file = ezc3d.c3d(str(pc.export_landmarks(series, place / "b.c3d")))
    points = file["data"]["points"][:3].transpose(2, 1, 0)
    assert np.allclose(points, position, atol=2e-3, equal_nan=True)
    rate = float(facts["DataRate"])
    assert file["parameters"]["POINT"]["RATE"]["value"][0] == pytest.approx(rate)
    assert np.allclose(when[1], series.t_s[0] + np.arange(len(when)) / rate, atol=1e-5)
    assert when[1].iloc[-1] == pytest.approx(series.t_s[-1], abs=0.51 / rate + 1e-5)


def test_what_was_raw_is_cleaned_so_that_no_guess_passes(
    clip: LandmarkSeries, tmp_path: Path
) -> None:
    guessed = clip.visibility.copy()
    guessed[:, Landmark.left_wrist] = 0.1
    _, _, position = read_trc(
        pc.export_landmarks(replace(clip, visibility=guessed), tmp_path / "a.trc")
    )
    assert np.isnan(position[:, Landmark.left_wrist]).all()
    assert np.isnan(position[10:20, ANKLE]).all(), "a long gap is not bridged"
    assert np.isfinite(position[:, Landmark.right_shoulder]).mean() > 0.8


@settings(max_examples=25)
@given(series=series_of_any_kind)
def test_markers_are_between_what_was_seen(series: LandmarkSeries) -> None:
    markers = Markers.of(series)
    world_mm = series.world * [1000, -1000, -1000]
    for i, t in enumerate(markers.t_s):
        nearest = int(np.argmin(np.abs(series.t_s - t)))
        seen = np.isfinite(markers.position_mm[i, :, 0])
        assert not (seen & np.isnan(series.world[nearest, :, 0])).any(), "hidden stays hidden"
        around = world_mm[max(nearest - 1, 0) : nearest + 2, seen]
        inside = markers.position_mm[i, seen]
        assert (inside >= np.nanmin(around, axis=0) - 1e-6).all()
        assert (inside <= np.nanmax(around, axis=0) + 1e-6).all()


def test_an_even_series_stays_as_it_is() -> None:
    figure = replace(film(seconds=3), cleaned=True)
    markers = Markers.of(figure)
    assert markers.rate_hz == pytest.approx(12)
    assert np.allclose(markers.position_mm, figure.world * [1000, -1000, -1000])


def test_nothing_is_bridged_over_a_cut_or_a_pause() -> None:
    t_s = np.array([*np.arange(20) / 10, 2.04, 2.14, 2.24, 3.24, 3.34])
    figure = stick_figure(t_s=t_s)
    world = np.broadcast_to(np.arange(25.0)[:, None, None], figure.world.shape)
    shot = np.where(t_s < 2, 0, 1)
    markers = Markers.of(replace(figure, world=world, shot=shot, cleaned=True))
    x = markers.position_mm[:, 0, 0] / 1000
    assert markers.rate_hz == 10
    assert x[:20] == pytest.approx(np.arange(20))
    assert x[20] == pytest.approx(20), "2.0 s lies at the cut: the nearer frame, not a mixture"
    assert x[21:23] == pytest.approx([20.6, 21.6])
    assert np.isnan(x[23:32]).all(), "a second without frames"
    assert x[32:] == pytest.approx([23, 23.6])


def test_the_rate_of_a_recording() -> None:
    assert even_rate(np.array([0.0])) is None
    assert even_rate(np.arange(100) * 1001 / 30000) == 29.97
    assert even_rate(np.delete(np.arange(100) / 30, [3, 4, 50])) == 30, "some were dropped"
    milliseconds = np.round(np.arange(301) / 30, 3)
    assert even_rate(milliseconds) == pytest.approx(30)
    assert even_rate(np.append(milliseconds, 99.0)) == pytest.approx(30), "a pause"
    assert even_rate(np.array([0, 1e-6, 2e-6, 1.0])) == 240
    assert even_rate(np.array([0, 1e6])) == pytest.approx(1e-6)


def test_c3d_holds_only_so_many_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = film(seconds=3)
    monkeypatch.setattr("posecheck.report.export.motion_capture._C3D_MAX_FRAMES", 35)
    with pytest.raises(UsageError, match="at most 35 frames, not 36"):
        pc.export_landmarks(figure, tmp_path / "a.c3d")
    assert not list(tmp_path.iterdir())


# --- netCDF ---------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(series=series_of_any_kind)
def test_netcdf_holds_every_number(series: LandmarkSeries, place: Path) -> None:
    path = pc.export_landmarks(series, place / "a.nc")
    with xr.open_dataset(path, engine="scipy") as data:
        assert data["position"].dims == ("time", "space", "keypoints", "individuals")
        assert data["confidence"].dims == ("time", "keypoints", "individuals")
        assert data["keypoints"].values.tolist() == NAMES
        assert data["individuals"].values.tolist() == ["person"]
        assert same(data["time"], series.t_s)
        assert same(data["position"].values[..., 0].swapaxes(1, 2), series.image)
        assert same(data["world"].values[..., 0].swapaxes(1, 2), series.world)
        assert same(data["confidence"].values[..., 0], series.visibility)
        assert same(data["shot"], series.shot)
        assert (data.attrs["ds_type"], data.attrs["time_unit"]) == ("poses", "seconds")
        assert data.attrs["source_software"] == "posecheck"
        assert data.attrs["source_file"] == series.source.path
        assert ("fps" in data.attrs) == (len(series) > 1)


# --- other programs, in an environment of their own -----------------------------------------------


def ask_reader(package: str, script: str, *arguments: object) -> Any:
    """Run a script where other programs are installed; what it prints last is JSON."""
    python = REPO / ".cache" / "readers" / "bin" / "python"
    if not (python.parents[1] / ".ready").exists():
        pytest.skip(f"{package} is not installed; make .cache/readers/.ready installs it")
    here = python.parents[1]  # OpenSim leaves a log where it is started
    found = subprocess.run(
        [python, "-c", f"import {package}"], capture_output=True, check=False, cwd=here
    )
    if found.returncode:
        pytest.skip(f"{package} does not load here")
    done = subprocess.run(
        [python, "-c", script, *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=120, cwd=here,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


MOVEMENT = """
import json, sys, xarray
from movement.filtering import filter_by_confidence
from movement.kinematics import compute_velocity
from movement.validators.datasets import ValidPosesInputs
data = xarray.open_dataset(sys.argv[1])
if "keypoint" in ValidPosesInputs.DIM_NAMES:  # since movement 0.17
    from movement.io.load import rename_legacy_dimensions
    data = rename_legacy_dimensions(data)
ValidPosesInputs.validate(data)
keypoint = ValidPosesInputs.DIM_NAMES[2]
sure = filter_by_confidence(data.position, data.confidence, threshold=0.5)
speed = compute_velocity(data.position)
ankle = data.position.sel({keypoint: "left_ankle"})
print(json.dumps({
    "sizes": dict(data.sizes), "fps": data.fps, "dims": list(data.position.dims),
    "missing": int(ankle.isnull().sum()), "hidden": int(sure.isnull().sum()),
    "x": float(data.position.sel({keypoint: "right_knee", "space": "x"})[0].item()),
    "speed": list(speed.shape),
}))
"""


def test_movement_reads_the_netcdf(clip: LandmarkSeries, tmp_path: Path) -> None:
    path = pc.export_landmarks(clip, tmp_path / "clip.nc")
    told = ask_reader("movement", MOVEMENT, path)
    n = len(clip)
    assert told["sizes"]["time"] == n
    assert told["dims"][:2] == ["time", "space"]
    assert told["fps"] == 12
    assert told["missing"] == 2 * 21
    assert told["hidden"] == 2 * int((~(clip.visibility >= 0.5)).sum())
    assert told["x"] == pytest.approx(clip.point("right_knee")[0, 0])
    assert told["speed"] == [n, 2, N_LANDMARKS, 1]


OPENSIM = """
import json, sys, numpy, opensim
table = opensim.TimeSeriesTableVec3(sys.argv[1])
rows = [[table.getRowAtIndex(i)[j].to_numpy().tolist() for j in range(table.getNumColumns())]
        for i in range(table.getNumRows())]
old = opensim.MarkerData(sys.argv[1])
print(json.dumps({
    "labels": list(table.getColumnLabels()), "units": table.getTableMetaDataString("Units"),
    "rate": float(table.getTableMetaDataString("DataRate")), "rows": rows,
    "times": list(table.getIndependentColumn()), "frames": old.getNumFrames(),
    "markers": old.getNumMarkers(), "hidden": [
        bool(numpy.isnan(old.getFrame(0).getMarker(j).to_numpy()).any())
        for j in range(old.getNumMarkers())],
}))
"""


def test_opensim_reads_the_trc(cleaned: LandmarkSeries, tmp_path: Path) -> None:
    """Both ways OpenSim has: tables, and the marker data of its inverse kinematics."""
    told = ask_reader("opensim", OPENSIM, pc.export_landmarks(cleaned, tmp_path / "a.trc"))
    markers = Markers.of(cleaned)
    assert (told["labels"], told["units"]) == (NAMES, "mm")
    assert np.allclose(told["rows"], markers.position_mm, atol=1e-3, equal_nan=True)
    assert np.allclose(told["times"], markers.t_s, atol=1e-6)
    assert told["rate"] == markers.rate_hz
    assert (told["frames"], told["markers"]) == (len(markers.t_s), N_LANDMARKS)
    assert told["hidden"] == np.isnan(markers.position_mm[0]).any(axis=1).tolist()


READERS = """
import json, sys, warnings, c3d, trc
warnings.simplefilter("ignore")
text = trc.TRCData()
text.load(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    binary = c3d.Reader(file)
    frames = [points[:, :4].tolist() for _, points, _ in binary.read_frames()]
print(json.dumps({
    "trc": {name: text[name] for name in text["Markers"]}, "rate": text["DataRate"],
    "labels": [label.strip() for label in binary.point_labels], "c3d": frames,
    "c3d rate": binary.point_rate,
}, default=float))
"""


def test_other_readers_read_trc_and_c3d(cleaned: LandmarkSeries, tmp_path: Path) -> None:
    paths = [pc.export_landmarks(cleaned, tmp_path / f"a{suffix}") for suffix in (".trc", ".c3d")]
    told = ask_reader("trc", READERS, *paths)
    markers = Markers.of(cleaned)
    position = np.stack([told["trc"][name] for name in NAMES], axis=1)
    assert np.allclose(position, markers.position_mm, atol=1e-3, equal_nan=True)
    points = np.array(told["c3d"])
    hidden = np.isnan(markers.position_mm).any(axis=2)
    assert told["labels"] == NAMES
    assert np.allclose(points[~hidden][:, :3], markers.position_mm[~hidden], atol=1e-3)
    assert set(points[hidden][:, 3]) == {-1.0}
    assert told["rate"] == pytest.approx(told["c3d rate"]) == markers.rate_hz


# --- few frames -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", LANDMARK_SUFFIXES)
def test_a_photo_has_one_frame(suffix: str, tmp_path: Path) -> None:
    path = pc.export_landmarks(photo_of_a_figure(), tmp_path / f"a{suffix}")
    if suffix == ".trc":
        facts, _, position = read_trc(path)
        assert (facts["DataRate"], len(position)) == ("30", 1)
    assert path.stat().st_size > 100


@pytest.mark.parametrize("suffix", LANDMARK_SUFFIXES)
def test_no_frame_at_all(suffix: str, tmp_path: Path) -> None:
    empty = film().frames(np.arange(0))
    if suffix in {".csv", ".parquet", ".json"}:
        assert pc.export_landmarks(empty, tmp_path / f"a{suffix}").exists()
        return
    with pytest.raises(UsageError, match="there is no frame to write"):
        pc.export_landmarks(empty, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


# --- what cannot be written -----------------------------------------------------------------------


def exported(suffix: str, path: Path) -> list[Path]:
    done = [pc.export_landmarks(film(seconds=1), path)]
    if suffix in MEASURE_SUFFIXES:
        done.append(pc.export_measures(pc.compute_measures(film(seconds=1)), path))
    return done


@pytest.mark.parametrize("suffix", LANDMARK_SUFFIXES)
def test_files_are_for_their_owner_only_and_whole(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"Übung „Katze“; $(x){suffix}"
    path.write_bytes(b"an older file that all may read")
    path.chmod(0o644)
    for done in exported(suffix, path):
        assert done == path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", LANDMARK_SUFFIXES)
def test_where_nothing_can_be_written(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / f"folder{suffix}").mkdir()
    for place in (f"nowhere/a{suffix}", f"file/a{suffix}", f"folder{suffix}"):
        with pytest.raises(PosecheckError, match="cannot be written") as caught:
            pc.export_landmarks(film(seconds=1), tmp_path / place)
        assert str(tmp_path / place) in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", f"folder{suffix}"]


def test_an_older_file_stays_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pc.export_landmarks(film(), tmp_path / "a.trc")
    before = path.read_bytes()

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full_disk)
    with pytest.raises(SourceError, match="no space is left on this disk"):
        pc.export_landmarks(film(seconds=2), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.trc"]


def test_ezc3d_says_nothing_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ezc3d.c3d, "write", lambda *_: None)
    with pytest.raises(SourceError, match="not written whole"):
        pc.export_landmarks(film(), tmp_path / "a.c3d")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.trc.gz", ".csv", "a.npz"])
def test_a_suffix_that_means_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.parquet, \.json, \.trc, \.c3d or \.nc"):
        pc.export_landmarks(film(seconds=1), tmp_path / name)
    with pytest.raises(UsageError, match=r"\.csv, \.parquet or \.json"):
        pc.export_measures(pc.compute_measures(film(seconds=1)), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("suffix", "package"), [(".c3d", "ezc3d"), (".nc", "xarray")])
def test_a_missing_package_is_named(
    suffix: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=package) as caught:
        pc.export_landmarks(film(seconds=1), tmp_path / f"a{suffix}")
    assert "pip install 'posecheck[export]'" in str(caught.value)
    assert pc.export_landmarks(film(seconds=1), tmp_path / "a.trc").exists()


# --- the command line -----------------------------------------------------------------------------


def test_check_writes_what_the_suffixes_say(run_cli: Any, tmp_path: Path) -> None:
    trc, csv = tmp_path / "l.trc", tmp_path / "m.csv"
    done = run_cli("check", PHOTO, *LEGS, "-q", "--landmarks", trc, "--measures", csv)
    assert (done.code, done.err) == (0, "")
    assert len(read_trc(trc)[2]) == 1
    assert "hip_flexion" in set(pd.read_csv(csv)["measure"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--landmarks", "a.xyz"], ["a.xyz", ".trc", ".nc"]),
        (["--landmarks", "a"], ["without a suffix", ".parquet"]),
        (["--measures", "a.trc"], ["a.trc", ".csv, .parquet or .json"]),
        (["--measures", "none/a.csv"], ["none", "no such folder"]),
        (["--measures", PHOTO], ["overwrite"]),
    ],
)
def test_check_refuses_before_the_work(
    run_cli: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[object],
    words: list[str],
) -> None:
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))  # no model, and none is fetched
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    run_cli("check", PHOTO, *LEGS, *arguments).failed_clearly(*words)


@pytest.fixture
def ann(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody with a name that is a path, and two sessions."""
    name = "../Ann & „Co“/x"
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    with History() as history:
        history.add(session_report(), person=name)
        history.add(session_report(80), person=name)
    return name


def test_a_person_takes_other_formats_away(run_cli: Any, ann: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ("--format", "trc, C3D", "--format", "netcdf", "--format", "trc")
    done = run_cli("export", ann, out, *asked)
    assert (done.code, done.err) == (0, "")
    files = sorted(path.suffix for path in (out / "landmarks").iterdir())
    assert files == sorted([".parquet", ".trc", ".c3d", ".nc"] * 2)
    assert {len(p.stem) for p in (out / "landmarks").iterdir()} == {32}, "uids, not names"
    assert ".trc, .c3d, .nc" in (out / "README.txt").read_text(encoding="utf-8")
    for path in (out / "landmarks").glob("*.trc"):
        assert len(read_trc(path)[2]) == len(pc.load_landmarks(path.with_suffix(".parquet")))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "out"]
    assert "2 session(s) deleted" in run_cli("forget", ann, "--yes").out
    assert "2 session(s) added" in run_cli("import", out).out


def test_export_without_a_format_is_as_it_was(run_cli: Any, ann: str, tmp_path: Path) -> None:
    run_cli("export", ann, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"history.json", "landmarks", "sessions.csv", "rom.parquet", "README.txt"} <= names
    assert {p.suffix for p in (tmp_path / "out" / "landmarks").iterdir()} == {".parquet"}


@pytest.mark.parametrize("asked", ["mat", "trc,", "", "trc,mat", "parquet", "../trc"])
def test_an_unknown_format_is_refused(run_cli: Any, ann: str, tmp_path: Path, asked: str) -> None:
    done = run_cli("export", ann, tmp_path / "out", "--format", asked)
    done.failed_clearly("is no format", "csv, json, trc, c3d, netcdf")
    assert not (tmp_path / "out").exists()


def test_the_folder_is_there_whole_or_not_at_all(
    run_cli: Any,
    ann: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("posecheck.report.export.motion_capture._C3D_MAX_FRAMES", 3)
    done = run_cli("export", ann, tmp_path / "out", "--format", "trc,c3d")
    done.failed_clearly("at most 3 frames")
    assert [p.name for p in tmp_path.iterdir()] == ["home"]
