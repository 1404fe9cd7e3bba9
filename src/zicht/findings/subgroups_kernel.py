"""Counting groups of persons by what they have in common, 64 persons at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

_Words = npt.NDArray[np.uint64]
_Numbers = npt.NDArray[np.int64]


@compiled
def slices(persons: _Words, flags: int) -> _Words:
    """Turn persons with a bit for each flag into flags with a bit for each person: flags × ceil(persons / 64)."""
    blocks = (len(persons) + 63) // 64
    turned = np.zeros((flags, blocks), np.uint64)
    block = np.zeros(64, np.uint64)
    for which in range(blocks):
        block[:] = 0
        held = min(64, len(persons) - 64 * which)
        block[:held] = persons[64 * which : 64 * which + held]
        # transpose 64 × 64 bits by exchanging ever smaller quarters (Warren, H.S., 2012, Hacker's Delight, 7-3)
        width, mask = np.uint64(32), np.uint64(0x00000000FFFFFFFF)
        while width:
            at = np.uint64(0)
            while at < np.uint64(64):
                other = at + width
                swap = ((block[at] >> width) ^ block[other]) & mask
                block[other] ^= swap
                block[at] ^= swap << width
                at = (other + np.uint64(1)) & ~width
            width >>= np.uint64(1)
            mask ^= mask << width
        for flag in range(flags):
            turned[flag, which] = block[flag]
    return turned


@compiled
def count(turned: _Words, groups: _Numbers, starts: _Numbers) -> _Numbers:
    """How many persons have all flags of a group.

    Args:
        turned: flags × blocks, as `slices` made them.
        groups: groups × depth: flags; a group of fewer repeats its last one.
        starts: strata + 1 blocks where the persons of each stratum begin.

    Returns:
        Groups × strata.
    """
    strata, depth = len(starts) - 1, groups.shape[1]
    result = np.zeros((len(groups), strata), np.int64)
    for group in range(len(groups)):
        first, second = turned[groups[group, 0]], turned[groups[group, min(1, depth - 1)]]
        third = turned[groups[group, depth - 1]]
        for stratum in range(strata):
            total = np.uint64(0)
            for at in range(starts[stratum], starts[stratum + 1]):
                word = first[at] & second[at] & third[at]
                word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
                word = (word & np.uint64(0x3333333333333333)) + (
                    (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
                )
                word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
                total += (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
            result[group, stratum] = total
    return result
