"""Long-lived spiders: one for each source, open until stopped."""
