"""Alarms, the topic they speak to, the dashboard, and X-Ray."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from askbucket.metrics import METRICS, OURS
from infra.costs import idle_bill
from tests.infra.reading import actions, functions, named, resources, text

Template = dict[str, Any]
Synthesise = Callable[..., Template]
SIDES = {"Answer": "QuestionSide"}  # of a function, where it is not named after it
ALARM, BOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"
EVERYTHING = {"alarms": "all", "daily_usd_alarm": "20", "dashboard": "true"}
SERIES = {(m.name, v) for m in METRICS if m.namespace == OURS for v in m.values or ("",)}
AWS_METRICS = {
    "AWS/SQS": {m.name for m in METRICS if m.namespace == "AWS/SQS"},
    "AWS/Lambda": {"Errors", "Throttles"},
    "AWS/ApiGateway": {"5XXError", "Latency", "Count"},
}


def alarms(template: Template) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources(template, ALARM).values()]


def looked_at(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The metrics of an alarm, one or those of its expression."""
    if "MetricName" in alarm:
        yield alarm
    for part in alarm.get("Metrics", ()):
        if "MetricStat" in part:
            yield part["MetricStat"]["Metric"]


def test_every_alarm_looks_at_a_metric_there_is(synthesise: Synthesise) -> None:
    made = alarms(synthesise(**EVERYTHING))
    assert len(made) == 20
    for metric in (each for alarm in made for each in looked_at(alarm)):
        values = [dimension["Value"] for dimension in metric.get("Dimensions", ())]
        if metric["Namespace"] == "Askbucket":
            assert (metric["MetricName"], *values) in SERIES
        else:
            assert metric["MetricName"] in AWS_METRICS[metric["Namespace"]]
            assert values


def test_every_alarm_acts_and_says_what_to_do(synthesise: Synthesise) -> None:
    template = synthesise(**EVERYTHING)
    topic, _ = named(template, "AWS::SNS::Topic", "Gauges")
    for alarm in alarms(template):
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(alarm["AlarmDescription"]) <= 1024
        assert "`" in alarm["AlarmDescription"]


@pytest.mark.parametrize(
    ("queue", "what", "shown_by"),
    [
        ("Documents", "document", "askbucket doctor"),
        ("Completions", "Textract", "`ocr`"),
        ("Questions", "POST /questions", "`ticket_failed`"),
    ],
)
def test_a_queue_s_alarms_name_what_waits_there_and_what_shows_it(
    synthesise: Synthesise, queue: str, what: str, shown_by: str
) -> None:
    for kind in (f"Gauges{queue}Waiting", f"Gauges{queue}DeadLetters"):
        said = named(synthesise(**EVERYTHING), ALARM, kind)[1]["Properties"]["AlarmDescription"]
        assert what in said
        assert shown_by in said
        assert ("askbucket status" in said or "document" in said) is (queue != "Questions")


def test_by_default_one_alarm_tells_of_documents_given_up(template: Template) -> None:
    (alarm,) = alarms(template)
    given_up, _ = named(template, "AWS::SQS::Queue", "DocumentHintsDeadLetters")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert given_up in text(alarm["Dimensions"])
    assert not resources(template, BOARD)


def test_every_dead_letter_queue_can_be_watched(synthesise: Synthesise) -> None:
    template = synthesise(**EVERYTHING)
    queues = {k for k in resources(template, "AWS::SQS::Queue") if "DeadLetters" in k}
    watched = text([a["Dimensions"] for a in alarms(template) if a["Threshold"] == 0])
    assert len(queues) == 3
    assert all(queue in watched for queue in queues)


def test_alarms_of_this_account_alone_may_speak_to_the_topic(template: Template) -> None:
    topic, _ = named(template, "AWS::SNS::Topic", "Gauges")
    _, policy = named(template, "AWS::SNS::TopicPolicy", "Gauges")
    allowed = [
        statement
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    assert allowed[0]["Action"] == "sns:Publish"
    assert allowed[0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }
    assert template["Outputs"]["AlarmTopicArn"]["Value"] == {"Ref": topic}


def test_an_address_is_subscribed(synthesise: Synthesise) -> None:
    made = synthesise(alarm_email="me@example.org")
    mails = [
        each["Properties"]["Endpoint"]
        for each in resources(made, "AWS::SNS::Subscription").values()
        if each["Properties"]["Protocol"] == "email"
    ]
    assert mails == ["me@example.org"]


def test_no_alarms_make_no_topic(synthesise: Synthesise) -> None:
    made = synthesise(alarms="none")
    assert not resources(made, ALARM)
    assert len(resources(made, "AWS::SNS::Topic")) == 1


def test_without_metrics_no_alarm_waits_for_them(synthesise: Synthesise) -> None:
    made = synthesise(alarms="all", metrics="off")
    assert "DocumentsFailing" not in text(list(resources(made, ALARM)))


def test_an_alarm_costs_by_the_metrics_it_looks_at(synthesise: Synthesise) -> None:
    before = sum(item.dollars for item in idle_bill(synthesise()))
    dollars = sum(item.dollars for item in idle_bill(synthesise(daily_usd_alarm="20")))
    board = sum(item.dollars for item in idle_bill(synthesise(dashboard="true")))
    assert dollars == pytest.approx(before + 3 * 0.10)
    assert board == pytest.approx(before + 3.00)


def test_the_dashboard_shows_every_metric_there_is(synthesise: Synthesise) -> None:
    [board] = resources(synthesise(**EVERYTHING), BOARD).values()
    parts = board["Properties"]["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "x" for part in parts))
    rows = [row for each in body["widgets"] for row in each["properties"]["metrics"]]
    shown = {(row[1], row[3] if len(row) > 4 else "") for row in rows if row[0] == "Askbucket"}
    assert shown == SERIES
    assert {row[1] for row in rows if row[0] == "AWS/SQS"} == AWS_METRICS["AWS/SQS"]


def test_two_stacks_of_an_account_do_not_mix(synthesise: Synthesise) -> None:
    made = synthesise(stage="dev", alarms="all", daily_usd_alarm="5")
    for name in ("Ingest", "Query", "Stream"):
        variables = functions(made)[name]["Environment"]["Variables"]
        assert variables["ASKBUCKET_METRICS_NAMESPACE"] == "Askbucket-dev"
    ours = {m["Namespace"] for a in alarms(made) for m in looked_at(a)} - AWS_METRICS.keys()
    assert ours == {"Askbucket-dev"}
    [faults] = [a for a in alarms(made) if a.get("MetricName") == "5XXError"]
    assert {"Name": "ApiName", "Value": "Askbucket-dev"} in faults["Dimensions"]


def test_xray_is_a_switch(synthesise: Synthesise, template: Template) -> None:
    made = synthesise(xray="true")
    for name, function in functions(made).items():
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert "xray:PutTraceSegments" in actions(made, SIDES.get(name, f"{name}Side"))
        assert "TracingConfig" not in functions(template)[name]
    [stage] = resources(made, "AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["TracingEnabled"] is True


def test_the_log_s_level_reaches_every_function(synthesise: Synthesise) -> None:
    for function in functions(synthesise(log_level="warning")).values():
        assert function["Environment"]["Variables"]["ASKBUCKET_LOG_LEVEL"] == "warning"
