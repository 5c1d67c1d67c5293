"""One file a rule, `nw703_parameter_ignored.py`: its text is its page, its `RULE` what it looks for."""
