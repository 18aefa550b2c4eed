"""Which finished turns a collector outside was told of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SCHEMA = "cell"


def upgrade() -> None:
    """Make the table, and let turns be found by when they finished."""
    op.create_table(
        "exports",
        sa.Column("turn", sa.String(40), primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("finished_us", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("exports_state", "exports", ["state", "tries", "finished_us"], schema=SCHEMA)
    op.create_index("turns_finished", "turns", ["finished_us"], schema=SCHEMA)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON cell.exports TO deputy_cell")
