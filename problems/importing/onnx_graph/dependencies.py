"""Which layers a layer needs, without those that others of them need anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from bench.errors import InvalidInput

MOST_BITS = 2**31
"""Memory for what all layers together need, directly or not: 256 MB."""

STEP_BITS = 500
"""What one step of the search counts as, so that the time is bounded too."""


class LayerSet(NamedTuple):
    """Some layers by number: ``start + i`` for every bit ``i`` of ``bits``."""

    start: int = 0
    bits: int = 0

    def above(self, number: int) -> Iterator[int]:
        """Those with a higher number, the highest first."""
        bits = self.bits >> max(number + 1 - self.start, 0)
        lowest = max(number + 1, self.start)
        while bits:
            highest = bits.bit_length() - 1
            yield lowest + highest
            bits ^= 1 << highest


NONE = LayerSet()


class Dependencies:
    """LayerSet in an order in which each follows those that it needs.

    Of each is kept which it needs, directly or not: all before ``start``, and of the others those in ``bits``. Behind
    a place through which everything goes, ``start`` says it all; that keeps long networks small.
    """

    def __init__(self) -> None:
        self._needed: list[LayerSet] = []
        self._spent = 0

    def add(self, needs: LayerSet) -> LayerSet:
        """A new layer, which needs those layers.

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
        """The layers of all ``sources`` that no other of them needs.

        None of ``sources`` holds a layer that another of its layers needs.

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
        """The layers that ``layer`` needs, as bits from the layer ``first`` on."""
        start, bits = self._needed[layer]
        if start <= first:
            return bits >> (first - start)
        return bits << (start - first) | (1 << start - first) - 1

    def _spend(self, bits: int) -> None:
        self._spent += bits
        if self._spent > MOST_BITS:
            actual = f"too many side by side, {len(self._needed):,} so far"
            raise InvalidInput("layers", expected="layers that mostly follow each other", actual=actual)
