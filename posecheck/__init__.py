"""posecheck: checks the form of lower-back stretches and says what it could not see.

    >>> import posecheck as pc
    >>> report = pc.check("clip.mp4", stretch="legs-up-the-wall")  # doctest: +SKIP

The public names stand in `__init__.pyi`. They load when they are first used, so that
`import posecheck` is quick.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
