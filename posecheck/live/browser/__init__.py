"""The live coach in a browser.

`widget` is the notebook's cell and `page` the page of its own; both serve one `session`, whose
`worker` runs the engine. `messages` checks what comes from a browser, `client` makes what goes to
it at first; the script itself stands in `static`.
"""
