"""The values that the OpenAPI document shows as examples."""

UUID = "0b0f8a4e-6f0c-5b8e-9d53-0d3c9f6f2a11"
TRACE = "6a0d1c2e9f3b4a5d8c7e6f5a4b3c2d1e"
BOX = {"page": 3, "left": 0.12, "top": 0.41, "width": 0.76, "height": 0.02}
PLACE = {"id": UUID, "document": "leases/main street.pdf", "version": "3HL4kqtJ", "page": 3}
CITATION = PLACE | {
    "marker": 1,
    "quote": "The monthly rent is 1,577 euros.",
    "boxes": [BOX],
    "score": 0.83,
    "chunk_id": "c5a1",
}
HIT = PLACE | {
    "text": "The monthly rent is 1,577 euros.",
    "context": "Lease > Rent",
    "boxes": [BOX],
    "score": 0.83,
    "chunk_id": "c5a1",
    "duplicates": [],
}
ANSWER = {
    "answer": "The rent is 1,577 euros a month [1].",
    "answered": True,
    "citations": [CITATION],
    "model": "us.amazon.nova-lite-v1:0",
    "usage": {"input_tokens": 812, "output_tokens": 24, "usd": 0.0000545},
    "trace_id": TRACE,
    "stop": "end",
    "cached": False,
}
QUEUED = {"id": "9f86d081884c7d659a2feaa0c55ad015", "expires_at": 1_790_000_000_000}
QUEUED_ANSWER = QUEUED | {
    "status": "answered",
    "asked_at": 1_789_913_600_000,
    "reason": None,
    "answer": ANSWER,
    "callback": None,
}
SESSION = {
    "session_id": "kitchen-table",
    "expires_at": 1_790_000_000_000,
    "turns": [
        {
            "number": 1,
            "asked_at": 1_790_000_000_000,
            "question": "What is the monthly rent?",
            "rewritten": None,
            "answer": "The rent is 1,577 euros a month [1].",
            "answered": True,
            "cited": [{"id": UUID, "chunk_id": "c5a1"}],
        }
    ],
}
DOCUMENT = {
    "id": UUID,
    "document": "leases/main street.pdf",
    "version": "3HL4kqtJ",
    "active_version": "3HL4kqtJ",
    "status": "ready",
    "warnings": [],
    "pages": 4,
    "ocr_pages": 0,
    "chunks": 9,
    "embedded_chunks": 9,
    "size": 88213,
    "updated_at": 1_790_000_000_000,
    "outdated": False,
    "usd": {"ocr": 0.0, "embedding": 0.00004},
}
ATTEMPT = {"generation": 2, "finished": True, "trace_id": TRACE, "due_at": None}
STEP = {"at": 1_790_000_000_000, "step": "ready", "detail": "9 chunks", "generation": 2}
LINE = {
    "text": "The monthly rent is 1,577 euros.",
    "confidence": 1.0,
    "box": BOX,
    "heading": 0,
    "table": 0,
    "header": False,
}
QUESTION = {
    "question": "What is the monthly rent?",
    "top_k": 5,
    "filter": {"prefix": "leases/", "metadata": {"team": ["legal", "sales"]}},
}
STREAM = 'event: token\ndata: {"text": "The rent is"}\n\n'
