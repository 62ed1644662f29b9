"""The wrappers between an optimizer and a problem, one per module; each is an evaluator around another evaluator."""
