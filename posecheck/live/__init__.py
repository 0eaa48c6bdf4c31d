"""Live feedback: one frame in, feedback out; in a notebook cell, on a local page, in a window."""
