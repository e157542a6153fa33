"""Benchmarks: each claim of ours beside an anchor that is not, both measured in turn in one run."""
