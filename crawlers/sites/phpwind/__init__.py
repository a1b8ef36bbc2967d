"""phpwind 9."""
