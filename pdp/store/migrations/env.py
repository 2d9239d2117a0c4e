"""What Alembic runs: the steps, on the connection and in the transaction that `upgrade` hands in."""

from alembic import context

from pdp.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
context.run_migrations()
