"""Faults of every kind, and what is in the spool and in Tiled after them."""
