"""NodeBB, over its public JSON."""
