"""mParticle batches in, vendor requests and fates out, and delivery that says what it could not do."""

from .batch import Batch, BatchError
from .connection import Connection
from .destinations.sessionm import STEPS, plan
from .fate import Fate, Plan, PlannedRequest

__all__ = ["STEPS", "Batch", "BatchError", "Connection", "Fate", "Plan", "PlannedRequest", "plan"]
