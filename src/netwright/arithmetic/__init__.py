"""Arithmetic on shapes and windows, and the parsing of calls; needs no torch."""
