"""Moves: of one compiled type, whatever their kind."""

import numba

from optimizers.native.informed.moves import NOTHING, no_move


def test_a_move_that_does_nothing_is_compiled_as_any_other():
    assert no_move() == (NOTHING, 0, 0, 0, 0)
    (compiled,) = no_move.overloads.values()
    assert compiled.signature.return_type == numba.types.UniTuple(numba.int64, 5)
