"""What the near-duplicate filings say: two invented companies, two years, one form of words.

Only names and figures tell the four apart, so that a question has to find the right one among them.
Any likeness to real companies is accidental.
"""

from __future__ import annotations

from dataclasses import dataclass

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Filing:
    """One annual report. Money is in thousands of pounds."""

    company: str
    year: int
    business: str
    staff: int
    sites: str
    chair: str
    auditor: str
    income: Rows
    segments: Rows
    debt: str
    dividend: str
    risk: str
    outlook: str

    @property
    def key(self) -> str:
        return f"{self.company.lower().replace(' ', '-')}-annual-report-{self.year}.pdf"


NORWICK = (
    "Norwick Instruments makes flow meters, level gauges and valves for water works and breweries. "
    "It sells through its own engineers in the United Kingdom and through dealers elsewhere."
)
CALDER = (
    "Calder Vale Foods makes oat drinks, breakfast cereals and baking mixes for supermarkets and "
    "canteens. It sells under its own name and under the names of its customers."
)

FILINGS = [
    Filing(
        company="Norwick Instruments",
        year=2023,
        business=NORWICK,
        staff=412,
        sites="Norwick and Hexley",
        chair="Alan Threlkeld",
        auditor="Marsh Bowyer LLP",
        income=[
            ["Revenue", "61,480", "57,935"],
            ["Cost of sales", "(35,207)", "(33,810)"],
            ["Gross profit", "26,273", "24,125"],
            ["Research and development", "(5,118)", "(4,402)"],
            ["Administration", "(12,066)", "(11,790)"],
            ["Operating profit", "9,089", "7,933"],
            ["Net finance cost", "(1,274)", "(866)"],
            ["Profit before tax", "7,815", "7,067"],
        ],
        segments=[
            ["Flow meters", "34,120", "5,903"],
            ["Level gauges", "18,305", "2,411"],
            ["Valves", "9,055", "775"],
        ],
        debt="a loan of 14,500 with Tyne Mercantile Bank, due in March 2027, at 5.4 per cent",
        dividend="6.2 pence a share, paid on 14 June 2024",
        risk="A single foundry in Asturias casts every valve body; a fire there would stop the "
        "valves segment for about five months.",
        outlook="The board expects revenue to grow by 4 to 6 per cent in 2024 and will move the "
        "gauge line from Hexley to Norwick.",
    ),
    Filing(
        company="Norwick Instruments",
        year=2024,
        business=NORWICK,
        staff=437,
        sites="Norwick",
        chair="Alan Threlkeld",
        auditor="Marsh Bowyer LLP",
        income=[
            ["Revenue", "64,912", "61,480"],
            ["Cost of sales", "(36,555)", "(35,207)"],
            ["Gross profit", "28,357", "26,273"],
            ["Research and development", "(6,240)", "(5,118)"],
            ["Administration", "(12,871)", "(12,066)"],
            ["Operating profit", "9,246", "9,089"],
            ["Net finance cost", "(1,105)", "(1,274)"],
            ["Profit before tax", "8,141", "7,815"],
        ],
        segments=[
            ["Flow meters", "37,468", "6,377"],
            ["Level gauges", "17,210", "1,902"],
            ["Valves", "10,234", "967"],
        ],
        debt="a loan of 11,900 with Tyne Mercantile Bank, due in March 2027, at 5.9 per cent",
        dividend="6.5 pence a share, paid on 12 June 2025",
        risk="Two customers, both water works, gave 31 per cent of the orders for flow meters; the "
        "second foundry, in Brno, has not yet been approved by either.",
        outlook="The board expects revenue to stay level in 2025, because the move out of Hexley "
        "cost the gauge line eleven weeks.",
    ),
    Filing(
        company="Calder Vale Foods",
        year=2023,
        business=CALDER,
        staff=968,
        sites="Todwick, Barlow Bridge and Ghent",
        chair="Dame Rosalind Achebe",
        auditor="Fenner & Stott LLP",
        income=[
            ["Revenue", "187,350", "171,022"],
            ["Cost of sales", "(131,894)", "(118,560)"],
            ["Gross profit", "55,456", "52,462"],
            ["Research and development", "(2,045)", "(1,988)"],
            ["Administration", "(38,117)", "(35,204)"],
            ["Operating profit", "15,294", "15,270"],
            ["Net finance cost", "(3,960)", "(2,415)"],
            ["Profit before tax", "11,334", "12,855"],
        ],
        segments=[
            ["Oat drinks", "96,410", "9,822"],
            ["Cereals", "64,772", "4,690"],
            ["Baking mixes", "26,168", "782"],
        ],
        debt="a loan of 52,000 with Banque du Brabant, due in October 2026, at 6.1 per cent",
        dividend="3.1 pence a share, paid on 3 May 2024",
        risk="The wet harvest of 2023 raised the price of food-grade oats by a fifth, and only a "
        "third of the contracts with supermarkets lets us pass that on.",
        outlook="The board expects revenue to grow by 8 per cent in 2024, most of it from the "
        "second filling line in Ghent.",
    ),
    Filing(
        company="Calder Vale Foods",
        year=2024,
        business=CALDER,
        staff=1_041,
        sites="Todwick, Barlow Bridge and Ghent",
        chair="Tobias Wren",
        auditor="Fenner & Stott LLP",
        income=[
            ["Revenue", "204,618", "187,350"],
            ["Cost of sales", "(146,233)", "(131,894)"],
            ["Gross profit", "58,385", "55,456"],
            ["Research and development", "(2,730)", "(2,045)"],
            ["Administration", "(39,468)", "(38,117)"],
            ["Operating profit", "16,187", "15,294"],
            ["Net finance cost", "(4,388)", "(3,960)"],
            ["Profit before tax", "11,799", "11,334"],
        ],
        segments=[
            ["Oat drinks", "113,905", "11,540"],
            ["Cereals", "62,081", "3,874"],
            ["Baking mixes", "28,632", "773"],
        ],
        debt="a loan of 47,500 with Banque du Brabant, due in October 2026, at 6.1 per cent",
        dividend="3.1 pence a share, paid on 9 May 2025",
        risk="A recall of one batch of muesli in August 2024, for hazelnuts that the label did not "
        "name, cost 1,960 and closed the Todwick line for nine days.",
        outlook="The board expects revenue to grow by 5 per cent in 2025 and will not pay back the "
        "Brabant loan before its term.",
    ),
]
