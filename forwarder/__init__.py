"""mParticle batches in, vendor requests and fates out, and delivery that says what it could not do."""

from .batch import Batch, BatchError
from .connection import Connection
from .delivery import Delivered, Delivery
from .destinations.sessionm import STEPS, plan
from .fate import Fate, Plan, PlannedRequest
from .judge import Retries

__all__ = [
    "STEPS",
    "Batch",
    "BatchError",
    "Connection",
    "Delivered",
    "Delivery",
    "Fate",
    "Plan",
    "PlannedRequest",
    "Retries",
    "plan",
]
