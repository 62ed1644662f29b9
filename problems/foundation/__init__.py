"""The foundation of all rooms: errors, registry, files, checks; it imports nothing of the suite."""
