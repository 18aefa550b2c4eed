"""One embedded PostgreSQL server: made on first use, run as our own child, stopped in order.

It owns the server's life. It must never start a second server on the same data, end a process
it did not verify, or leave a server running that nobody owns: the kernel gives the server a
fast shutdown when the thread that started it dies, so that even a killed Deputy leaves data
that were closed properly and no process to hunt for.
"""

import asyncio
import fcntl
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from deputy.postgres.access import (
    BOOTSTRAP_ROLE,
    BOOTSTRAP_SQL,
    DATABASES,
    PORT,
    Role,
    connection_url,
    settle_roles,
    write_access_rules,
)
from deputy.postgres.accounts import Account, server_account
from deputy.postgres.binaries import (
    MAJOR_VERSION,
    Binaries,
    copied_binaries,
    installed_binaries,
)
from deputy.postgres.errors import PostgresError
from deputy.postgres.places import (
    create_state,
    places_for,
    prepare,
    remove_short_folder,
)
from deputy.postgres.processes import (
    drop_stale_files,
    end_orphans,
    end_with_parent,
    read_pid_file,
)

SYSTEM_DIR = Path("/var/lib/deputy")
STOP_FAST_S = 20.0
STOP_IMMEDIATE_S = 5.0
READY_POLL_S = 0.02
READY_WORD_EVERY_S = 5.0
CREATE_TIMEOUT_S = 300.0
CONNECTIONS_MAX = 200
LOG_BYTES_MAX = 8_000_000
LOG_TAIL_BYTES = 2_000
# Nothing of the caller's environment reaches the server; names and order never depend on it.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

INITDB_OPTIONS = (
    f"--username={BOOTSTRAP_ROLE}",
    "--auth=reject",
    "--encoding=UTF8",
    "--locale=C",
    # The server's own Unicode rules: an upgrade of the machine's C library changes no index.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
SINGLE_OPTIONS = ("-c", "exit_on_error=on", "postgres")


def _quiet(_: str) -> None:
    """Say nothing."""


class EmbeddedPostgres:
    """Owns one data directory and the one `postgres` child that works in it.

    `say` receives sentences about work that may take a while. Start it from a thread that
    lives as long as the server should.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        say: Callable[[str], None] = _quiet,
        system_dir: Path = SYSTEM_DIR,
        databases: Sequence[str] = DATABASES,
    ) -> None:
        """`databases` are those this server is to have; others it may hold are let be."""
        self._databases = databases
        self._say = say
        self._system_dir = system_dir
        self.places = places_for(state_dir, system_dir=system_dir, as_root=os.geteuid() == 0)
        self._server: Process | None = None
        self._lock: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._server.pid if self._server and self._server.returncode is None else None

    @property
    def returncode(self) -> int | None:
        """How the last server ended, or None while it runs or before the first start."""
        return self._server.returncode if self._server else None

    async def wait(self) -> int:
        """Wait until the server ends, for whatever reason, and give its return code."""
        if self._server is None:
            raise PostgresError("The server was never started.", code="postgres.not_started")
        return await self._server.wait()

    def url(self, role: Role, database: str | None = None) -> str:
        """Give the SQLAlchemy URL of a role; the owner names the database it wants."""
        return connection_url(self.places, role, database)

    async def start(self) -> None:
        """Start the server and return when roles, databases and schemas stand.

        Starting a running server does nothing; starting a dead one recovers it, however long
        that takes. Raises PostgresError, and then nothing is left running.
        """
        if self.pid is not None:
            return
        self._take_lock()
        try:
            account = server_account(self._say)
            prepare(self.places, system_dir=self._system_dir, account=account)
            binaries = self._find_binaries(account)
            await end_orphans(self.places.data, self._say)
            drop_stale_files(self.places.data, self.places.sockets)
            await self._create_data(binaries, account)
            write_access_rules(
                self.places,
                databases=self._databases,
                starter=account.starter,
                gid=account.gid,
            )
            await self._run(binaries, account)
            await self._until_ready()
            await settle_roles(self.places, self._databases)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the server: fast, then immediate, then killed; give up ownership of the data."""
        server = self._server
        if server is not None:
            for number, patience_s in (
                (signal.SIGINT, STOP_FAST_S),
                (signal.SIGQUIT, STOP_IMMEDIATE_S),
                (signal.SIGKILL, STOP_IMMEDIATE_S),
            ):
                if server.returncode is not None:
                    break
                with suppress(ProcessLookupError):
                    server.send_signal(number)
                try:
                    await asyncio.wait_for(server.wait(), patience_s)
                except TimeoutError:
                    self._say(f"PostgreSQL did not end within {patience_s:.0f} s")
        if self._lock is not None:
            remove_short_folder(self.places)
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        """Become the only owner; the lock goes with this process, however it ends."""
        if self._lock is not None:
            return
        create_state(self.places)
        file = self.places.lock.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise PostgresError(
                f"Another Deputy runs the database of {self.places.state}.",
                hint="Stop it first, or choose another DEPUTY_STATE_DIR.",
                code="postgres.in_use",
            ) from None
        self._lock = file

    def _find_binaries(self, account: Account) -> Binaries:
        if account.foreign:
            return copied_binaries(self._system_dir / "pg", self._say)
        return installed_binaries()

    async def _create_data(self, binaries: Binaries, account: Account) -> None:
        """Make the data directory under another name first: it is whole or absent."""
        data, draft = self.places.data, self.places.draft
        if data.exists():
            self._require_version()
            return
        self._say("creating the database")
        if draft.exists():
            await end_orphans(draft, self._say)
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        os.chown(draft, account.uid, account.gid)
        await self._finish(
            account,
            [str(binaries.initdb), "--pgdata", str(draft), *INITDB_OPTIONS],
        )
        await self._finish(
            account,
            [str(binaries.postgres), "--single", "-D", str(draft), *SINGLE_OPTIONS],
            BOOTSTRAP_SQL,
        )
        draft.rename(data)

    def _require_version(self) -> None:
        found = (self.places.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR_VERSION):
            raise PostgresError(
                f"{self.places.data} was written by PostgreSQL {found}, not {MAJOR_VERSION}.",
                hint="Start the Deputy version that wrote it.",
                code="postgres.version",
            )

    async def _finish(self, account: Account, command: list[str], text: str = "") -> None:
        """Run a program of the server to its end; raise with its last words if it fails."""
        options: dict[str, Any] = dict(account.popen_arguments())
        program = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            env=ENVIRONMENT,
            cwd="/",
            preexec_fn=end_with_parent(signal.SIGKILL),
            **options,
        )
        try:
            output, _ = await asyncio.wait_for(program.communicate(text.encode()), CREATE_TIMEOUT_S)
        except BaseException:
            if program.returncode is None:
                program.kill()
                await program.wait()
            raise
        if program.returncode:
            words = output.decode(errors="replace").strip()[-LOG_TAIL_BYTES:]
            raise PostgresError(
                f"{Path(command[0]).name} failed: {words}",
                hint=f"Is there space below {self.places.instance}?",
                code="postgres.create_failed",
            )

    async def _run(self, binaries: Binaries, account: Account) -> None:
        options: dict[str, Any] = dict(account.popen_arguments())
        with self._open_log() as log:
            self._server = await asyncio.create_subprocess_exec(
                str(binaries.postgres),
                "-D",
                str(self.places.data),
                *(part for setting in self._settings() for part in ("-c", setting)),
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                env=ENVIRONMENT,
                cwd="/",
                # An interrupt typed at the terminal must reach Deputy alone: it stops in order.
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGINT),
                **options,
            )

    def _settings(self) -> tuple[str, ...]:
        instance = self.places.instance
        return (
            "listen_addresses=",
            f'unix_socket_directories="{self.places.sockets}"',
            "unix_socket_permissions=0700",
            f"port={PORT}",
            f"hba_file={instance / 'pg_hba.conf'}",
            f"ident_file={instance / 'pg_ident.conf'}",
            f"max_connections={CONNECTIONS_MAX}",
            "timezone=UTC",
            "log_timezone=UTC",
            # The log names what failed and never quotes what was stored.
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
        )

    def _open_log(self) -> IO[bytes]:
        log = self.places.log
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.rename(log.with_suffix(".log.1"))
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "ab")

    async def _until_ready(self) -> None:
        """Wait as long as recovery takes, saying so; end only if the server ends."""
        server = self._server
        assert server is not None
        waited_s, next_word_s = 0.0, READY_WORD_EVERY_S
        while True:
            if server.returncode is not None:
                raise PostgresError(
                    f"PostgreSQL ended while starting: {self._last_words()}",
                    hint=f"Its log is {self.places.log}.",
                    code="postgres.start_failed",
                )
            found = read_pid_file(self.places.data)
            if found and found.pid == server.pid and found.ready:
                return
            await asyncio.sleep(READY_POLL_S)
            waited_s += READY_POLL_S
            if waited_s >= next_word_s:
                next_word_s += READY_WORD_EVERY_S
                self._say(f"PostgreSQL is still recovering its data ({waited_s:.0f} s)")

    def _last_words(self) -> str:
        with self.places.log.open("rb") as log:
            log.seek(max(0, self.places.log.stat().st_size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace").strip()
