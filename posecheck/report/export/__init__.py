"""Landmarks and measures for other programs: tables, JSON, TRC, C3D, netCDF.

`LandmarkSeries.save` keeps a series for posecheck itself; what is exported is for others. Each
kind of file has a module of its own, `formats` chooses by suffix, and docs/export.md tells what
stands in the files and how other programs open them.
"""

from posecheck.report.export.formats import export_landmarks, export_measures

__all__ = ["export_landmarks", "export_measures"]
