"""What indexes documents: the sync of a key, the sweep, and hints to look at a key again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from askbucket import wiring
from askbucket.clock import now_ms
from askbucket.once import once

if TYPE_CHECKING:
    from askbucket.ingest.limits import Limits
    from askbucket.ingest.sweep import Sweep
    from askbucket.ingest.sync import Opener, Sync
    from askbucket.settings import Settings


@once
def sync() -> Sync:
    from askbucket.ingest.chunking import Chunker
    from askbucket.ingest.features import FeatureRules
    from askbucket.ingest.ocr import Textract
    from askbucket.ingest.recognition import Recognition
    from askbucket.ingest.sync import Sync

    of = wiring.settings()
    textract = Textract(wiring.client("textract"), of.ocr_topic_arn, of.ocr_role_arn)
    return Sync(
        bucket=wiring.bucket(),
        manifest=wiring.manifest(),
        artifacts=wiring.artifacts(),
        store=wiring.store(),
        embedder=wiring.embedder(),
        recognition=Recognition(
            textract, wiring.manifest(), of.artifacts_bucket, of.ocr_wait_minutes * 60_000, now_ms
        ),
        opener=_reader(of),
        chunker=Chunker(of.chunk_chars, of.chunk_overlap_chars),
        limits=limits(),
        clock=now_ms,
        features=FeatureRules.of(of.ocr_features),
        tracer=wiring.tracer(),
        ownership=wiring.ownership(),
        metrics=wiring.metrics(),
    )


def _reader(of: Settings) -> Opener:
    from askbucket.ingest.readers.reader import Reader, cores, seen_of
    from askbucket.ingest.readers.reader_process import ReaderLimits

    limits = ReaderLimits(of.reader_memory_mib, of.reader_open_seconds, of.reader_page_seconds)
    return Reader(limits, seen_of(os.environ), cores())


@once
def sweep() -> Sweep:
    from askbucket.ingest.sweep import Sweep

    return Sweep(
        wiring.bucket(), wiring.manifest(), wiring.store(), wiring.recipe(), limits(), send_hints
    )


def limits() -> Limits:
    from askbucket.ingest.limits import Limits

    return Limits(wiring.settings().max_file_bytes, wiring.settings().max_pages)


def send_hints(keys: Sequence[str]) -> None:
    """Asks the ingest function to look at the keys again. Raises TryAgain where SQS refuses."""
    from askbucket.ingest import hint_queue

    hint_queue.send(
        wiring.client("sqs"), wiring.settings().queue_url, wiring.settings().bucket, keys
    )
