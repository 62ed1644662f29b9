"""Annealing that sees the job table: compiled, with an evaluation that takes up a mapping where a move changes it."""
