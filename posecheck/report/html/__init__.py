"""Pages to read, print and hand on: one HTML file each, that loads nothing from anywhere.

`session_page` is about one recording, `person_page` about somebody's sessions.
"""

from posecheck.report.html.person import person_page
from posecheck.report.html.session import session_page

__all__ = ["person_page", "session_page"]
