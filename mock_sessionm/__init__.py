"""A fake of SessionM that enforces the documented limits and says which."""

from .app import create_app, world
from .behaviours import BEHAVIOURS
from .campaigns import NoMessage
from .campaigns import findings as campaign_findings
from .campaigns import sent_by as campaign_sends
from .clock import Clock
from .customers import Customer
from .gate import GATE
from .har import har as as_har
from .limits import other as other_limits
from .surfaces import SURFACE_OF
from .tenant import Tenant
from .tenant_settings import PARTNERS, TenantSettings, default_tenant, load_tenant
from .world import World

__all__ = [
    "BEHAVIOURS",
    "GATE",
    "PARTNERS",
    "SURFACE_OF",
    "Clock",
    "Customer",
    "NoMessage",
    "Tenant",
    "TenantSettings",
    "World",
    "as_har",
    "campaign_findings",
    "campaign_sends",
    "create_app",
    "default_tenant",
    "load_tenant",
    "other_limits",
    "world",
]
