"""phpwind 9 and 8.x."""
