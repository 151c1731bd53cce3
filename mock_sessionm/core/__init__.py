"""SessionM Core: customers, events and tags."""
