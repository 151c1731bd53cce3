"""What holds for every test."""

from hypothesis import settings

# A law is not a measurement: a busy machine must not turn it red.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
