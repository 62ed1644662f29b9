"""Adapters that put the optimizers of other libraries under the suite's contract, one module per library."""

from __future__ import annotations

from problems.foundation.errors import M3EError


class FallbackToRandom(M3EError):
    """A library reports that it falls back to random sampling for what it cannot model."""

    exit_code = 1
