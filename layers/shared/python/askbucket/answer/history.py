"""A session's turns as they may be shown now: an answer goes with the documents it was drawn from.

The reader's check of a session. A document that was deleted or overwritten takes with it every
answer that cites it, and every later question that was rewritten while that answer was in sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from askbucket.answer.sessions import Session, Turn
from askbucket.entry import Entry
from askbucket.manifest import Manifest
from askbucket.ownership import Rights


def shown(session: Session, manifest: Manifest, rights: Rights) -> tuple[Turn, ...]:
    """The turns, oldest first, without what may not be shown: then `answer` is None, or
    `rewritten` is."""
    ids = dict.fromkeys(cited.document_id for turn in session.turns for cited in turn.cited)
    entries = manifest.get_many(list(ids)) if ids else {}
    turns: list[Turn] = []
    lost = False  # whether an earlier answer may not be shown
    for turn in session.turns:
        drawn_from_lost = lost and turn.rewritten is not None
        gone = drawn_from_lost or not _stands(turn, entries, rights)
        turns.append(
            replace(
                turn,
                answer=None if gone else turn.answer,
                rewritten=None if drawn_from_lost else turn.rewritten,
            )
        )
        lost = lost or gone
    return tuple(turns)


def _stands(turn: Turn, entries: Mapping[str, Entry], rights: Rights) -> bool:
    """Whether the caller may still see every generation that the answer cites."""
    return all(
        (entry := entries.get(cited.document_id)) is not None
        and entry.active == cited.generation
        and rights.admit(entry)
        for cited in turn.cited
    )
