"""What OCR looks for beside text, chosen by the beginning of a document's key."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("forms", "layout", "tables")
NONE = "none"
TEXT_ALONE = "text"
EXAMPLE = "invoices/=tables,forms;contracts/=layout;=none"

Features = tuple[str, ...]
"""Some of KINDS, in their order; empty for text alone, the cheapest."""


def named(features: Features) -> str:
    """One word for a way of reading, fit to be part of a path: `forms-tables`, or `text`."""
    return "-".join(features) or TEXT_ALONE


@dataclass(frozen=True, slots=True)
class FeatureRules:
    """`rules` are (prefix, features), each prefix once."""

    rules: tuple[tuple[str, Features], ...] = ()

    @classmethod
    def of(cls, text: str) -> FeatureRules:
        """The rules of a text such as EXAMPLE. Raises ValueError saying what is wrong with it."""
        rules = [_rule(part) for part in text.split(";") if part.strip()]
        prefixes = [prefix for prefix, _ in rules]
        for prefix in prefixes:
            if prefixes.count(prefix) > 1:
                raise ValueError(f"the prefix {prefix!r} stands twice in {text!r}; name it once")
        return cls(tuple(rules))

    def __call__(self, key: str) -> Features:
        """Those of the longest prefix the key begins with; text alone where there is none."""
        fitting = [rule for rule in self.rules if key.startswith(rule[0])]
        return max(fitting, key=lambda rule: len(rule[0]))[1] if fitting else ()


NO_RULES = FeatureRules()


def _rule(part: str) -> tuple[str, Features]:
    prefix, equals, wanted = part.rpartition("=")
    kinds = {kind.strip().lower() for kind in wanted.split(",")}
    if not equals:
        raise ValueError(f"{part!r} is no rule PREFIX=FEATURES; write, for example, {EXAMPLE}")
    if kinds == {NONE}:
        return prefix.strip(), ()
    for kind in sorted(kinds.difference(KINDS)):
        raise ValueError(f"{part!r} asks for {kind!r}; there are {', '.join(KINDS)}, or {NONE}")
    return prefix.strip(), tuple(sorted(kinds))
