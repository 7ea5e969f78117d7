"""The list of metrics, the README's table of it, and both ways of handing counts out."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from prometheus_client.parser import text_string_to_metric_families

from askbucket.emf import EmbeddedMetrics
from askbucket.entry import Entry, Spent
from askbucket.metrics import (
    CACHE,
    DOCUMENTS,
    DOLLARS,
    METRICS,
    OURS,
    PAGES,
    QUESTION_SECONDS,
    QUESTIONS,
    Metric,
)
from askbucket.models import Document, Status
from askbucket.prometheus import STALE_MS, PrometheusMetrics
from infra.costs import SERIES

README = Path(__file__).parents[2] / "README.md"
AT = 1_790_000_000_000
TEXT = {"type": "string", "minLength": 1}
UNITS = {"type": "string", "pattern": "^(Seconds|Count|None)$"}
# CloudWatch guide, "Embedded metric format specification": its JSON schema and its limits.
EMF: dict[str, Any] = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "properties": {
                            "Namespace": {**TEXT, "maxLength": 1024, "pattern": "^(?!AWS/)"},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {**TEXT, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "properties": {"Name": {**TEXT, "maxLength": 1024}}
                                    | {"Unit": UNITS},
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
OURS_ALONE = [metric for metric in METRICS if metric.namespace == OURS]


@st.composite
def counts(draw: st.DrawFn) -> tuple[Metric, int, dict[str, str]]:
    metric = draw(st.sampled_from(OURS_ALONE))
    value = draw(st.integers(0, 1000))
    if not metric.dimension:
        return metric, value, {}
    return metric, value, {metric.dimension: draw(st.sampled_from(metric.values))}


def written(*counted: tuple[Metric, float, dict[str, str]]) -> list[dict[str, Any]]:
    """The lines of one flush."""
    out = io.StringIO()
    metrics = EmbeddedMetrics("Askbucket", out, lambda: AT)
    for metric, value, dimensions in counted:
        metrics.count(metric, value, **dimensions)
    metrics.flush()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def read(lines: list[dict[str, Any]]) -> dict[tuple[str, ...], list[float]]:
    """What CloudWatch would make of the lines: values by name and dimension."""
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for line in lines:
        Draft7Validator(EMF).validate(line)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            [dimensions] = directive["Dimensions"]
            for metric in directive["Metrics"]:
                values = line[metric["Name"]]
                values = values if isinstance(values, list) else [values]
                assert 0 < len(values) <= 100
                found[metric["Name"], *(line[each] for each in dimensions)] += values
    return found


@given(st.lists(counts(), max_size=300))
def test_what_cloudwatch_reads_is_what_was_counted(
    counted: list[tuple[Metric, int, dict[str, str]]],
) -> None:
    wanted: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for metric, value, dimensions in counted:
        wanted[metric.name, *dimensions.values()].append(value)
    found = read(written(*counted))
    assert found.keys() == wanted.keys()
    units = {metric.name: metric.unit for metric in METRICS}
    for series, values in wanted.items():
        kept = units[series[0]] == "Seconds"
        assert found[series] == (values if kept else [sum(values)])


def test_a_usual_invocation_is_one_line() -> None:
    [line] = written(
        (DOCUMENTS, 1, {"status": "ready"}), (PAGES, 3, {}), (DOLLARS, 0.0015, {"part": "ocr"})
    )
    assert (line["status"], line["documents"], line["pages"], line["dollars"]) == (
        "ready",
        1,
        3,
        0.0015,
    )


def test_two_values_of_a_dimension_take_two_lines() -> None:
    parts = [(DOLLARS, 1, {"part": part}) for part in ("ocr", "embedding", "ocr")]
    assert read(written(*parts)) == {("dollars", "ocr"): [2], ("dollars", "embedding"): [1]}


def test_a_hundred_and_one_seconds_take_two_lines() -> None:
    lines = written(*[(QUESTION_SECONDS, n, {"part": "retrieval"}) for n in range(101)])
    assert len(lines) == 2
    assert len(read(lines)["question_seconds", "retrieval"]) == 101


def test_nothing_counted_writes_nothing() -> None:
    assert written() == []


def test_what_was_handed_out_is_not_handed_out_again() -> None:
    out = io.StringIO()
    metrics = EmbeddedMetrics("Askbucket", out, lambda: AT)
    metrics.count(CACHE, outcome="hit")
    metrics.flush()
    metrics.flush()
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    "dimensions",
    [{}, {"part": "ready"}, {"status": "queued"}, {"status": "ready", "part": "ocr"}],
)
def test_a_dimension_that_is_not_listed_is_refused(dimensions: dict[str, str]) -> None:
    """Each would be a series of its own, and might tell of a document."""
    metrics = EmbeddedMetrics("Askbucket", io.StringIO(), lambda: AT)
    with pytest.raises(ValueError, match="documents has no dimensions"):
        metrics.count(DOCUMENTS, **dimensions)


# --- Prometheus ---------------------------------------------------------------------------------


def entry(key: str, status: Status = Status.READY, **of: Any) -> Entry:
    return Entry(Document("b", key), "default", 1, 1, status=status, **of)


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """By name and values of labels, bounds of histograms left out."""
    families = text_string_to_metric_families(text.decode())
    return {
        (each.name, *each.labels.values()): each.value
        for family in families
        for each in family.samples
        if not each.name.endswith(("_bucket", "_created"))
    }


def test_prometheus_reads_counters_histograms_and_what_the_manifest_holds() -> None:
    # given
    entries = [
        entry("a", pages=3, ocr_pages=2, chunks=7, spent=Spent("v", 3_000_000, 20)),
        entry("b", chunks=1, spent=Spent("v", 0, 60)),
        entry("c", Status.FAILED),
    ]
    metrics = PrometheusMetrics(lambda: entries, lambda: AT)
    # when
    metrics.count(QUESTIONS, outcome="answered")
    metrics.count(QUESTIONS, outcome="answered")
    metrics.count(QUESTION_SECONDS, 0.3, part="retrieval")
    # then
    assert samples(metrics.exposed()) == {
        ("askbucket_questions_total", "answered"): 2,
        ("askbucket_question_seconds_count", "retrieval"): 1,
        ("askbucket_question_seconds_sum", "retrieval"): 0.3,
        ("askbucket_documents_now", "ready"): 2,
        ("askbucket_documents_now", "failed"): 1,
        ("askbucket_document_dollars", "ocr"): 0.003,
        ("askbucket_document_dollars", "embedding"): pytest.approx(8e-8),
        ("askbucket_pages_now",): 3,
        ("askbucket_ocr_pages_now",): 2,
        ("askbucket_chunks_now",): 8,
    }


def test_a_hurried_scraper_does_not_read_the_manifest_each_time() -> None:
    looks, now = [], [AT]

    def entries() -> list[Entry]:
        looks.append(now[0])
        return [entry(str(number)) for number in range(len(looks))]

    metrics = PrometheusMetrics(entries, lambda: now[0])
    for passed in (0, STALE_MS - 1, 1):
        now[0] += passed
        metrics.exposed()
    assert looks == [AT, AT + STALE_MS]
    assert samples(metrics.exposed())["askbucket_documents_now", "ready"] == 2


def test_every_metric_has_a_place_in_one_registry() -> None:
    metrics = PrometheusMetrics(list)
    for metric in OURS_ALONE:
        for value in metric.values or ("",):
            metrics.count(metric, 1, **({metric.dimension: value} if value else {}))
    names = {name for name, *_ in samples(metrics.exposed())}
    assert len(names) > len(OURS_ALONE)


# --- the list -----------------------------------------------------------------------------------


def metrics_table() -> str:
    """The README's table of metrics, as it must stand between its two markers."""
    rows = [f"| `{m.name}` | {m.unit} | {_dimension(m)} | {m.meaning} |" for m in METRICS]
    return "\n".join(["| metric | unit | dimension | counts |", "| --- | --- | --- | --- |", *rows])


def _dimension(metric: Metric) -> str:
    return f"{metric.dimension}: {', '.join(metric.values)}" if metric.values else ""


def test_the_readme_s_table_is_the_list() -> None:
    section = re.search(
        r"<!-- metrics -->\n(.*?)\n<!-- /metrics -->", README.read_text(), re.DOTALL
    )
    assert section, "README.md has no <!-- metrics --> section"
    assert section.group(1).strip() == metrics_table(), f"it must be:\n\n{metrics_table()}\n"


def test_the_price_of_all_series_is_told() -> None:
    assert sum(metric.series for metric in OURS_ALONE) == SERIES


def test_off_imports_neither_way() -> None:
    program = (
        "import sys; from askbucket import wiring; import lambdas.query.app as a; a.create_app();"
        "wiring.metrics().flush();"
        "print(sorted({'prometheus_client', 'askbucket.emf'} & sys.modules.keys()))"
    )
    variables = {"ASKBUCKET_BUCKET": "b", "ASKBUCKET_TABLE": "t", "ASKBUCKET_STORE": "s"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
