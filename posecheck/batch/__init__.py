"""Many recordings: what to do, one clip to one row, what is done, and who does it.

`plan` says what to do, `work` turns one clip into one row, `pool` and `cluster` run `work` side by
side, on this machine or on Dask, and `run` brings the results together: into the history first,
then into the `ledger`, a small database beside the CSV. What the ledger has is done and is never
done again; whatever was cut short before that is done again as a whole. The history knows a
recording that it has, so a clip that was kept just before a kill is not kept twice.
"""
