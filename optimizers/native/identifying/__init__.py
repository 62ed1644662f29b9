"""Search of a black box by a model of it, which is identified from values."""
