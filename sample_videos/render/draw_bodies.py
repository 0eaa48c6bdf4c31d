"""Draw people by a seed, as entries of bodies.toml.

    python draw_bodies.py --seed 11 --split tune --count 8 >> bodies.toml

Sex, age, weight and descent are dealt from decks of eight, so that eight people are as different as
they can be; the rest is drawn. Another seed gives other people, that nothing has been tuned on.
"""

from __future__ import annotations

import argparse

from chances import Chooser

GENDER = (((0.0, 0.12), 4), ((0.88, 1.0), 4))
AGE = (((0.58, 0.66), 2), ((0.66, 0.76), 2), ((0.76, 0.87), 2), ((0.87, 1.0), 2))
WEIGHT = (((0.32, 0.42), 2), ((0.42, 0.58), 3), ((0.58, 0.74), 2), ((0.74, 0.88), 1))
DESCENT = (("african", 2), ("asian", 3), ("caucasian", 3))
DRAWN = {
    "muscle": (0.3, 0.8),
    "height": (0.28, 0.52),
    "proportions": (0.3, 0.75),
    "cupsize": (0.3, 0.65),
    "firmness": (0.35, 0.6),
}
SKINS = {
    "african": ("brown", "dark", "very-dark"),
    "asian": ("light", "medium", "tan", "brown"),
    "caucasian": ("very-light", "light", "medium", "tan"),
}
COLOURS = {
    "african": ("black",),
    "asian": ("black", "brown"),
    "caucasian": ("brown", "chestnut", "blond", "red"),
}
GREY_FROM = 0.85  # age
STYLES = {True: ("bun", "ponytail", "short"), False: ("short", "buzz", "balding", "bald")}


def main() -> None:
    """Print the wanted people."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--split", required=True, help="what they are drawn for; names them, too")
    parser.add_argument("--count", type=int, default=8)
    options = parser.parse_args()
    print(f"\n# draw_bodies.py --seed {options.seed} --split {options.split}", end="")
    print(f" --count {options.count}")
    for number in range(options.count):
        print("\n" + entry(options.split, options.seed, number), end="")


def entry(split: str, seed: int, number: int) -> str:
    """One person in TOML."""
    choose = Chooser(seed, f"body/{split}", number)
    sliders = {"gender": choose.within("gender", GENDER), "age": choose.within("age", AGE)}
    sliders["weight"] = choose.within("weight", WEIGHT)
    sliders |= {name: choose.between(*limits) for name, limits in DRAWN.items()}
    descent = choose.card("descent", DESCENT)
    for other in SKINS:
        sliders[other] = choose.between(*((0.7, 1.0) if other == descent else (0.0, 0.35)))
    old = sliders["age"] > GREY_FROM
    colour = choose.one_of(("grey", "white") if old else COLOURS[descent])
    style = choose.one_of(STYLES[sliders["gender"] > 0.5])
    values = ", ".join(f"{name} = {round(value, 2)}" for name, value in sliders.items())
    return (
        f'[{split}-{number + 1}]\nsplit = "{split}"\nskin = "{choose.one_of(SKINS[descent])}"\n'
        f'hair = {{ style = "{style}", color = "{colour}" }}\nphenotype = {{ {values} }}\n'
    )


if __name__ == "__main__":
    main()
