"""What the deployed stack costs a month, and what use costs: `askbucket cost`.

From the synthesised template and dated list prices of us-east-1, in US dollars and without free
tiers; those of models and OCR come from the package's prices.toml. A vector store outside the
stack is not counted.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra import price_list
from infra.idle_bill import Item, idle_bill, total
from infra.synthesis import synthesise as write_assembly
from infra.usage_bill import Typical, told, usage_rows

ROOT = Path(__file__).parent.parent
PRICES = ROOT / "layers" / "shared" / "python" / "askbucket" / "prices.toml"
EMBEDDERS = (
    ("amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2"),
    ("cohere.embed-multilingual-v3", "Cohere Embed v3"),
    ("cohere.embed-v4:0", "Cohere Embed v4"),
)
SERIES, SERIES_MONTH = 22, 0.30  # that the code may count (README, Metrics), and each one's price
CHAT = "amazon.nova-lite-v1:0"
RERANK = "amazon.rerank-v1:0"
# What costs more at rest: its name here, and the context that switches it on.
SWITCHES: Mapping[str, Mapping[str, str]] = {
    "`snapstart=true`": {"snapstart": "true"},
    "`waf=true`": {"waf": "true"},
    "`alarms=all`": {"alarms": "all"},
    "`dashboard=true`": {"dashboard": "true"},
    "`qdrant=ec2`": {"qdrant": "ec2"},
    "`callback_hosts=…`": {"callback_hosts": "hooks.example.com"},
    "a server's model in `chat_model` or `chat_models`": {
        "chat_models": "gpt@https://models.example.com/v1"
    },
    "`daily_usd_alarm=…`": {"daily_usd_alarm": "10"},
}

TEMPLATES = "*.template.json"  # of an assembly, one for each stack

Synthesise = Callable[[Mapping[str, str]], list[dict[str, Any]]]


def page(items: list[Item], added: Mapping[str, float]) -> str:
    """The bill, what switches add to it, and the prices of use, as Markdown."""
    more = [_table("switched on, a month more", added.items())] if added else []
    return "\n\n".join([_bill_table(items), *more, _table("in use", uses_of(PRICES))])


def usage(items: list[Item], typical: Typical) -> str:
    """What a team pays at rest and for use, as Markdown."""
    rows = [("idle, a month", total(items)), *usage_rows(PRICES, typical)]
    return f"{_table('a team pays', rows)}\n\n{told(PRICES, typical)}"


def dollars_added(synthesise: Synthesise, context: Mapping[str, str]) -> dict[str, float]:
    """Dollars a month that each switch adds to a stack of this context."""
    idle = total(idle_bill(*synthesise(context)))
    return {
        name: total(idle_bill(*synthesise({**context, **switch}))) - idle
        for name, switch in SWITCHES.items()
        if not switch.items() <= context.items()
    }


def uses_of(prices: Path) -> list[tuple[str, float]]:
    """What use costs, by the price list in this file."""
    listed = tomllib.loads(prices.read_text())
    ocr, embedding, chat = listed["ocr"], listed["embedding"], listed["chat"][CHAT]
    rerank = listed["rerank"][RERANK]
    return [
        ("1,000 scanned pages (Textract DetectDocumentText)", ocr["text"]),
        ("the same with their layout (AnalyzeDocument, as the next three)", ocr["layout"]),
        ("the same with their tables", ocr["tables"]),
        ("the same with their forms", ocr["forms"]),
        ("the same with tables and forms", ocr["tables-forms"]),
        ("1,000 born-digital pages (their text layer is read)", 0.0),
        *((f"1 million tokens embedded ({name})", embedding[model]) for model, name in EMBEDDERS),
        ("1 million tokens of prompt (Nova Lite)", chat["input"]),
        ("1 million tokens of answer (Nova Lite)", chat["output"]),
        (f"1 series of metrics, in every hour of a month (there are {SERIES})", SERIES_MONTH),
        ("1,000 questions reranked (Amazon Rerank, where it is switched on)", rerank),
        *((each.unit, each.dollars) for each in (*price_list.KEPT, *price_list.USES)),
    ]


def _bill_table(items: list[Item]) -> str:
    rows = _table("idle, a month", [(item.what, item.dollars) for item in items])
    return f"{rows}\n| **together** | **${total(items):.2f}** |"


def _table(title: str, rows: Any) -> str:
    lines = [f"| {what} | ${dollars:.2f} |" for what, dollars in rows]
    return "\n".join([f"| {title} | |", "| --- | ---: |", *lines])


def synthesised(context: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every stack's template. Raises SynthesisFailed with what app.py printed."""
    with tempfile.TemporaryDirectory(prefix="askbucket-cost-") as folder:
        write_assembly(Path(folder), {"layers": "venv", **context})
        return [json.loads(path.read_text()) for path in sorted(Path(folder).glob(TEMPLATES))]
