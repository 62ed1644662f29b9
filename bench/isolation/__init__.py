"""Separate processes for runs and searches."""
