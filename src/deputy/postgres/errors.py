"""The one error of the embedded server; its hint names what the reader can do."""

from deputy.core.errors import DeputyError


class PostgresError(DeputyError):
    """The embedded PostgreSQL could not be made, started or stopped."""

    code = "postgres.failed"
    status = 503
