"""Recordings: read from whatever wrote them, and written, one record after another."""
