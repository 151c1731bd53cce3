"""SessionM's campaigns: what sets them off, for whom, and what comes of it."""

from .findings import findings
from .messages import sent_by
from .outcomes import Applied
from .running import Campaigns, Fired

__all__ = ["Applied", "Campaigns", "Fired", "findings", "sent_by"]
