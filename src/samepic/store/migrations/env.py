"""What Alembic runs: the connection, with its transaction begun, comes from `store.migrate`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
