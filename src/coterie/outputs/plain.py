"""Dataclasses, arrays and dates as plain JSON values, and JSON whose bytes depend on the values alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np


def to_plain(value: Any) -> Any:  # noqa: ANN401  any value in, a JSON value out
    """Turn a value into what JSON can hold. NaN and infinities become None, arrays lists, dataclasses objects."""
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (int, float, np.generic)):
        return _number(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist())
    if isinstance(value, (frozenset, set)):
        return sorted(to_plain(inner) for inner in value)
    return [to_plain(inner) for inner in value]


def dump_json(value: Any) -> bytes:  # noqa: ANN401
    """JSON text in UTF-8, indented, NaN never in it."""
    text = json.dumps(to_plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", errors="backslashreplace")


def number_or_nan(value: float | None) -> float:
    """Give the float that JSON's null stood for."""
    return math.nan if value is None else float(value)


def _number(value: Any) -> Any:  # noqa: ANN401
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
