"""Scoring one file with an optimizer, whose code runs confined in a process of its own and is not trusted."""
