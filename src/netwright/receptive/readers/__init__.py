"""What each operation reads of its inputs, one file for each family of operations."""
