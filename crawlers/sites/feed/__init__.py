"""RSS and Atom."""
