"""Every error Askbucket raises on purpose, in three kinds.

    AskbucketError
    ├── CallerError           the request is wrong: a 4xx with this message, never retried
    │   ├── NotFound          404
    │   ├── Conflict          409
    │   ├── TooLarge          413
    │   ├── UnknownModel      422
    │   ├── TooWide           422
    │   ├── TooMany           429
    │   ├── Unauthorized      401


    │   ├── NotAllowed        422
    │   └── Forbidden         403
    ├── UnreadableDocument    the file is at fault: status `failed` with this reason, never retried
    │   └── OverLimit         a limit of ours is: tried again once it is raised
    └── TryAgain              nobody's fault now: raised through the handler, the queue redelivers
        ├── Unfinished        a part of the work is kept; the same call goes on from there
        └── OutOfTime         the invocation's time is nearly over; what was done is kept

Adapters turn a library's errors into these at once; use cases do not catch them; the handlers map
them to outcomes.
"""

from collections.abc import Mapping


class AskbucketError(Exception):
    """The root: never raised itself."""


class CallerError(AskbucketError):
    """The request cannot be served as it stands; the message names the value and the way out."""

    status = 400


class NotFound(CallerError):
    """What the request names does not exist."""

    status = 404


class Conflict(CallerError):
    """The stack, as it is set up, cannot do what the request asks for."""

    status = 409


class TooLarge(CallerError):
    """What was sent is over a limit named in the message."""

    status = 413


class TooWide(CallerError):
    """What is asked about holds more than a limit named in the message."""

    status = 422


class UnknownModel(CallerError):
    """The request names a model that it may not choose."""

    status = 422


class TooMany(CallerError):
    """The caller's requests are used up for now; `retry_after_s` seconds are to be waited."""

    status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unauthorized(CallerError):
    """The caller has to prove again who they are."""

    status = 401


class NotAllowed(CallerError):
    """What the request asks for is kept from it by a rule or a setting named in the message."""

    status = 422


class Forbidden(CallerError):
    """The caller's identity is missing or not enough."""

    status = 403


class UnreadableDocument(AskbucketError):
    """The document can never be indexed as it is; the message is the reason shown to people."""


class OverLimit(UnreadableDocument):
    """The document is larger than a setting allows; `needs` is what that limit must be for it."""

    def __init__(self, message: str, needs: Mapping[str, int]) -> None:
        super().__init__(message)
        self.needs = needs


class TryAgain(AskbucketError):
    """A passing fault of a service, or a lost race; the same call later may succeed."""


class Unfinished(TryAgain):
    """A summary's time is over; `done` of its `groups` are made and kept, which cost `usd` this
    time: None where that is not known."""

    def __init__(self, done: int, groups: int, usd: float | None = 0.0) -> None:
        super().__init__(f"{done} of {groups} parts are summarised so far, and kept")
        self.done = done
        self.groups = groups
        self.usd = usd


class OutOfTime(TryAgain):
    """Work was cut at a safe point. `grew` tells whether this attempt got further than the last."""

    def __init__(self, message: str, *, grew: bool) -> None:
        super().__init__(message)
        self.grew = grew
