"""The organisation's journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SCHEMA = "control"


def upgrade() -> None:
    """Make the tables and say what role `deputy_control` may do with them."""
    op.create_table(
        "heads",
        sa.Column("journal", sa.String(40), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "events",
        sa.Column("journal", sa.String(40), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("command", sa.String(40)),
        sa.Column("header", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_index(
        "events_command",
        "events",
        ["journal", "command"],
        unique=True,
        schema=SCHEMA,
        postgresql_where="command IS NOT NULL",
    )
    op.create_table(
        "bodies",
        sa.Column("journal", sa.String(40), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.String(40), primary_key=True),
        sa.Column("journal", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_by", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_index(
        "data_keys_owner", "data_keys", ["journal", "owner"], unique=True, schema=SCHEMA
    )
    # A recorded header is for ever: nobody but the owner of the schema could change it.
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA control FROM deputy_control")
    op.execute("GRANT USAGE ON SCHEMA control TO deputy_control")
    op.execute("GRANT SELECT, INSERT ON control.events TO deputy_control")
    op.execute("GRANT SELECT, INSERT, DELETE ON control.bodies TO deputy_control")
    op.execute("GRANT SELECT, INSERT, DELETE ON control.data_keys TO deputy_control")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON control.heads TO deputy_control")
