"""The formulas of the measures: each takes a body and a side and gives one value a frame.

`joints` and `distances` read a view from the side, `frontal` one from the front, from above or from
the feet, `rotations` the world landmarks, `back` the outline of the body. What the values mean
(zero, sign, views) stands in measures/catalogue.toml under the same names.
"""

from posecheck.measures.formulas import back, distances, frontal, joints, rotations

FORMULAS = {
    **joints.FORMULAS,
    **distances.FORMULAS,
    **frontal.FORMULAS,
    **rotations.FORMULAS,
    **back.FORMULAS,
}
