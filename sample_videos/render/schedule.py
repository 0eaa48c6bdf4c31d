"""Dealing choices evenly: a seed and an index give a choice, with no state in between.

A die leaves holes in a few hundred pictures. Here everything comes from shuffled decks, so that any
beginning of a list is balanced, and shot 17 is the same whether 20 or 2000 shots are made.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def stream(seed: int, name: str, number: int) -> np.random.Generator:
    """A random stream of its own for each name and number."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])


def deal(deck: Sequence[Item], seed: int, name: str, index: int) -> Item:
    """Card `index` of a pile of decks, each shuffled for itself."""
    rounds, place = divmod(index, len(deck))
    return deck[stream(seed, name, rounds).permutation(len(deck))[place]]


@dataclass(frozen=True)
class Turn:
    """Who does what in one shot; `visit` counts the shots of this stretch before it."""

    stretch: str
    form: str
    body: str
    visit: int


def turn(index: int, seed: int, forms: Mapping[str, Sequence[str]], bodies: Sequence[str]) -> Turn:
    """Shot `index` of an endless round-robin.

    Every round has each stretch once, on bodies as different as can be; every block of
    `len(bodies)` rounds has each stretch once with each body; after as many blocks as a stretch has
    forms, each body has done each of them once. No form comes again before all have come, as far
    as the bodies go round evenly.

    Parameters
    ----------
    forms : mapping of stretch to its forms
    bodies : sequence of names
    """
    stretches = sorted(forms)
    bodies = sorted(bodies)
    visit = index // len(stretches)
    stretch = deal(stretches, seed, "stretch", index)
    block, inner = divmod(visit, len(bodies))
    # A Latin square of stretches and bodies, shuffled anew for each block.
    row = stretches.index(stretch)
    start = deal(range(len(stretches)), seed, "start", block * len(stretches) + row)
    column = (inner + start) % len(bodies)
    body = deal(bodies, seed, "body", block * len(bodies) + column)
    # The same for bodies and forms; the order of the forms is shuffled when all have been done.
    own = forms[stretch]
    cycle, step = divmod(block, len(own))
    card = (bodies.index(body) + _shift(step, len(bodies), len(own))) % len(own)
    form = deal(own, seed, f"form/{stretch}", cycle * len(own) + card)
    return Turn(stretch, form, body, visit)


def _shift(step: int, n_bodies: int, n_forms: int) -> int:
    """Steps 0, 1, ... n_forms - 1 give each shift once; the next block begins where this ends."""
    before_it_repeats = n_forms // gcd(n_bodies, n_forms)
    return step * n_bodies + step // before_it_repeats
