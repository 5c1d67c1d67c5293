"""What can go wrong in a forward pass: one file a family of operations, each explanation in one table."""
