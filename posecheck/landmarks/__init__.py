"""Where the joints are in every frame of a recording.

`series` has the type, `LandmarkSeries`; `parquet` saves and loads it; `stick_figure` makes one of
given angles, for demonstrations and tests.
"""
