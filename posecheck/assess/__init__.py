"""The rule checkers: from measured clips to a report.

`check` is the way in; `judge` puts a `report` together from landmarks. On the way come
`stretch_measures` (a clip's measures in a stretch's own terms), `holds` and `reps` (when it was
performed: `interval`), `cues` (what came of each: `cue_result`), `not_found` and `reasons` (why
something was not assessed), `statistics`, `dose`, `rom`, `pain`, and `recognise` (which stretch it
is).
"""
