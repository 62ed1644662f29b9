"""The layers that a layer needs, without those that others of them need anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from problems.foundation.errors import InvalidInput

MOST_BITS = 2**31
"""Most memory, 256 MB, for the sets of layers that all layers need, directly or not."""

STEP_BITS = 500
"""Bits that one step of the search counts as, so that the time is bounded too."""


class LayerSet(NamedTuple):
    """A set of layers by number: ``start + i`` for every bit ``i`` that is set in ``bits``."""

    start: int = 0
    bits: int = 0

    def above(self, number: int) -> Iterator[int]:
        """Yield the layers with a higher number, the highest first."""
        bits = self.bits >> max(number + 1 - self.start, 0)
        lowest = max(number + 1, self.start)
        while bits:
            highest = bits.bit_length() - 1
            yield lowest + highest
            bits ^= 1 << highest


NONE = LayerSet()


class Dependencies:
    """Layers in an order in which each follows those that it needs.

    For each layer the set of layers it needs, directly or not, is stored: all before ``start``, and those in ``bits``.
    After a layer through which everything passes, ``start`` suffices; that keeps the sets of long networks small.
    """

    def __init__(self) -> None:
        self._needed: list[LayerSet] = []
        self._spent = 0

    def add(self, needs: LayerSet) -> LayerSet:
        """Add a layer that needs the layers ``needs``, and return it.

        Raises:
            InvalidInput: If the graph is too wide.
        """
        direct = list(needs.above(-1))
        start = max((self._needed[layer].start for layer in direct), default=0)
        bits = reduce(or_, (1 << layer - start for layer in direct if layer >= start), 0)
        for layer in direct:
            bits |= self._needed[layer].bits >> (start - self._needed[layer].start)
        full = (~bits & (bits + 1)).bit_length() - 1  # ones at the low end
        self._needed.append(LayerSet(start + full, bits >> full))
        self._spend(self._needed[-1].bits.bit_length() + STEP_BITS * len(direct))
        return LayerSet(len(self._needed) - 1, 1)

    def nearest(self, sources: Iterable[LayerSet]) -> LayerSet:
        """Return the layers of all ``sources`` that no other of them needs.

        No single one of ``sources`` may hold a layer that another of its layers needs.

        Raises:
            InvalidInput: If the graph is too wide.
        """
        distinct = {each for each in sources if each.bits}
        if len(distinct) < 2:
            return distinct.pop() if distinct else NONE
        first, second = sorted(each.start for each in distinct)[:2]
        bits = reduce(or_, (each.bits << (each.start - first) for each in distinct))
        for each in distinct:
            for layer in each.above(second if each.start == first else first):
                bits &= ~self._needed_from(first, layer)
                self._spend(STEP_BITS)
        lowest = (bits & -bits).bit_length() - 1
        self._spend(bits.bit_length() - lowest)
        return LayerSet(first + lowest, bits >> lowest)

    def _needed_from(self, first: int, layer: int) -> int:
        """Return the layers that ``layer`` needs, as bits that count from the layer ``first``."""
        start, bits = self._needed[layer]
        if start <= first:
            return bits >> (first - start)
        return bits << (start - first) | (1 << start - first) - 1

    def _spend(self, bits: int) -> None:
        self._spent += bits
        if self._spent > MOST_BITS:
            actual = f"too many side by side, {len(self._needed):,} so far"
            raise InvalidInput("layers", expected="layers that mostly follow each other", actual=actual)
