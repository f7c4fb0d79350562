"""Benchmarks: `./check --bench`. Ratios within one run, never a timed test."""
