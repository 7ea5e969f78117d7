"""No search without a tenant, and no route without its caller, can be written unnoticed.

mypy holds the types: a search takes a TenantFilter, which cannot be made without a tenant. Here the
places that may search are named, and every route must take the caller and hand them on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from fastapi.routing import APIRoute

from askbucket.stores.port import Filter, TenantFilter, VectorStore
from askbucket.stores.qdrant import QdrantStore
from lambdas.query.app import create_app

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "shared" / "python" / "askbucket"
SEARCHING = {
    "answer/visibility.py": {"search"},  # what readers get, checked
    "answer/summary/scope.py": {"contents"},  # the same, checked
    "ingest/staging.py": {"search"},  # whether an attempt's own points are found; shows nobody
}
STORES = {"store", "_store"}
FOR_ANYBODY = {"/health", "/metrics"}  # tell of no document; the latter to loopback alone


def searches(source: str) -> Iterator[tuple[str, int]]:
    """Calls of a store's searching methods, by whatever name the store goes there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ("search", "contents"):
            of = node.value
            name = of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")
            called = isinstance(of, ast.Call) and getattr(of.func, "attr", "") in STORES
            if name in STORES or called:
                yield node.attr, node.lineno


def loose_filters(source: str) -> list[int]:
    """Lines that make a tenant's filter elsewhere than from rights, or fake one."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "TenantFilter"
    ]


def faults_of(source: str, place: str) -> list[str]:
    allowed = SEARCHING.get(place, set())
    found = [f"{place}:{line} {name}" for name, line in searches(source) if name not in allowed]
    if place not in ("ownership.py", "ingest/staging.py"):
        found += [f"{place}:{line} TenantFilter" for line in loose_filters(source)]
    return found


def test_only_the_reader_s_check_and_staging_search_the_store() -> None:
    faults = [
        fault
        for path in PACKAGE.rglob("*.py")
        for fault in faults_of(path.read_text(), path.relative_to(PACKAGE).as_posix())
    ]
    assert faults == []


def test_the_places_named_here_do_search() -> None:
    for place, methods in SEARCHING.items():
        assert {name for name, _ in searches((PACKAGE / place).read_text())} == methods


@pytest.mark.parametrize(
    "offender",
    [
        "def f(self): return self._store.search(v, w, m, 5)",
        "def f(store): return store.contents(m, 5)",
        "def f():\n    find = wiring.store().search\n    return find(v, w, m, 5)",
        "m = TenantFilter('acme')",
        "m = port.TenantFilter(tenant)",
    ],
)
def test_a_planted_search_is_caught(offender: str) -> None:
    assert faults_of(offender, "answer/retrieval.py")


@pytest.mark.parametrize("store", [VectorStore, QdrantStore])
@pytest.mark.parametrize("method", ["search", "contents"])
def test_a_search_takes_a_tenant_s_filter_and_nothing_else(store: type, method: str) -> None:
    """mypy proves it of every caller; this proves what mypy is told."""
    assert get_type_hints(getattr(store, method))["matching"] is TenantFilter
    assert not issubclass(Filter, TenantFilter)


def test_there_is_no_filter_without_a_tenant() -> None:
    with pytest.raises(TypeError):
        TenantFilter()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="must name the tenant"):
        TenantFilter("")


# --- routes -------------------------------------------------------------------------------------


def hands_on(function: ast.AST) -> bool:
    """Whether a route takes `caller: Asking` and uses it."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = [*function.args.args, *function.args.kwonlyargs]
    takes = any(
        each.arg == "caller" and getattr(each.annotation, "id", "") == "Asking"
        for each in arguments
    )
    used = (node for step in function.body for node in ast.walk(step))
    return takes and any(isinstance(node, ast.Name) and node.id == "caller" for node in used)


def test_every_route_takes_its_caller_and_hands_them_on() -> None:
    routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
    assert len(routes) > 10
    careless = [
        route.path
        for route in routes
        if route.path not in FOR_ANYBODY and not hands_on(_function(route))
    ]
    assert careless == []


@pytest.mark.parametrize(
    "offender",
    [
        "def f(document_id: str): return entry(document_id)",
        "def f(caller: Asking): return entry()",
        "def f(caller: Caller): return entry(caller.tenant)",
        "def f(tenant: str): return entry(tenant)",
    ],
)
def test_a_planted_route_is_caught(offender: str) -> None:
    assert not hands_on(ast.parse(offender).body[0])


def _function(route: APIRoute) -> ast.AST:
    """The route's function in its source."""
    source = Path(route.endpoint.__code__.co_filename).read_text()
    return next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == route.endpoint.__name__
    )
