"""The best mappings and certificates known, an instance a file, with the history of records."""
