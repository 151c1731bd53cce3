"""The smallest recording that still breaks the same rule: found, judged once more from scratch, and written down."""
