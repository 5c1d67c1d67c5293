"""One file for each layout of a data set on disk.

A layout has two functions, and so has one that another package adds (entry point `netwright.sources`):

    matches(path: Path) -> str                          why a folder is not of this layout; empty: it is
    stored(path: Path, reading: Reading) -> Stored      the data set

and `TASKS`, the names of the tasks that it has targets for.
"""
