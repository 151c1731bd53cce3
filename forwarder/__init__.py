"""mParticle batches in, vendor requests and fates out, and delivery that says what it could not do."""

from .batch import Batch, BatchError, duplicate_names
from .connection import Connection, Credentials, default_settings
from .delivery import Delivered, Delivery
from .destination import Destination
from .destinations import DESTINATIONS
from .destinations.sessionm import STEPS
from .fate import Fate, Plan, PlannedRequest
from .judge import Retries
from .planning import plan

__all__ = [
    "DESTINATIONS",
    "STEPS",
    "Batch",
    "BatchError",
    "Connection",
    "Credentials",
    "Delivered",
    "Delivery",
    "Destination",
    "Fate",
    "Plan",
    "PlannedRequest",
    "Retries",
    "default_settings",
    "duplicate_names",
    "plan",
]
