"""The live coach of the command line.

Pictures come from `source` (a `webcam` or a recording). `window` shows them, drawn by `drawing` and
`panel`; `lines` prints the feedback instead, and `voice` speaks.
"""
