"""The road to SessionM: what is tried on it, and how what arrived is judged."""
