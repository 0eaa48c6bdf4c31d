"""From a frame to feedback.

`engine` takes frames and gives `feedback`. On the way `causal` cleans the landmarks,
`recent_window` measures the last seconds, and `hold_tracker`, `cue_tracker` and `dose_tracker`
follow what is done. `coach` decides what to tell, with `guide` for the set-up and `speaker` for
when to say it; `marks` finds what to draw.
"""
