"""From frames to landmarks: one person is found, followed and described by 33 landmarks.

- `estimate`: the public way from a recording to a `LandmarkSeries`. `parallel` and `worker` analyse
  the segments of a long recording side by side, `frame_results` joins what was found, and
  `progress_bar` shows how far it is.
- `tracker`: follows one person. `identity` tells this person from others, `scene_cuts` where a new
  shot begins, `augmentation` how far a landmark can be believed.
- `detector`: the protocol `PoseDetector`, and MediaPipe's. `sighting` is what goes in and comes
  out, `detector_pair` the two that the tracker runs, `silhouette` the outline of the trunk.
- `model`: the model's file.
"""
