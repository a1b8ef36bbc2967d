"""Discuz! X2.5 – X3.5, UTF-8 and GBK."""
