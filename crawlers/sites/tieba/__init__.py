"""Baidu Tieba, as a guest is served."""
