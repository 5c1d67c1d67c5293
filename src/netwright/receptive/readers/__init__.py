"""What each operation reads of its inputs, in one file for each family of operations; see `table`."""
