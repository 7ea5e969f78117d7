"""Filters of the REST API as filters of Qdrant Edge.

The two have the same conditions under the same names; what differs is that the REST API lets a
clause be one condition or a list, and joins ids and dates as JSON.
"""

from __future__ import annotations

from uuid import UUID

import numpy
import qdrant_edge as edge
from qdrant_client.http import models

from local.qdrant.errors import BadRequest, NotOffered, Unprocessable, refuse

MAX_INTEGER_ID = 2**64 - 1


def point_id(value: int | str | UUID) -> int | str:
    """The id as Qdrant spells it: an unsigned 64-bit integer or a hyphenated UUID."""
    if isinstance(value, int):
        if not 0 <= value <= MAX_INTEGER_ID:
            raise BadRequest(f"Format error: point id {value} is not within 0..{MAX_INTEGER_ID}")
        return value
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise BadRequest(
            f"Format error: point id `{value}` is neither an unsigned integer nor a UUID"
        ) from error


def edge_filter(given: models.Filter | None) -> edge.Filter | None:
    """The same filter for Edge; None stays None (every point matches)."""
    if given is None:
        return None
    return edge.Filter(
        must=_clause(given.must),
        should=_clause(given.should),
        must_not=_clause(given.must_not),
        min_should=_min_should(given.min_should),
    )


def stage_filter(given: models.Filter | None, without: int | str | None) -> edge.Filter | None:
    """The filter of a query or prefetch, which may leave out one point."""
    whole = edge_filter(given)
    if without is None:
        return whole
    return edge.Filter(
        must=None if whole is None else [whole], must_not=[edge.HasIdCondition({without})]
    )


def _clause(
    given: list[models.Condition] | models.Condition | None,
) -> list[edge.ConditionType] | None:
    if given is None:
        return None
    conditions = given if isinstance(given, list) else [given]
    return [_condition(condition) for condition in conditions]


def _min_should(given: models.MinShould | None) -> edge.MinShould | None:
    if given is None:
        return None
    if given.min_count < 1:
        raise Unprocessable(f"min_count: value {given.min_count} invalid, must be 1 or larger")
    conditions = [_condition(condition) for condition in given.conditions]
    return edge.MinShould(conditions, given.min_count)


def _condition(given: models.Condition) -> edge.ConditionType:  # noqa: PLR0911 - a table of kinds
    match given:
        case models.FieldCondition():
            return _field_condition(given)
        case models.Filter():
            return edge_filter(given) or edge.Filter()
        case models.HasIdCondition(has_id=ids):
            return edge.HasIdCondition({point_id(value) for value in ids})
        case models.IsEmptyCondition(is_empty=field):
            return edge.IsEmptyCondition(field.key)
        case models.IsNullCondition(is_null=field):
            return edge.IsNullCondition(field.key)
        case models.HasVectorCondition(has_vector=name):
            return edge.HasVectorCondition(name)
        case models.NestedCondition(nested=nested):
            return edge.NestedCondition(nested.key, edge_filter(nested.filter) or edge.Filter())
    raise NotOffered(f"The filter condition `{type(given).__name__}`")


def _field_condition(given: models.FieldCondition) -> edge.FieldCondition:
    refuse(given, "geo_bounding_box", "geo_radius", "geo_polygon")
    if given.model_fields_set <= {"key"}:
        raise Unprocessable(f"Field condition on `{given.key}`: at least one check is needed")
    return edge.FieldCondition(
        given.key,
        match=_match(given.match),
        range=_range(given.range),
        values_count=_values_count(given.values_count),
        is_empty=given.is_empty,
        is_null=given.is_null,
    )


def _match(given: models.Match | None) -> edge.MatchType | None:  # noqa: PLR0911 - a table of kinds
    match given:
        case None:
            return None
        case models.MatchValue(value=value):
            return edge.MatchValue(_match_value(value))
        case models.MatchAny(any=values):
            return edge.MatchAny(values)
        case models.MatchExcept(except_=values):
            return edge.MatchExcept(values)
        case models.MatchText(text=text):
            return edge.MatchText(text)
        case models.MatchTextAny(text_any=text):
            return edge.MatchTextAny(text)
        case models.MatchPhrase(phrase=phrase):
            return edge.MatchPhrase(phrase)
        case models.MatchPrefix(prefix=prefix):
            return edge.MatchPrefix(prefix)
        case models.MatchSubstring(substring=substring):
            return edge.MatchSubstring(substring)
    raise NotOffered(f"The match `{type(given).__name__}`")


def _match_value(value: bool | int | str) -> bool | int | str:
    """The value as Edge reads it: Edge 0.9 takes True for the integer 1, but numpy's for true."""
    if isinstance(value, bool):
        flag: bool = numpy.bool_(value)  # type: ignore[assignment]
        return flag
    return value


def _range(given: models.RangeInterface | None) -> edge.RangeType | None:
    if given is None:
        return None
    bounds = {name: getattr(given, name) for name in ("gte", "gt", "lte", "lt")}
    if isinstance(given, models.Range):
        return edge.RangeFloat(**bounds)
    return edge.RangeDateTime(
        **{name: bound and bound.isoformat() for name, bound in bounds.items()}
    )


def _values_count(given: models.ValuesCount | None) -> edge.ValuesCount | None:
    if given is None:
        return None
    return edge.ValuesCount(lt=given.lt, gt=given.gt, lte=given.lte, gte=given.gte)
