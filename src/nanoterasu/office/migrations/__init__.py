"""The history of the register's tables, as Alembic runs it."""

__all__: list[str] = []
