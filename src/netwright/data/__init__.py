"""Where examples come from, what they are used for, and how they are augmented."""
