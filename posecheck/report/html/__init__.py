"""HTML: pages to read, print and hand on, and what a notebook shows.

A page is one file that loads nothing from anywhere. `session` is about one recording, with
pictures from `key_frames`; `person` is about a person's sessions; `notebook` is what types show of
themselves in a notebook. All of them are filled templates: see `rendering` and `templates/`.
"""
