"""Where examples come from, what they are for, and how they are augmented."""
