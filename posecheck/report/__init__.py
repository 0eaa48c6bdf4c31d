"""What is shown and handed on of a report, of progress and of landmarks.

`style` is the one table of signs, words and colours. `terminal` prints; `figures`,
`progress_figures` and `progress_picker` plot; `canvas`, `overlay` and `annotate` draw on frames;
`html/` makes pages and what a notebook shows; `export/` writes files for other programs.
"""
