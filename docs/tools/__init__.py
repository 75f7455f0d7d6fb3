"""Tables of the documents that come from the code. `python -m docs.tools` writes, `--check` only compares."""
