"""Parts that are made when first asked for, once, and can be forgotten together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Part = TypeVar("Part")
PARTS: list[_lru_cache_wrapper[Any]] = []  # every one there is, by its maker


def once(make: Callable[..., Part]) -> _lru_cache_wrapper[Part]:
    """`functools.cache`, known to `forget_all`."""
    part = cache(make)
    PARTS.append(part)
    return part


def forget_all() -> None:
    """Every part is made anew when it is next asked for."""
    for part in PARTS:
        part.cache_clear()
