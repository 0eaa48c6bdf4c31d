"""The command line: arguments, progress bars and exit codes; the work is done by the other rooms.

`main` puts the commands together; `options` has the options that several commands share, and what
they mean together; every other module holds the commands of its name: `check`, `live`, `batch`,
`history` (also export, import, forget, recheck, backup), `progress`, `stretches` (also validate)
and `doctor` (also model).

`posecheck --help` answers in 0.1 s. What the commands work with takes up to 1.3 s more to load
(NumPy, PyAV, OpenCV, pandas, pydantic, matplotlib, SQLAlchemy), so each command imports it when it
is run, and says beside the import what that costs.
"""
