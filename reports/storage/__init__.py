"""Runs and campaigns on disk: written, read back, and evaluated again."""
