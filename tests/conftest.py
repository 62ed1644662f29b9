import os

from hypothesis import settings

# The first example of a test may compile the evaluator: no deadlines. On CI the examples are the same each time.
settings.register_profile("m3e", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("m3e")
