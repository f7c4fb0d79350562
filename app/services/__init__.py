"""Use cases: each owns its transaction. One word per subject, the same on every floor."""
