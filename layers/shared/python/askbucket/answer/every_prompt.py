"""All prompts there are, so that whoever manages them elsewhere forgets none."""

from __future__ import annotations

from askbucket.answer.prompts import ANSWER
from askbucket.answer.rewriting import REWRITING
from askbucket.answer.summary.prompt import CLAIMS, GROUP

PROMPTS = (ANSWER, REWRITING, GROUP, CLAIMS)
