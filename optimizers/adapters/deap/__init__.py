"""DEAP's algorithms, assembled from its tools as its own loops and examples assemble them; one algorithm a file."""
