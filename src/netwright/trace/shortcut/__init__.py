"""Shapes of frequent operations on the meta device, without torch's decompositions."""
