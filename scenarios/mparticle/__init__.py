"""The road into an input of mParticle: what is tried on it, and how what arrived is judged."""
