"""Words put into sentences: capitals, full stops, and texts that are too long to be shown."""

from __future__ import annotations


def capital(text: str) -> str:
    """With a capital in front."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """With a small letter in front, as in the middle of a sentence."""
    return text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    return capital(text) + ("" if text.endswith((".", "!", "?", "…")) else ".")


def shortened(text: str, longest: int) -> str:
    """A text on one line, cut off with an ellipsis where it is too long to be shown."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
