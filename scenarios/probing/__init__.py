"""SessionM's own assumptions, put to a tenant as questions."""
