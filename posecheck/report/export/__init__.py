"""Landmarks and measures for other programs: CSV, Parquet, JSON, TRC, C3D, netCDF.

`LandmarkSeries.save` keeps a series for posecheck itself; an exported file is for others. `formats`
chooses by suffix; `tables`, `json`, `motion_capture` (TRC, C3D) and `netcdf` write the files;
`person_folder` writes everything kept of a person. docs/export.md tells what the files hold and how
other programs open them.
"""
