"""How Alembic runs the revisions: on the connection that it is given, in its transaction."""

from alembic import context


def _run() -> None:
    # All or nothing on both databases: the caller opened the transaction and commits it.
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic runs this file; importing it does nothing
    _run()
