"""What the vendors say, as data: OpenAPI, JSON Schema, the rule register, its sources and assumptions."""

from .interaction import Interaction, Request, Response, Violation
from .register import Assumption, Choices, Rule, Source, assumptions, rules, sources
from .validation import validate

__all__ = [
    "Assumption",
    "Choices",
    "Interaction",
    "Request",
    "Response",
    "Rule",
    "Source",
    "Violation",
    "assumptions",
    "rules",
    "sources",
    "validate",
]
