"""What the alarms of each queue say: what waits in it, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

DOCTOR = "`askbucket doctor KEY` says why; mend the cause, then run `askbucket redrive`."
TICKETS = "`ticket_failed` in the log of the answer function names question and error"


@dataclass(frozen=True)
class QueueAlarm:
    """What is said when a message is too old, and when one was given up."""

    waiting: str
    given_up: str


QUEUE_ALARMS: Mapping[str, QueueAlarm] = {
    "Documents": QueueAlarm(
        waiting="A changed document has waited for more than 15 minutes: more is uploaded than "
        f"`max_concurrency` allows for, or one fails again and again. {DOCTOR}",
        given_up="A changed document was given up after its last try, so answers do not follow "
        f"the bucket there. `askbucket status` names documents that failed; {DOCTOR}",
    ),
    "Completions": QueueAlarm(
        waiting="Textract's word that a scan is read has waited for more than 15 minutes: more "
        "scans are done than `max_concurrency` allows for, or fetching their text fails again and "
        "again. `askbucket status` shows them as `ocr`; `askbucket doctor KEY` says why.",
        given_up="Textract's word that a scan is read was given up after its last try. The "
        "five-minute schedule asks for the text again once it is due; `askbucket status` shows "
        f"scans that still wait as `ocr`; {DOCTOR}",
    ),
    "Questions": QueueAlarm(
        waiting="A question of POST /questions has waited for more than 15 minutes: more are asked "
        f"than `max_concurrency` answers at once, or one is tried again and again. {TICKETS}; "
        "raise the number if the model's quota allows for it.",
        given_up="A question of POST /questions, or the call back with its answer, was given up "
        f"after its last try. {TICKETS}; mend the cause, then run `askbucket redrive`.",
    ),
}
