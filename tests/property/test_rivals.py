"""Negative controls: the histories that find nothing wrong with the rule catch every rival."""

from __future__ import annotations

import pytest

from tests.property.judge import WRONGS
from tests.property.rivals import RIVALS
from tests.property.torture import caught
from tests.property.variant import Variant

HISTORIES = 40


@pytest.mark.parametrize("rival", [each() for each in RIVALS], ids=lambda rival: rival.name)
def test_every_rival_is_caught(rival: Variant) -> None:
    row = caught(rival, range(HISTORIES))
    assert any(row.counts[wrong] for wrong in WRONGS)
