"""Facts about a network, before any training."""
