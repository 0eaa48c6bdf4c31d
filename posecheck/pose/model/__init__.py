"""The model's file: found, fetched and made ready.

- `locate`: which file is meant, and the cache; `download` and `wheel` are the two ways to fetch it.
- `bundle`: the format of the file; `tflite` changes the networks in it.
"""
