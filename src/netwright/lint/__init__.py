"""Faults of networks and training scripts, each at the user's own line, with evidence and a fix."""
