"""Recorded interactions, had again in a fresh fake or against whoever is at an address, and their answers compared."""
