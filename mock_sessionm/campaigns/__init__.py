"""SessionM's campaigns: what sets them off, for whom, and what comes of it."""

from .findings import findings
from .messages import NoMessage, sent_by
from .outcomes import Applied
from .running import Campaigns, Fired

__all__ = ["Applied", "Campaigns", "Fired", "NoMessage", "findings", "sent_by"]
