"""What posecheck says about safety, in one place so that it is the same everywhere."""

from __future__ import annotations

BEFORE_FIRST_SESSION = (
    "Extreme pain, or pain that runs down a leg? Then see a doctor or a physical therapist before "
    "you start. Loss of bladder or bowel control, or numbness between the legs, needs urgent care."
)
WHILE_STRETCHING = (
    "Stop at sharp pain, or at pain unlike the feeling of a stretch, and call a doctor. Stretching "
    "must not make the back pain or other symptoms worse."
)
WHAT_THIS_IS = (
    "Camera estimates of angles, not a medical examination. Tell your doctor before you begin a "
    "new programme; your practitioner sets how it goes on."
)
EVERYTHING = (BEFORE_FIRST_SESSION, WHILE_STRETCHING, WHAT_THIS_IS)
