"""What the pump's manual says: five pages, each a heading, its paragraphs and at times a table."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY = "pump-manual-kx40.pdf"
TITLE = "Kirsch Hydraulik: pump KX40, operating manual"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page."""

    heading: str
    paragraphs: list[str]
    table: list[list[str]] = field(default_factory=list)


LEAVES = [
    Leaf(
        "1. Safety",
        [
            "Switch the pump off and pull the plug before you open any cover. The capacitor stays "
            "charged for four minutes after that. Never touch the shaft while the pump turns.",
            "The pump weighs 31 kg. Two people lift it, by the frame and never by the pipes. It "
            "may not be used for drinking water, for petrol or in rooms with explosive dust.",
            "Children and people who have not read this manual stay at least three metres away "
            "while the pump is running.",
        ],
    ),
    Leaf(
        "2. Technical data",
        ["All values are for clean water of 20 degrees at sea level."],
        [
            ["Property", "Value"],
            ["Greatest flow", "5,200 litres an hour"],
            ["Greatest head", "46 metres"],
            ["Power", "1.1 kW at 230 V"],
            ["Suction depth", "8 metres"],
            ["Noise at one metre", "68 dB(A)"],
            ["Water temperature", "2 to 35 degrees"],
            ["Ambient temperature", "0 to 40 degrees"],
        ],
    ),
    Leaf(
        "3. Setting up and starting",
        [
            "Set the pump on level ground, at most two metres above the water and as near to it as "
            "you can. The suction pipe has an inner width of at least 32 mm and rises steadily "
            "towards the pump, with no loop in which air could stay.",
            "Fill the housing with about 1.8 litres of water through the filling screw before the "
            "first start. Close the screw by hand with 12 newton metres. Open the outlet valve, "
            "then switch on. Water comes after one to three minutes.",
            "The pressure switch leaves the works set to start at 2.2 bar and to stop at 3.8 bar.",
        ],
    ),
    Leaf(
        "4. Care",
        [
            "Rinse the inlet strainer every week. Change the shaft seal after 3,000 hours of "
            "running or when more than ten drops a minute come out of the drain hole.",
            "Before the first frost open the drain plug and let the housing run empty; leave the "
            "plug out for the winter. Grease is needed nowhere: the bearings are closed.",
        ],
    ),
    Leaf(
        "5. When something is wrong",
        ["The control box shows a code. Write it down before you switch off."],
        [
            ["Code", "Meaning", "What to do"],
            ["E1", "Runs dry", "Fill the housing; look for air in the suction pipe"],
            ["E2", "Motor too warm", "Let it cool for 40 minutes; clean the fan cover"],
            ["E3", "No pressure signal", "Plug the switch in again; else replace it"],
            ["E4", "Starts more than 20 times an hour", "Fill air into the tank to 1.9 bar"],
            ["E7", "Voltage too low", "Use a shorter cable or a thicker one"],
        ],
    ),
]
