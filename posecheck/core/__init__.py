"""What every room uses and what uses none of them.

`errors` is the tree of errors, `files` reads and writes files safely, `limits` bounds how much of a
recording is read, `geometry` has the plane geometry of points, `wording` the fixed sentences.
"""
