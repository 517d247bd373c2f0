"""Benchmarks against named peers, each measured in turns with its peer in one process."""
