"""Whole networks, one file for each family; each file registers its networks."""
