"""Metrics over a whole set, from integer counts: the result does not depend on batches or their order."""
