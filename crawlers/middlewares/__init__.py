"""Downloader middlewares: who may be asked, what robots.txt allows, and how often."""
