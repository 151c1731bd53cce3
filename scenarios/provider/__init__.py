"""The provider side of the gate: every contract against whoever answers to it, operation by operation."""

from .documents import VENDORS, document_from
from .run import EXAMPLES, provide
from .target import Target, Unusable

__all__ = ["EXAMPLES", "VENDORS", "Target", "Unusable", "document_from", "provide"]
