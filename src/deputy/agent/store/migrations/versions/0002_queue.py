"""The queue: Procrastinate's tables in a schema of their own."""

from alembic import op

from deputy.agent.store.queue import bring_up_to_date

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the schema of the installed Procrastinate and open it to role `deputy_cell`."""
    bring_up_to_date(op.get_bind())
    op.execute("GRANT USAGE ON SCHEMA queue TO deputy_cell")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO deputy_cell")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA queue TO deputy_cell")
