"""What posecheck's figures come from: accuracy, risk, speed, and how often a verdict is wrong.

Each module is a command, run from the root of the repository: `python -m benchmarks.accuracy`.
`stills`, `readings`, `judged`, `clips` and `reported` read the rendered pictures that the others
count on; `tables` writes into the pages of docs, `figures` draws for the notebook.
"""
