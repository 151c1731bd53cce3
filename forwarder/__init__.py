"""mParticle batches in, vendor requests and fates out, and delivery that says what it could not do."""
