"""One line of JSON for every event: a name in the past tense and its fields."""

from __future__ import annotations

import json
import sys
from typing import Any


def event(name: str, **fields: Any) -> None:
    """Written to standard error, where Lambda and uvicorn both pick it up.

    Fields name things and count them; document text, questions and vectors have no place here.
    A key in one may hold what a terminal obeys, so all beyond ASCII is escaped.
    """
    line = json.dumps({"event": name, **fields}, default=str).replace("\x7f", "\\u007f")
    sys.stderr.write(line + "\n")
