"""One file for each rule, as `nw703_parameter_ignored.py`: its docstring is the page, `RULE` the check."""
