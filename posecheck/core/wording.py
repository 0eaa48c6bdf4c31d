"""Fixed sentences about safety, and words put into sentences: capitals, full stops, lengths."""

from __future__ import annotations

# What posecheck says about safety, in one place so that it is the same everywhere.
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


def capital(text: str) -> str:
    """With a capital in front.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """With a small letter in front, as in the middle of a sentence.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return capital(text) + ("" if text.endswith((".", "!", "?", "…")) else ".")


def shortened(text: str, longest: int) -> str:
    """A text on one line, cut off with an ellipsis where it is too long to be shown.

    Parameters
    ----------
    text : str
    longest : int
        Letters.

    Returns
    -------
    str
    """
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
