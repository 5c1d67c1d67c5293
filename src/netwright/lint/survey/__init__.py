"""One pass over the examples of a data set, and what it keeps of them for the rules."""
