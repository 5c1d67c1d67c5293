"""One trained network on new files, and in the formats of other programs."""
