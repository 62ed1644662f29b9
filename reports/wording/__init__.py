"""How names, numbers and units are written."""
