"""Recorded traffic, played again: batches through a forwarder into the fake, person by person, and judged."""
