"""What a processor can do with memory and numba has no word for: ask for it early.

Rows that lie far apart each cost a wait of some hundred steps when they are needed. Asked for a block at a time, the waits overlap.
"""

# mypy: disallow_untyped_calls=False, disallow_untyped_decorators=False
from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

LINE = 64
"""How many bytes come at a time."""

_TO_WRITE, _NEAREST, _DATA = 1, 3, 1


def _asking(_: Any, array: Any, row: Any, byte: Any) -> Any:  # noqa: ARG001 - numba gives the type of each
    """The type of `ask_for`, and what makes its code."""

    def make(context: Any, builder: Any, _: Any, given: Any) -> Any:
        whole = context.make_array(array)(context, builder, given[0])
        offset = builder.add(builder.mul(given[1], builder.extract_value(whole.strides, 0)), given[2])
        bytes_ = ir.IntType(8).as_pointer()
        place = builder.gep(builder.bitcast(whole.data, bytes_), [offset])
        number = ir.IntType(32)
        asked = builder.module.declare_intrinsic(
            "llvm.prefetch", [bytes_], ir.FunctionType(ir.VoidType(), [bytes_, number, number, number])
        )
        builder.call(asked, [place, *(ir.Constant(number, one) for one in (_TO_WRITE, _NEAREST, _DATA))])
        return context.get_dummy_value()

    return types.none(array, types.uint64, types.uint64), make


ask_for = cast(Callable[[npt.NDArray[Any], np.uint64, int | np.uint64], None], intrinsic(_asking))
"""Ask for the part of a row of an array (`row`) that lies some bytes (`byte`) from its begin; nothing changes, and the answer is nothing.

For use in compiled functions only. A row that does not exist does no harm: the request is left undone.
"""
