"""Recordings in and out.

`open` opens a video or a photo as a `Source` of `frames`. `file_checks` refuses what cannot be
read; `photo` reads stills; `video` reads recordings with `decoder`, and `hdr` maps their light
levels; `frame_selector` chooses the frames to analyse; `writer` writes H.264 video.
"""
