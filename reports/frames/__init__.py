"""Tidy data frames of stored campaigns."""
