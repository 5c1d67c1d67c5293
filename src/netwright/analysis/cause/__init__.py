"""What can go wrong in a forward pass, one file for each family of operations."""
