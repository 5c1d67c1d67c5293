"""Facts about a network before any training, and the views that show them."""
