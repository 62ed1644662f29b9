"""DEAP's algorithms, assembled from its tools as in its own loops and examples; one algorithm per module."""
