"""Records of arrays that compiled functions are lent: they are given an address, instead of all numbers of all arrays.

Numba passes a named tuple as what it is made of, seven numbers an array, to every function all over again; for records of
fifty arrays, which hold others, most of the time of compiling goes there. A record that is lent is one number, through
which compiled functions read its fields by name as they would those of the tuple. It is good for as long as the call.
"""

# mypy: disallow_untyped_calls=False, disallow_untyped_decorators=False
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, register_model, unbox
from numba.np import arrayobj
from numba.np.numpy_support import from_dtype

WORD = 8  # bytes
R = TypeVar("R", bound=tuple[Any, ...])


def lend(record: R) -> R:
    """Make of a record what compiled functions are given in its place.

    To Python it has no fields, but keeps the arrays alive.

    Args:
        record: a named tuple of arrays in C order, and of records of such.

    Returns:
        What to call a compiled function with, which reads fields by name as of the record.

    Raises:
        ValueError: when an array is in another order.
    """
    return cast(R, _Loan(record))


class Lent(types.Type):
    """The type of a record that is lent: its fields in order, each with the word at which it begins."""

    def __init__(self, title: str, fields: tuple[tuple[str, Any], ...]) -> None:
        """A record called `title` in messages."""
        self.fields = fields
        super().__init__(name=f"Lent({title}: {', '.join(f'{name}={kind}' for name, kind in fields)})")

    @property
    def words(self) -> int:
        """How many words the record takes."""
        return sum(_words(kind) for _, kind in self.fields)

    def place(self, name: str) -> int:
        """The word at which a field begins."""
        names = [known for known, _ in self.fields]
        return sum(_words(kind) for _, kind in self.fields[: names.index(name)])


def _words(kind: Any) -> int:
    """Words of a field: those of a record within, or where an array is and its shape."""
    return kind.words if isinstance(kind, Lent) else 1 + kind.ndim


class _Loan:
    """A record, its type, and the address of the words that say where its arrays are."""

    def __init__(self, record: tuple[Any, ...]) -> None:
        self._record = record
        self._words = np.array(list(_spelt(record)), dtype=np.uint64)
        self._numba_type_ = _kind(record)
        self.address = self._words.ctypes.data


def _kind(record: Any) -> types.Type:  # an array, or a record of what this takes
    if isinstance(record, np.ndarray):
        return types.Array(from_dtype(record.dtype), record.ndim, "C")
    fields = tuple((name, _kind(getattr(record, name))) for name in record._fields)
    return Lent(f"{type(record).__module__}.{type(record).__qualname__}", fields)


def _spelt(record: tuple[Any, ...]) -> Sequence[int]:
    words: list[int] = []
    for part in record:
        if not isinstance(part, np.ndarray):
            words.extend(_spelt(part))
        elif not part.flags.c_contiguous:
            raise ValueError("An array of a record that is lent is not in C order.")
        else:
            words.extend([part.__array_interface__["data"][0], *part.shape])
    return words


@register_model(Lent)
class _Model(models.OpaqueModel):
    """To the machine it is an address."""


@infer_getattr
class _Fields(AttributeTemplate):
    """The types of fields."""

    key = Lent

    def generic_resolve(self, lent: Lent, name: str) -> types.Type | None:  # type: ignore[override]
        return dict(lent.fields).get(name)


@lower_getattr_generic(Lent)
def _field(context: Any, builder: ir.IRBuilder, lent: Lent, address: ir.Value, name: str) -> ir.Value:
    """Code that reads a field: the address of a record within, or an array that nobody counts who holds it."""
    kind, place = dict(lent.fields)[name], lent.place(name)
    if isinstance(kind, Lent):
        return cgutils.pointer_add(builder, address, place * WORD)
    found = context.make_array(kind)(context, builder)
    size = context.get_value_type(types.intp)
    begin, *shape = (_load(builder, address, place + at, size) for at in range(1 + kind.ndim))
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [itemsize]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent, flags=("nsw",)))
    data = builder.inttoptr(begin, found.data.type)
    arrayobj.populate_array(found, data, shape, strides, itemsize, meminfo=None)
    return found._getvalue()


def _load(builder: ir.IRBuilder, address: ir.Value, place: int, kind: ir.Type) -> ir.Value:
    """Code that reads a word, which stays the same for as long as compiled code runs."""
    pointer = cgutils.pointer_add(builder, address, place * WORD, kind.as_pointer())
    word = builder.load(pointer)
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


@unbox(Lent)
def _unbox(_kind: Lent, loan: ir.Value, compiler: Any) -> NativeValue:
    number = compiler.pyapi.object_getattr_string(loan, "address")
    address = compiler.pyapi.long_as_voidptr(number)
    compiler.pyapi.decref(number)
    return NativeValue(address)
