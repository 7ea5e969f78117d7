"""Metrics of this process as Prometheus reads them, and of all documents as the manifest has them.

Workers that index documents are other processes, often short-lived: what they count is nowhere to
be scraped. But it is in the manifest, and is read from there when it is asked for.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from askbucket.clock import Clock, now_ms
from askbucket.entry import Entry
from askbucket.metrics import Metric

PREFIX = "askbucket_"
STALE_MS = 15_000  # Prometheus's usual interval: a scrape more often than that costs no reads
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # bounds of the histograms
NANO = 1_000_000_000


class PrometheusMetrics:
    """Counters and histograms of a registry of its own, each made when first counted."""

    def __init__(self, entries: Callable[[], Iterable[Entry]], clock: Clock = now_ms) -> None:
        """`entries` are the documents of the manifest, without those deleted."""
        self._registry = CollectorRegistry()
        self._registry.register(Documents(entries, clock))
        self._made: dict[str, Counter | Histogram] = {}
        self._lock = Lock()

    def count(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        metric.checked(dimensions)
        made = self._of(metric)
        if dimensions:
            made = made.labels(**dimensions)
        if isinstance(made, Histogram):
            made.observe(value)
        else:
            made.inc(value)

    def flush(self) -> None:
        """Prometheus comes for them."""

    def exposed(self) -> bytes:
        """The text format. Raises TryAgain where the manifest cannot be read."""
        return generate_latest(self._registry)

    def _of(self, metric: Metric) -> Counter | Histogram:
        with self._lock:
            if metric.name not in self._made:
                self._made[metric.name] = self._new(metric)
            return self._made[metric.name]

    def _new(self, metric: Metric) -> Counter | Histogram:
        name, labels = PREFIX + metric.name, [metric.dimension] if metric.dimension else []
        if metric.unit == "Seconds":
            return Histogram(name, metric.meaning, labels, registry=self._registry, buckets=SECONDS)
        return Counter(name, metric.meaning, labels, registry=self._registry)


class Documents:
    """A collector of gauges, all from one reading of the manifest."""

    def __init__(self, entries: Callable[[], Iterable[Entry]], clock: Clock) -> None:
        self._entries = entries
        self._clock = clock
        self._lock = Lock()
        self._read_at = 0
        self._found: tuple[Tally[str], Tally[str], Tally[str]] = Tally(), Tally(), Tally()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read when the collector is registered."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        documents, sums, dollars = self._fresh()
        for name, label, meaning, values in (
            ("documents_now", "status", "documents there are, by status", documents),
            ("document_dollars", "part", "US dollars paid for their versions", dollars),
        ):
            gauge = GaugeMetricFamily(PREFIX + name, meaning, labels=[label])
            for value, number in sorted(values.items()):
                gauge.add_metric([value], number)
            yield gauge
        for name, number in sorted(sums.items()):
            yield GaugeMetricFamily(f"{PREFIX}{name}_now", f"{name} of all documents", value=number)

    def _fresh(self) -> tuple[Tally[str], Tally[str], Tally[str]]:
        with self._lock:
            if self._clock() - self._read_at >= STALE_MS:
                self._found = _tallied(self._entries())
                self._read_at = self._clock()
            return self._found


def _tallied(entries: Iterable[Entry]) -> tuple[Tally[str], Tally[str], Tally[str]]:
    """Documents by status, sums of their pages and chunks, and dollars by what was paid."""
    documents: Tally[str] = Tally()
    sums = Tally(pages=0, ocr_pages=0, chunks=0)
    nano = Tally(ocr=0, embedding=0)
    for entry in entries:
        documents[str(entry.status)] += 1
        sums.update(pages=entry.pages, ocr_pages=entry.ocr_pages, chunks=entry.chunks)
        if entry.spent:
            nano.update(ocr=entry.spent.ocr, embedding=entry.spent.embedding)
    dollars: Tally[str] = Tally()
    dollars.update({part: paid / NANO for part, paid in nano.items()})
    return documents, sums, dollars
