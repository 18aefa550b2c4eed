"""The journals of the cell and its sessions, and what is derived from them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SCHEMA = "cell"


def upgrade() -> None:
    """Make the tables and say what role `deputy_cell` may do with them."""
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
    _derived()
    op.create_table(
        "timers",
        sa.Column("turn", sa.String(40), primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("due_us", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("ix_cell_timers_due_us", "timers", ["due_us"], schema=SCHEMA)
    _grants()


def _derived() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("agent", sa.String(40), nullable=False),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
        sa.Column("moved_us", sa.BigInteger, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("ix_cell_sessions_owner", "sessions", ["owner"], schema=SCHEMA)
    op.create_table(
        "turns",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("requester", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("requested_us", sa.BigInteger, nullable=False),
        sa.Column("finished_us", sa.BigInteger),
        sa.Column("claims", sa.Integer, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("turns_session", "turns", ["session", "id"], schema=SCHEMA)
    op.create_index(
        "turns_open",
        "turns",
        ["status"],
        schema=SCHEMA,
        postgresql_where="status <> 'finished'",
    )
    op.create_table(
        "files",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("ix_cell_files_session", "files", ["session"], schema=SCHEMA)
    op.create_table(
        "artifacts",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("turn", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("ix_cell_artifacts_session", "artifacts", ["session"], schema=SCHEMA)


def _grants() -> None:
    # A recorded header is for ever: nobody but the owner of the schema could change it.
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA cell FROM deputy_cell")
    op.execute("GRANT USAGE ON SCHEMA cell TO deputy_cell")
    op.execute("GRANT SELECT, INSERT ON cell.events TO deputy_cell")
    op.execute("GRANT SELECT, INSERT, DELETE ON cell.bodies, cell.data_keys TO deputy_cell")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON cell.heads, cell.sessions, cell.turns,"
        " cell.files, cell.artifacts, cell.timers TO deputy_cell"
    )
