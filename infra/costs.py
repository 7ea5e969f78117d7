"""What the deployed stack costs, from its own template: `python -m infra.costs`.

List prices of us-east-1 in US dollars, without free tiers, as of August 2026; those of models and
OCR come from the package's prices.toml. The vector store is not part of the stack and not counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.qdrant_costs import host_month

ROOT = Path(__file__).parent.parent

MONTH_SECONDS = 730 * 3600
SECRET_MONTH = 0.40
SQS_PER_MILLION = 0.40
POLLERS, LONG_POLL_SECONDS = 5, 20  # Lambda's idle pollers of one queue, and their wait
ARM_GB_SECOND = 0.0000133334
REQUESTS_PER_MILLION = 0.20
SCHEDULED_SECONDS = 2  # of a warm-up and one query of an empty index
LOG_BYTES, LOG_GB = 500, 0.50  # of a scheduled run, and CloudWatch's price to take a gigabyte
ALARM_METRIC_MONTH, DASHBOARD_MONTH = 0.10, 3.00  # an alarm costs by the metrics it looks at
SERIES, SERIES_MONTH = 22, 0.30  # that the code may count (README, Metrics), and each one's price
RATES = {"rate(1 day)": 86400, "rate(5 minutes)": 300}
PRICES = ROOT / "layers" / "shared" / "python" / "askbucket" / "prices.toml"
WAF_ACL, WAF_RULE, WAF_PER_MILLION = 5.00, 1.00, 0.60  # a month, a month, requests
USER_MONTH = 0.015  # a user who signs in within it, in Cognito's Essentials plan
COUNTED_MILLION = 0.625  # DynamoDB's conditional writes on demand
EMBEDDERS = (
    ("amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2"),
    ("cohere.embed-multilingual-v3", "Cohere Embed v3"),
    ("cohere.embed-v4:0", "Cohere Embed v4"),
)
CHAT = "amazon.nova-lite-v1:0"
RERANK = "amazon.rerank-v1:0"


@dataclass(frozen=True)
class Item:
    """A line of the bill, in dollars a month."""

    what: str
    dollars: float


def idle_bill(template: dict[str, Any]) -> list[Item]:
    """What a month costs in which nobody uploads or asks anything."""
    secrets = _count(template, "AWS::SecretsManager::Secret")
    queues = _count(template, "AWS::Lambda::EventSourceMapping")
    polls = queues * POLLERS * MONTH_SECONDS / LONG_POLL_SECONDS
    runs = sum(MONTH_SECONDS / RATES[rate] for rate in _schedules(template))
    watched = sum(_metrics_of(alarm) for alarm in _all(template, "AWS::CloudWatch::Alarm"))
    boards = _count(template, "AWS::CloudWatch::Dashboard")
    compute = runs * SCHEDULED_SECONDS * ARM_GB_SECOND + runs * REQUESTS_PER_MILLION / 1e6
    return [
        Item(f"{secrets} secrets", secrets * SECRET_MONTH),
        Item(f"{polls / 1e6:.1f} million polls of {queues} queues", polls * SQS_PER_MILLION / 1e6),
        Item(f"{runs:,.0f} scheduled runs", compute),
        Item("their logs", runs * LOG_BYTES * LOG_GB / 1e9),
        Item(f"alarms on {watched} metrics", watched * ALARM_METRIC_MONTH),
        *([Item(f"{boards} dashboard", boards * DASHBOARD_MONTH)] if boards else []),
    ]


def switches(template: dict[str, Any]) -> list[Item]:
    """What a template's web ACL adds to the bill, and what other switches add with use."""
    acls = (r for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::WebACL")
    rules = sum(len(acl["Properties"]["Rules"]) for acl in acls)
    return [
        Item(f"`waf=true`: a web ACL of {rules} rules, a month", WAF_ACL + rules * WAF_RULE),
        Item("`waf=true`: 1 million requests", WAF_PER_MILLION),
        Item("`auth=jwt`: 1,000 users of the stack's own pool, a month", 1000 * USER_MONTH),
        Item("`caller_per_minute`: 1 million requests counted", COUNTED_MILLION),
    ]


def switches_table(items: list[Item]) -> str:
    """The same as Markdown."""
    rows = [f"| {item.what} | ${item.dollars:.2f} |" for item in items]
    return "\n".join(["| by switch | |", "| --- | ---: |", *rows])


def table(items: list[Item]) -> str:
    """The bill and the prices of use as Markdown."""
    rows = [f"| {item.what} | ${item.dollars:.2f} |" for item in items]
    total = sum(item.dollars for item in items)
    uses = [f"| {what} | ${dollars:.2f} |" for what, dollars in uses_of(PRICES)]
    head = ["| idle, a month | |", "| --- | ---: |"]
    return "\n".join(
        [*head, *rows, f"| **together** | **${total:.2f}** |", "", "| in use | |", head[1], *uses]
    )


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
        ("a month of a Qdrant host (where `-c qdrant=ec2` switched it on)", host_month()),
    ]


def _all(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in template["Resources"].values() if each["Type"] == kind]


def _count(template: dict[str, Any], kind: str) -> int:
    return len(_all(template, kind))


def _metrics_of(alarm: dict[str, Any]) -> int:
    """One, or as many as its expression is made of."""
    parts = alarm["Properties"].get("Metrics", [{"MetricStat": {}}])
    return sum("MetricStat" in part for part in parts)


def _schedules(template: dict[str, Any]) -> list[str]:
    rules = (r for r in template["Resources"].values() if r["Type"] == "AWS::Events::Rule")
    return [
        rule["Properties"]["ScheduleExpression"]
        for rule in rules
        if "ScheduleExpression" in rule["Properties"]
    ]


def main() -> None:
    bill = table(idle_bill(_template()))
    sys.stdout.write(f"{bill}\n\n{switches_table(switches(_template(waf='true')))}\n")


def _template(**context: str) -> dict[str, Any]:
    from infra.synthesis import synthesise

    with tempfile.TemporaryDirectory() as folder:
        synthesise(Path(folder), {"layers": "venv", **context})
        made: dict[str, Any] = json.loads((Path(folder) / "Askbucket.template.json").read_text())
    return made


if __name__ == "__main__":
    main()
