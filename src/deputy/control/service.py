"""The control plane as cells and administrators call it.

Owns founding an organisation, changing who may do what, and vouching for the result: signed
extracts and heartbeats. Must never decide a call, and never see what a session contains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deputy.control import rulesets
from deputy.control.directory import OWNER_ROLE, check_deactivation
from deputy.control.mandates import DAY_US, check_grant, check_revocation
from deputy.control.organisation import Organisation, fold
from deputy.control.store import lock_founding
from deputy.core.authority import SignedExtract, SignedHeartbeat
from deputy.core.errors import JournalError, NotFoundError
from deputy.core.events import Body, Draft
from deputy.core.events import org_bodies as b
from deputy.core.identity import Actor, Mandate, Principal
from deputy.core.labels import PLATFORM
from deputy.core.ports import Clock, Ids
from deputy.journals import Journal
from deputy.wire.authority import sign_extract, sign_heartbeat
from deputy.wire.signing import SigningKey

AGENT_NAME: Final = "Deputy"
FIRST_TERM_DAYS: Final = 365
FIRST_TOOLS: Final = ("ask", "brief.write", "code.run", "decline", "deliver", "model.reply")


@dataclass(frozen=True, slots=True)
class Founding:
    """Ids of what an organisation begins with."""

    org: str
    cell: str
    owner: str
    agent: str


class ControlService:
    """`core.ports.Authority` for the cells of one organisation, and its administration."""

    def __init__(self, journal: Journal, *, key: SigningKey, clock: Clock, ids: Ids) -> None:
        self._journal = journal
        self._key = key
        self._clock = clock
        self._ids = ids
        self._state = Organisation()
        self._signed: tuple[str, str, SignedExtract] | None = None
        """(journal head, extract digest, extract) of what was last signed."""

    async def found(self, name: str, owner_name: str) -> Founding:
        """Found the organisation, or give the one this database already holds."""
        async with self._journal.transaction() as connection:
            # Two processes that start at once must not found two organisations.
            await lock_founding(connection)
            if await self._org() is None:
                service, bodies = self._beginnings(name, owner_name)
                drafts = [Draft(body, PLATFORM) for body in bodies]
                org = self._ids.new("org")
                await self._journal.append(connection, org, drafts, by=Actor(sub=service))
        return _founding(await self.organisation())

    async def organisation(self) -> Organisation:
        """Give the organisation as of now; raises `NotFoundError` before it was founded."""
        org = self._state.id or await self._org()
        if org is None:
            raise NotFoundError(
                "No organisation was founded in this database.",
                hint="Start Deputy with `deputy up`: it founds one.",
                code="organisation.unfounded",
            )
        known = self._state
        seq, head = await self._journal.head(org)
        if head != known.head:
            if seq <= known.seq:
                raise JournalError(
                    f"The organisation's journal went back from entry {known.seq} to {seq}.",
                    hint="Restore its newest backup; until then no call is decided.",
                )
            news = await self._journal.read(org, after=known.seq, prev=known.head)
            self._state = fold(news, known)
        return self._state

    async def extract(self) -> SignedExtract:
        """Give the signed extract now in force."""
        return (await self._sign())[2]

    async def heartbeat(self, nonce: str) -> SignedHeartbeat:
        """Answer a cell's nonce with the digest of the extract now in force."""
        _, extract, _ = await self._sign()
        return sign_heartbeat(self._key, cell=self._state.cell, nonce=nonce, extract=extract)

    async def grant(self, mandate: Mandate, *, by: Actor, command: str | None = None) -> None:
        """Record a mandate; the next heartbeat tells the cells."""
        now_us = self._clock.now_us()
        check_grant(await self.organisation(), mandate, by=by, now_us=now_us)
        await self._append([b.MandateGranted(mandate=mandate)], by=by, command=command)

    async def revoke(self, mandate: str, *, by: Actor, command: str | None = None) -> None:
        """End a mandate before its time; the next heartbeat tells the cells."""
        check_revocation(await self.organisation(), mandate, by=by)
        await self._append([b.MandateRevoked(mandate=mandate)], by=by, command=command)

    async def deactivate(
        self, principal: str, *, by: Actor, reason: str = "", command: str | None = None
    ) -> None:
        """Stop a principal: from the next heartbeat on it holds no authority."""
        check_deactivation(await self.organisation(), principal, by=by)
        body = b.PrincipalDeactivated(principal=principal, reason=reason)
        await self._append([body], by=by, command=command)

    async def _append(self, bodies: Sequence[Body], *, by: Actor, command: str | None) -> None:
        drafts = [Draft(body, PLATFORM) for body in bodies]
        async with self._journal.transaction() as connection:
            await self._journal.append(connection, self._state.id, drafts, by=by, command=command)

    async def _sign(self) -> tuple[str, str, SignedExtract]:
        state = await self.organisation()
        if self._signed is None or self._signed[0] != state.head:
            extract = state.extract()
            signed = sign_extract(self._key, extract)
            self._signed = (state.head, extract.digest(), signed)
        return self._signed

    async def _org(self) -> str | None:
        found = [name for name in await self._journal.journals() if name.startswith("org_")]
        assert len(found) <= 1, "one control database holds one organisation"
        return found[0] if found else None

    def _beginnings(self, name: str, owner_name: str) -> tuple[str, list[Body]]:
        service = Principal(id=self._ids.new("svc"), kind="service", name="Deputy control plane")
        owner = Principal(
            id=self._ids.new("prs"), kind="person", name=owner_name, roles=(OWNER_ROLE,)
        )
        agent = Principal(id=self._ids.new("agt"), kind="agent", name=AGENT_NAME, sponsor=owner.id)
        mandate = Mandate(
            id=self._ids.new("man"),
            sub=owner.id,
            act=agent.id,
            purpose="Private work in the owner's own sessions",
            tools=FIRST_TOOLS,
            expires_us=self._clock.now_us() + FIRST_TERM_DAYS * DAY_US,
        )
        ruleset = rulesets.starter(self._ids.new("rul"))
        rulesets.check(ruleset)
        return service.id, [
            b.OrganisationFounded(name=name, cell=self._ids.new("cel")),
            b.PrincipalAdded(principal=service),
            b.PrincipalAdded(principal=owner),
            b.PrincipalAdded(principal=agent),
            b.MandateGranted(mandate=mandate),
            b.RuleSetEnforced(ruleset=ruleset),
        ]


def _founding(organisation: Organisation) -> Founding:
    """Name the beginnings: the first owner and the first agent, by the order of their ids."""
    people = sorted(organisation.principals.values(), key=lambda p: p.id)
    owner = next(p for p in people if p.kind == "person" and OWNER_ROLE in p.roles)
    agent = next(p for p in people if p.kind == "agent")
    return Founding(organisation.id, organisation.cell, owner.id, agent.id)
