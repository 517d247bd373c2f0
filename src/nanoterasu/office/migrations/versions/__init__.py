"""One module for each revision of the register's tables."""

__all__: list[str] = []
