"""The harness: campaigns, runs, their storage, and the ``m3e`` command.

``bench.errors``, ``bench.registry`` and ``bench.tomlfile`` are the foundation that every
package may import; they need only the standard library. Everything else here may import
``problems`` and ``optimizers``, never the other way round.
"""
