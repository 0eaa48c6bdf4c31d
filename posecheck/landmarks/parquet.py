"""Landmarks to and from Parquet: a row per frame, a column per number, the facts in the metadata.

A page of one value takes a few bytes however often it is repeated, so a small file can ask for any
amount of memory. What a file claims about itself is checked before it is read: measured numbers
pack badly, which tells them from such a file.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from posecheck.core.errors import LandmarkFileError
from posecheck.core.files import atomic_write, file_fault
from posecheck.core.limits import MAX_DURATION_S, MAX_FRAMES
from posecheck.landmarks.series import Landmark, LandmarkSeries, SourceFacts

SCHEMA = "posecheck.landmarks/1"
_KEY = b"posecheck"
_LONGEST_SIDE_PX = 1_000_000
_MOST = 1e12  # of seconds, or of frames
_AXES = ("x_px", "y_px", "x_m", "y_m", "z_m", "visibility")
_PLANE = ("x_px", "y_px")

_MAX_COLUMNS = 1000
_FREE_BYTES = 64_000_000  # nothing to fear from a table of this size
_CODECS = {"UNCOMPRESSED", "SNAPPY", "LZ4", "LZ4_RAW"}  # others make any size out of nothing
_MOST_PACKED = 300  # times; what LZ4 can do is 255
_NUMBER_BYTES = 8
_MAX_WORDS_BYTES = 10_000_000  # of the names and facts about the table
_MAX_LIST = 100_000  # entries in any list about the table


def save_landmarks(series: LandmarkSeries, path: str | Path) -> Path:
    """Write a series as Parquet, atomically, to the disk itself, readable by its owner only.

    Parameters
    ----------
    series : LandmarkSeries
        Raw or cleaned.
    path : str or Path
        Where to; the folder must exist.

    Returns
    -------
    Path

    Raises
    ------
    LandmarkFileError
        When the file cannot be written.
    """
    path = Path(path)
    columns: dict[str, np.ndarray] = {"t_s": series.t_s, "shot": series.shot}
    stacked = np.concatenate([series.image, series.world, series.visibility[..., None]], axis=2)
    for mark in Landmark:
        for k, axis in enumerate(_AXES):
            columns[f"{mark.name}_{axis}"] = stacked[:, mark, k]
    if series.outline is not None:
        for row, points in enumerate(np.moveaxis(series.outline, 0, 2)):
            columns |= {f"outline_{row}_{k:02d}_px": values for k, values in enumerate(points)}
    if series.spread is not None:
        columns |= {f"{mark.name}_spread_px": series.spread[:, mark] for mark in Landmark}
    if series.second is not None:
        for mark, k in _known_to_second(series.second):
            columns[f"{mark.name}_second_{_PLANE[k]}"] = series.second[:, mark, k]
    facts = {
        "schema": SCHEMA,
        "source": asdict(series.source),
        "model_name": series.model_name,
        "model_sha256": series.model_sha256,
        "warnings": list(series.warnings),
        "cleaned": series.cleaned,
    }
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(facts).encode()})
    with atomic_write(path, what="the landmarks", error=LandmarkFileError) as part:
        # Measured numbers hardly repeat: dictionaries and strong compression would only cost time.
        pq.write_table(table, part, compression="lz4", use_dictionary=False, write_statistics=False)
    return path


def load_landmarks(path: str | Path) -> LandmarkSeries:
    """Read a series that `LandmarkSeries.save` wrote.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    LandmarkSeries

    Raises
    ------
    LandmarkFileError
        When the file is missing, is no Parquet file or does not hold a landmark series.
    """
    path = Path(path)
    fault = file_fault(path, "a landmark file")
    if fault is not None:
        raise LandmarkFileError(fault.what, where=path, hint=fault.hint)
    try:
        table = _read_numbers(path)
        facts = json.loads((table.schema.metadata or {})[_KEY])
        if facts["schema"] != SCHEMA:
            raise LandmarkFileError(
                f"this is {facts['schema']}, not {SCHEMA}",
                where=path,
                hint="Read it with the version of posecheck that wrote it.",
            )
        return _series(table, facts)
    except (
        *(OSError, pa.ArrowException, KeyError, ValueError, TypeError),
        *(RecursionError, MemoryError),  # facts nested without end, pages that unfold
    ) as error:
        raise LandmarkFileError(
            f"this is not a landmark file ({type(error).__name__}: {_short(error)})",
            where=path,
            hint="Make one with `posecheck check VIDEO --landmarks FILE.parquet`.",
        ) from error


def _known_to_second(second: np.ndarray) -> list[tuple[Landmark, int]]:
    """The landmarks that the second model has, each with both axes; the others take no room."""
    known = np.isfinite(second).any(axis=(0, 2))
    return [(mark, axis) for mark in Landmark if known[mark] for axis in range(len(_PLANE))]


def _series(table: pa.Table, facts: dict) -> LandmarkSeries:  # type: ignore[type-arg]
    def column(name: str) -> np.ndarray:
        return np.asarray(table.column(name).to_numpy())

    stacked = np.stack(
        [np.stack([column(f"{m.name}_{axis}") for axis in _AXES], axis=1) for m in Landmark], axis=1
    ).astype(float)
    if table.column("shot").null_count or not pa.types.is_integer(table.schema.field("shot").type):
        raise ValueError("a frame belongs to no shot")
    n_points = sum(name.startswith("outline_0_") for name in table.column_names)
    outline = None
    if n_points:
        rows = [[column(f"outline_{r}_{k:02d}_px") for k in range(n_points)] for r in (0, 1)]
        outline = np.moveaxis(np.array(rows, float), 2, 0)
    has_spread = f"{Landmark(0).name}_spread_px" in table.column_names
    spread = [column(f"{m.name}_spread_px") for m in Landmark] if has_spread else None
    t_s = column("t_s").astype(float)
    if len(t_s) and not t_s[-1] - t_s[0] <= MAX_DURATION_S:
        raise ValueError(f"it goes on for more than {MAX_DURATION_S / 3600:g} hours")
    return LandmarkSeries(
        t_s=t_s,
        image=stacked[:, :, 0:2],
        world=stacked[:, :, 2:5],
        visibility=stacked[:, :, 5],
        shot=column("shot").astype(int),
        source=_source(facts["source"]),
        model_name=str(facts["model_name"]),
        model_sha256=str(facts["model_sha256"]),
        outline=outline,
        spread=None if spread is None else np.stack(spread, axis=1).astype(float),
        second=_second(table),
        warnings=tuple(facts["warnings"]),
        cleaned=bool(facts["cleaned"]),
    )


def _second(table: pa.Table) -> np.ndarray | None:
    names = [f"{mark.name}_second_{axis}" for mark in Landmark for axis in _PLANE]
    if not set(names) & set(table.column_names):
        return None
    flat = np.full((len(table), len(names)), np.nan)
    for k, name in enumerate(names):
        if name in table.column_names:
            flat[:, k] = table.column(name).to_numpy()
    return flat.reshape(len(table), len(Landmark), len(_PLANE))


def _source(written: object) -> SourceFacts:
    """What the recording said about itself, where that can be."""
    source = TypeAdapter(SourceFacts).validate_python(written)
    numbers = (source.fps, source.duration_s, source.n_frames)
    if not all(value is None or 0 <= value <= _MOST for value in numbers):
        raise ValueError("no recording has such a frame rate, length or number of frames")
    if not (0 < source.width <= _LONGEST_SIDE_PX and 0 < source.height <= _LONGEST_SIDE_PX):
        raise ValueError(f"no recording has {source.width} x {source.height} pixels")
    return source


def _short(error: Exception) -> str:
    """The first words of an error: it may repeat a whole value."""
    words = " ".join(str(error).split())
    return words if len(words) <= 200 else f"{words[:200]}..."


def _read_numbers(path: Path) -> pa.Table:
    """Read a table all of whose columns are numbers, after a look at its claims.

    Parameters
    ----------
    path : pathlib.Path
        A regular file.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    ValueError
        It claims too much, or holds other things than numbers.
    OSError, pyarrow.ArrowException, MemoryError
        It cannot be read.
    """
    with (
        path.open("rb") as file,
        pq.ParquetFile(
            file, thrift_string_size_limit=_MAX_WORDS_BYTES, thrift_container_size_limit=_MAX_LIST
        ) as parquet,
    ):
        _check_claims(parquet, path.stat().st_size)
        return parquet.read(use_threads=False)  # one column after the other


def _check_claims(parquet: pq.ParquetFile, n_bytes: int) -> None:
    claims = parquet.metadata
    if claims.num_columns > _MAX_COLUMNS:
        raise ValueError(f"it claims {claims.num_columns} columns, more than {_MAX_COLUMNS}")
    groups = [claims.row_group(k) for k in range(claims.num_row_groups)]
    n_rows = max(claims.num_rows, sum(group.num_rows for group in groups))
    if n_rows > MAX_FRAMES:
        raise ValueError(f"it claims {n_rows:,} frames, more than {MAX_FRAMES:,}")
    pages = sum(group.total_byte_size for group in groups)
    unfolded = max(n_rows * claims.num_columns * _NUMBER_BYTES, pages)
    if unfolded > max(_FREE_BYTES, _MOST_PACKED * n_bytes):
        raise ValueError(f"{n_bytes:,} bytes claim to unfold to {unfolded:,}")
    columns = [group.column(k) for group in groups for k in range(group.num_columns)]
    codecs = {str(column.compression) for column in columns} - _CODECS
    if codecs:
        raise ValueError(f"it is packed with {', '.join(sorted(codecs))}, not with LZ4 or Snappy")
    for field in parquet.schema_arrow:
        if not (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)):
            raise ValueError(f"column {field.name[:50]!r} holds {field.type}, no numbers")
