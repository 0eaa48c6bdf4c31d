"""Tables of numbers from Parquet, when what the file claims about itself can be true.

A page of one value takes a few bytes however often it is repeated, so a small file can ask for any
amount of memory. Measured numbers pack badly, which tells them from such a file.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from posecheck.core.limits import MAX_FRAMES

_MAX_COLUMNS = 1000
_FREE_BYTES = 64_000_000  # nothing to fear from a table of this size
_CODECS = {"UNCOMPRESSED", "SNAPPY", "LZ4", "LZ4_RAW"}  # others make any size out of nothing
_MOST_PACKED = 300  # times; what LZ4 can do is 255
_NUMBER_BYTES = 8
_MAX_WORDS_BYTES = 10_000_000  # of the names and facts about the table
_MAX_LIST = 100_000  # entries in any list about the table


def read_numbers(path: Path) -> pa.Table:
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
