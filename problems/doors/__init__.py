"""Conversions between mappings and their representations in other libraries, one library per module."""
