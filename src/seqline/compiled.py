"""Loops over characters and words, compiled to machine code by Numba when they are first called.

They look like plain Python, know only numbers and arrays, and run a hundred times as fast; what is compiled is kept on
disk for the next process.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a function whose arguments and result are numbers and arrays.

    Whole numbers are unsigned 64 bits wide only where every operand is; mixed with a signed one they become floats.
    """
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))
