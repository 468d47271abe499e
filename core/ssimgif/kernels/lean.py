"""How helpers of kernels are compiled that allocate nothing."""

from __future__ import annotations

from typing import Any

# Without reference counts. Counting the arrays of a named tuple, or views of rows, with atomic
# instructions would take up to two thirds of the time.
LEAN: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False, "forceinline": True}
