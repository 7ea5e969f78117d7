"""What the sample documents say. A fact changed here is changed in README.md too."""

Chapter = list[tuple[str, list[str]]]
"""Headings, each with its paragraphs."""

ABOUT: Chapter = [
    (
        "1. Who we are",
        [
            "Harbour Bridge Cooperative was founded on 14 March 1987 by 23 ferry workers who lost "
            "their jobs when the Port Ellery ferry closed. They took over the old swing bridge, "
            "the rope hall and three boat sheds, and have run them together ever since.",
            "On 1 January 2026 the cooperative had 148 members. Its registered office is at "
            "12 Quay Street, Port Ellery. The chair of the board is Maren Oduya and the "
            "secretary is Felix Brandt.",
        ],
    ),
    (
        "2. What we do",
        [
            "We keep the swing bridge open to walkers, cyclists and light vehicles, we rent "
            "workshop space to members at cost, and we lend out tools. The tool library holds "
            "612 tools. A member may borrow up to five of them at a time, for fourteen days.",
            "The office is open on weekdays from 09:00 to 16:30. The tool library is open on "
            "Wednesdays and Saturdays from 10:00 to 14:00.",
        ],
    ),
]

MEMBERSHIP: Chapter = [
    (
        "3. Becoming a member",
        [
            "Anyone over 16 who lives or works in Port Ellery can join. A member buys at least "
            "one share; a share costs 40 pounds, and nobody may hold more than 250 shares. Shares "
            "earn no interest, and are paid back at their price when a member leaves.",
            "The yearly fee is 65 pounds, or 30 pounds for students and pensioners. It is due on "
            "1 February.",
        ],
    ),
    (
        "4. Leaving",
        [
            "A member who wants to leave gives notice of 90 days in writing to the secretary. "
            "Borrowed tools must be back before shares are paid out.",
        ],
    ),
    (
        "5. How we decide",
        [
            "Every member has one vote, however many shares they hold. The general meeting meets "
            "once a year and needs a quorum of 31 members. Changing the rules takes a majority "
            "of two thirds of the votes cast.",
            "The board has seven members, elected for three years. It meets on the first Tuesday "
            "of every month, and may spend up to 5,000 pounds without asking the general meeting.",
        ],
    ),
]

CHARGES: Chapter = [
    (
        "6. Workshop spaces and charges",
        [
            "The charges below hold from 1 January 2026. They cover electricity and water. The "
            "deposit is paid back within 30 days of moving out.",
        ],
    ),
]

CHARGES_TABLE = [
    ["Space", "Floor area", "Monthly charge", "Deposit"],
    ["Boat shed A", "120 m2", "310 pounds", "620 pounds"],
    ["Boat shed B", "95 m2", "255 pounds", "510 pounds"],
    ["Boat shed C", "60 m2", "170 pounds", "340 pounds"],
    ["Rope hall bench", "8 m2", "45 pounds", "90 pounds"],
    ["Kiln room", "22 m2", "130 pounds", "400 pounds"],
]

AFTER_TABLE: Chapter = [
    (
        "7. Booking",
        [
            "Spaces are given in the order of the waiting list, which the secretary keeps. A space "
            "that stands unused for three months goes to the next member on the list.",
        ],
    ),
]

SAFETY: Chapter = [
    (
        "8. Using the bridge",
        [
            "The bridge carries at most 18 tonnes, and no more than one vehicle at a time. The "
            "speed limit on it is 8 km/h. Ships ask for an opening at least two hours ahead, on "
            "VHF channel 12; the bridge does not open when the wind is above 45 km/h.",
        ],
    ),
    (
        "9. Fire and first aid",
        [
            "Fire drills are held on the second Monday of March and September. The meeting point "
            "is the anchor in front of the rope hall. First aid boxes hang in every shed, and a "
            "defibrillator is beside the office door.",
            "In an emergency call 112 first and then the duty phone, extension 417. Every "
            "accident is written into the red book in the office within 24 hours.",
        ],
    ),
    (
        "10. Questions",
        ["Write to office@harbourbridge.example or come by during office hours."],
    ),
]

LETTER = """\
Ellery Marine Surveys
4 Dock Road, Port Ellery

9 June 2026
Our reference: HB-2026-0417

To the board of
Harbour Bridge Cooperative
12 Quay Street, Port Ellery


INSPECTION OF THE SWING BRIDGE

Dear members of the board,

On 2 June 2026 our inspector Ingrid Solheim examined the swing
bridge. The weather was dry and the wind light. The inspection
took five hours, and the bridge was closed for all of that time.

The north bearing shows wear of 3.2 mm. The limit is 4.0 mm, so
it may stay in service. The south bearing shows wear of 1.1 mm.

The hinge pin of the east gate is cracked. It must be replaced
by 30 September 2026. Until then the east gate is to be kept
open, and checked by a member every week.

The paint on the centre span has failed on about 14 square
metres. We advise repainting before the winter.

The load limit of 18 tonnes can stay as it is. The next full
inspection is due in June 2028.

Our fee for this inspection is 1,850 pounds.

Yours faithfully,

Ingrid Solheim
Senior bridge inspector
"""

NOTICE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Annual general meeting 2026</title>
</head>
<body>
<h1>Annual general meeting 2026</h1>
<p>All members of Harbour Bridge Cooperative are invited to the annual general meeting on
<strong>Saturday 17 October 2026 at 10:30</strong> in the rope hall.</p>
<h2>Agenda</h2>
<ol>
<li>Accounts for 2025: a surplus of 8,730 pounds</li>
<li>Election of two board members; Maren Oduya and Piet Aalders stand down</li>
<li>Proposal to raise the yearly fee from 65 to 70 pounds</li>
<li>Report on the repair of the east gate</li>
</ol>
<p>Motions must reach the secretary by <strong>18 September 2026</strong>. Lunch is served at 13:00;
please tell the kitchen about allergies by 10 October.</p>
</body>
</html>
"""

NOTES = """\
Harbour Bridge Cooperative
Notes of the board meeting on 5 May 2026

Present: Maren Oduya (chair), Felix Brandt (secretary), Tomas Reyes, Piet Aalders, Ayla Demir.
Excused: Ruth Novak, Jonas Lind.

1. Solar roof
The board chose Brightwater Electric to put solar panels on boat shed A. The budget is {budget}
pounds. Work starts on 7 September 2026 and should take three weeks. Tomas Reyes is in charge.

2. Tool library
Eleven tools were lost in 2025. From July a deposit of 15 pounds is asked for power tools.

3. Kiln room
The kiln may be used on Thursdays too. Ayla Demir shows new users how it works.

Next meeting: 2 June 2026 at 18:00 in the office.
"""
