"""Tests over the twin, a real Tiled server and PostgreSQL."""
