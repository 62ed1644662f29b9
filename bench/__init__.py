"""The harness: campaigns, runs, their storage, and the ``m3e`` command.

``bench.errors``, ``bench.registry``, ``bench.extras``, ``bench.tomlfile`` and ``bench.compiling`` are the
foundation that every package may import; at import they need only the standard library. Everything else here
may import ``problems`` and ``optimizers``, never the other way round.
"""
