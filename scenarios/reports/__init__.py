"""What a run writes: text, JSON, JUnit, HTML."""
