"""mParticle's Events API, beside SessionM: something that batches can be sent to."""
