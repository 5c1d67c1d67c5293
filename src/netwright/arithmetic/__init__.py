"""Shape and window arithmetic on plain integers: no torch."""
