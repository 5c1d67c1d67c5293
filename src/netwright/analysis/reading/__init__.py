"""What each operation reads of its inputs: one rule per operation, in tables by what it does to the map."""
