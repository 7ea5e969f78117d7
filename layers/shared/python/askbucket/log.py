"""One line of JSON for every event: a name in the past tense and its fields."""

from __future__ import annotations

import json
import sys
from typing import Any


def event(name: str, **fields: Any) -> None:
    """Written to standard error, where Lambda and uvicorn both pick it up.

    Fields name things and count them; document text, questions and vectors have no place here.
    """
    line = json.dumps({"event": name, **fields}, ensure_ascii=False, default=str)
    sys.stderr.write(line + "\n")
