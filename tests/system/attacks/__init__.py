"""Attacks on the wall: whoever may not read a run learns nothing of it, not even that it exists."""
