"""The terminal: tables, progress, and interruptions."""
