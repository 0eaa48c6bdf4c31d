"""Live feedback: one frame in, feedback out; in a notebook cell, on a local page, in a window.

- `engine`: frames to feedback, with the measures, holds and cues of a recording.
- `browser`: the notebook cell (`widget`) and the page, with the script that runs there (`static`).
- `desktop`: the window and the lines of `posecheck live`, cameras and voices.
"""
