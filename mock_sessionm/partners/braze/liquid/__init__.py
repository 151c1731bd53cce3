"""Liquid as Braze writes it: `${…}`, tags within tags, filters and printing of its own."""
