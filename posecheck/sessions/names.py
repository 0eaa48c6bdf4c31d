"""What people write about themselves: any text, but text only."""

from __future__ import annotations

import hashlib
import unicodedata

from posecheck.core.errors import UsageError

LONGEST_NAME = 10_000
_LONGEST_NOTE = 100_000
# Control characters, halves of characters, ends of lines and paragraphs.
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}


def clean_name(name: str) -> str:
    """A person's name as it is stored: the same letters however they were typed.

    Raises
    ------
    UsageError
        When it is empty, too long, or holds what cannot be shown.
    """
    return _clean(name, "the name", may_hold="", longest=LONGEST_NAME) or _refuse_empty()


def clean_note(note: str, what: str = "the note") -> str:
    """A remark as it is stored; it may have several lines."""
    return _clean(note.replace("\r\n", "\n"), what, may_hold="\n\t", longest=_LONGEST_NOTE)


def name_key(name: str) -> str:
    """What a clean name is found by."""
    return hashlib.sha256(name.encode()).hexdigest()


def _clean(text: str, what: str, *, may_hold: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    for letter in text:
        if unicodedata.category(letter) in _NO_TEXT and letter not in may_hold:
            raise UsageError(
                f"{what} holds the character {letter!a}, which cannot be shown",
                hint="Leave it out.",
            )
    if len(text) > longest:
        raise UsageError(
            f"{what} has {len(text)} characters, more than {longest}", hint="Shorten it."
        )
    return text


def _refuse_empty() -> str:
    raise UsageError("the name is empty", hint="Say who it is, for instance `me`.")
