"""Types of a kernel's arguments as text, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from numba import types


def spelled(signature: Iterable[Any]) -> str:
    """Return types as a Python expression, in which a named tuple's class has its bare name."""
    return f"({''.join(_spelled(one) + ', ' for one in signature)})"


def parsed(text: str, classes: Mapping[str, type]) -> tuple[Any, ...]:
    """Return the types that `spelled` made a text of, given the classes of named tuples."""
    names = {**vars(types), "bool": types.boolean, **classes}
    return tuple(eval(text, {"__builtins__": {}}, names))


def _spelled(one: Any) -> str:
    match one:
        case types.NamedTuple():
            return f"NamedTuple({spelled(one)}, {one.instance_class.__name__})"
        case types.NamedUniTuple():
            return (
                f"NamedUniTuple({_spelled(one.dtype)}, {one.count}, {one.instance_class.__name__})"
            )
        case types.UniTuple():
            return f"UniTuple({_spelled(one.dtype)}, {one.count})"
        case types.Tuple():
            return f"Tuple({spelled(one)})"
        case types.IntegerLiteral():
            return f"literal({one.literal_value})"
        case _:
            return repr(one)
