"""Many recordings: what to check, one result per clip, and what is done already.

`plan` makes a `job` of every recording in the `folders`; `check_clip` turns a job into a result;
`pool` and `cluster` run it side by side, on this machine or on Dask. `run` brings the results
together: into the history first, then into the `ledger`, a small database beside the CSV. What the
ledger holds is never done again; whatever was cut short before that is done again as a whole. The
history refuses a recording that it has, so a clip that was saved just before a kill is not saved
twice. `summary` writes the CSV, the JSON and the tables of the terminal.
"""
