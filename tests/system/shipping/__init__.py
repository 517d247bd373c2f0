"""From a spool into a real Tiled, by real shippers."""
