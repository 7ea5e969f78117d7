"""Follow-up questions written for these tests: what was asked before, and what must come of them.

`wanted` are the content words that the question must have to be found by, `unwanted` those of the
last question that it must have left behind. None is this program's: any rewriter can be held to it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialogue:
    last: str
    follow_up: str
    wanted: str
    unwanted: str = ""


SHED = "How much is the deposit for boat shed B?"
REVENUE = "What was the revenue in 2022?"
BRIDGE = "Who inspected the bridge?"
TENANCY = "What is the notice period of the tenancy?"
POLICY = "What does policy 12 cover?"
MARGIN = "What was the operating margin of Siemens in 2020?"
BERTH = "Was kostet ein Liegeplatz im Sommer?"
MIETE = "Wie hoch ist die Miete der Wohnung in Bonn?"
FEST = "Wann beginnt das Sommerfest im Hafen?"

FOLLOW_UPS = (
    Dialogue(SHED, "And boat shed C?", "deposit boat shed C", "B"),
    Dialogue(SHED, "And for shed A?", "deposit boat shed A", "B"),
    Dialogue(SHED, "What about shed D?", "deposit shed D", "B"),
    Dialogue(SHED, "How large is it?", "large boat shed B"),
    Dialogue(SHED, "And the yearly fee?", "yearly fee boat shed B"),
    Dialogue(SHED, "When is it paid back?", "paid deposit boat shed B"),
    Dialogue(SHED, "Why?", "deposit boat shed B"),
    Dialogue(REVENUE, "And in 2021?", "revenue 2021", "2022"),
    Dialogue(REVENUE, "How about 2019?", "revenue 2019", "2022"),
    Dialogue(REVENUE, "Why did it fall?", "fall revenue 2022"),
    Dialogue(REVENUE, "And the net profit?", "net profit 2022"),
    Dialogue(BRIDGE, "When did she do it?", "inspected bridge"),
    Dialogue(BRIDGE, "What did he find there?", "find inspected bridge"),
    Dialogue(BRIDGE, "And who repaired it?", "repaired bridge"),
    Dialogue(
        "Who manages the London office?",
        "And the Berlin office?",
        "manages Berlin office",
        "London",
    ),
    Dialogue(
        "Who manages the office in London?", "And in Berlin?", "manages office Berlin", "London"
    ),
    Dialogue("What does Maria earn?", "And Peter?", "Peter earn", "Maria"),
    Dialogue(
        "What does the contract say about pets?",
        "Does it allow subletting?",
        "contract allow subletting",
    ),
    Dialogue("Which sheds have a slipway?", "Which of them are free?", "sheds slipway free"),
    Dialogue("How is the oven cleaned?", "How often should that be done?", "oven cleaned often"),
    Dialogue(MIETE, "Und in Köln?", "Miete Wohnung Köln", "Bonn"),
    Dialogue(MIETE, "Und die Kaution?", "Kaution Wohnung Bonn"),
    Dialogue(MIETE, "Wann ist sie fällig?", "fällig Miete Wohnung Bonn"),
    Dialogue(MIETE, "Wie groß ist sie?", "groß Wohnung Bonn"),
    Dialogue(MIETE, "Warum?", "Miete Wohnung Bonn"),
    Dialogue(MIETE, "Was kostet dort ein Stellplatz?", "kostet Stellplatz Bonn"),
    Dialogue(FEST, "Und das Winterfest?", "Winterfest beginnt"),
    Dialogue(FEST, "Wer hat es organisiert?", "organisiert Sommerfest"),
    Dialogue(FEST, "Wie lange dauert es?", "dauert Sommerfest"),
    Dialogue(FEST, "Was ist mit dem Parken?", "Parken Sommerfest Hafen"),
    Dialogue("Wie hoch war der Umsatz 2022?", "Und 2021?", "Umsatz 2021", "2022"),
    Dialogue(TENANCY, "And for garages?", "notice period garages"),
    Dialogue("How many members does the club have?", "How many of them are children?", "club"),
    Dialogue("When was the bridge built?", "By whom?", "bridge built"),
    Dialogue(POLICY, "Does it cover flood damage?", "policy 12 cover flood damage"),
    Dialogue(POLICY, "What about policy 14?", "policy 14 cover", "12"),
    Dialogue("Which invoices are unpaid?", "Who sent them?", "invoices unpaid sent"),
    Dialogue(MARGIN, "And of Bosch?", "operating margin Bosch 2020", "Siemens"),
    Dialogue(MARGIN, "Was that higher than in 2019?", "operating margin Siemens higher 2019"),
    Dialogue("Who is the treasurer?", "What is her email address?", "treasurer email address"),
    Dialogue(
        "How long is the warranty on the pump?", "And on the motor?", "warranty motor", "pump"
    ),
    Dialogue("Wie lange gilt die Garantie der Pumpe?", "Und die des Motors?", "Garantie Motors"),
    Dialogue("Wer hat den Vertrag unterschrieben?", "Wann?", "Vertrag unterschrieben"),
    Dialogue(BERTH, "Und im Winter?", "kostet Liegeplatz Winter", "Sommer"),
    Dialogue(BERTH, "Gibt es dafür Rabatt?", "Liegeplatz Rabatt"),
    Dialogue("Wie viele Mitglieder hat der Verein?", "Wie viele davon sind Kinder?", "Mitglieder"),
    Dialogue("Wer leitet den Verein?", "Seit wann macht er das?", "leitet Verein"),
)

STANDING = (
    Dialogue(SHED, "Who inspected the bridge in 2025?", ""),
    Dialogue(SHED, "Is there a budget for the solar panels?", ""),
    Dialogue(REVENUE, "Who says that the rent is due on Monday?", ""),
    Dialogue(BRIDGE, "What is the opening time of the harbour office?", ""),
    Dialogue(MIETE, "Wann beginnt das Sommerfest im Hafen?", ""),
    Dialogue(FEST, "Gibt es einen Stellplatz für Anhänger?", ""),
    Dialogue(REVENUE, "What is the notice period of garages?", ""),
    Dialogue(REVENUE, "Who sent the unpaid invoices?", ""),
    Dialogue(REVENUE, "Is it allowed to keep pets in the flat?", ""),
    Dialogue(MIETE, "Wie lange dauert es, bis der Antrag bearbeitet ist?", ""),
    Dialogue(MIETE, "Können Sie die Öffnungszeiten der Werkstatt nennen?", ""),
    Dialogue(FEST, "Haben Sie Boote mit Motor im Verleih?", ""),
)
