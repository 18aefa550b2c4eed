"""The embedded PostgreSQL of `deputy up`: one data directory, one server, four roles.

It owns creating, starting, recovering and stopping that server. It must never serve a split
installation: there the server is somebody else's.
"""

from deputy.postgres.access import Role
from deputy.postgres.errors import PostgresError
from deputy.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresError", "Role"]
