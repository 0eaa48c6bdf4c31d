"""Where the pose model is, under the name that scripts know: `posecheck.models.resolve_model`."""

from posecheck.pose.model.locate import resolve_model

__all__ = ["resolve_model"]
