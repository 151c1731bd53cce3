"""Where batches go to: one module for each vendor."""
