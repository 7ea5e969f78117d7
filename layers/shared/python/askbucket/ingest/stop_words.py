"""Words that plain English is searched without, equal to those of Qdrant's BM25."""

from __future__ import annotations

STOP_WORDS = frozenset(
    """
    a about above after again against ain all am an and any are aren as at be because been before
    being below between both but by can d did didn do does doesn doing don down during each few for
    from further had hadn has hasn have having he her here hers him himself his how i if in into is
    isn it its itself just ll m ma me more most my myself no nor not now o of off on once only or
    other our ours out over own re s same shan she should so some such t than that the their them
    themselves then there these they this those through to too under until up ve very was wasn we
    were what when where which while who whom why will with won y you your
    couldn hadn haven mightn mustn needn shouldn theirs wouldn weren yours yourself yourselves
    ourselves herself
    """.split()
)
