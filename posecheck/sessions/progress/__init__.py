"""Progress over sessions, from tables alone: no database is needed here.

`series` makes comparable series of readings, `change` tells real change from measurement noise,
`asymmetry` compares the sides, `adherence` counts what was done, `progress` puts it all together,
and `demo` simulates a history.
"""
