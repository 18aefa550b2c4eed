"""Control founds one organisation, changes who may do what, and vouches for it.

Owns the contract of `core.ports.Authority` as control keeps it. Must never decide with anything
but what came signed over the wire.
"""

import asyncio
import json

import pytest
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from deputy.control.mandates import DAY_US
from deputy.control.service import FIRST_TOOLS, ControlService, Founding
from deputy.core.authority import SignedExtract, SignedHeartbeat, require_fresh
from deputy.core.errors import (
    ConflictError,
    DeniedError,
    DeputyError,
    GateUnavailableError,
    InvalidRequestError,
    NotFoundError,
)
from deputy.core.events import Event
from deputy.core.flow import ToolContract
from deputy.core.identity import Actor, Mandate
from deputy.core.labels import PLATFORM
from deputy.core.policy import Allow, Deny, Hold, Question, evaluate
from deputy.journals import Journal
from deputy.journals.journal import verify_heads
from deputy.testing.fakes import FixedClock, SequentialIds
from deputy.wire.authority import read_extract, read_heartbeat, sign_extract
from deputy.wire.signing import SignatureError, SigningKey
from tests.requirement import requirement


async def ask(
    control: ControlService, key: SigningKey, founding: Founding, tool: str = "code.run"
) -> Allow | Deny | Hold:
    """Decide as a cell does: under the extract that control signed."""
    extract = read_extract(key.public, await control.extract())
    return evaluate(
        extract,
        Question(
            actor=Actor(sub=founding.owner, act=founding.agent),
            tool=tool,
            contract=ToolContract(name=tool, effect="private_reversible"),
            session="ses_00000000000000000000000000",
            owner=founding.owner,
            turn="trn_00000000000000000000000000",
            call="call_00000000000000000000000000",
            args_digest="0" * 64,
            label=PLATFORM,
            pc=PLATFORM,
            now_us=FixedClock().now_us(),
        ),
    )


async def history(journal: Journal, founding: Founding) -> list[Event]:
    return list(await journal.read(founding.org))


async def test_a_founded_organisation_lets_its_owner_work_in_private(
    control: ControlService, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    organisation = await control.organisation()
    assert organisation.name == "Tailspin"
    assert organisation.principals[founding.owner].name == "Alice"
    assert organisation.principals[founding.agent].sponsor == founding.owner
    for tool in FIRST_TOOLS:
        assert isinstance(await ask(control, key, founding, tool), Allow)
    assert isinstance(await ask(control, key, founding, "mail.send"), Deny)


@requirement("R128", "R129")
async def test_the_founding_is_recorded_under_a_service_of_its_own(
    control: ControlService, journal: Journal
) -> None:
    founding = await control.found("Tailspin", "Alice")
    events = await history(journal, founding)
    assert [e.header.type for e in events] == [
        "organisation.founded",
        "principal.added",
        "principal.added",
        "principal.added",
        "mandate.granted",
        "ruleset.enforced",
    ]
    organisation = await control.organisation()
    (by,) = {e.header.sub for e in events}
    assert organisation.principals[by].kind == "service"


async def test_founding_again_or_at_once_gives_the_same_organisation(
    control: ControlService, journal: Journal, key: SigningKey, clock: FixedClock
) -> None:
    others = [
        ControlService(journal, key=key, clock=clock, ids=SequentialIds(start=n << 40))
        for n in range(1, 4)
    ]
    foundings = await asyncio.gather(*(c.found("Tailspin", "Alice") for c in (control, *others)))
    assert len(set(foundings)) == 1
    assert await control.found("Another name", "Mallory") == foundings[0]
    assert len(await journal.journals()) == 1


async def test_before_the_founding_there_is_nothing_to_vouch_for(control: ControlService) -> None:
    for asked in (control.extract(), control.heartbeat("n"), control.organisation()):
        with pytest.raises(NotFoundError, match="deputy up"):
            await asked


@requirement("R114", "R116", "R120")
async def test_a_revoked_mandate_denies_from_the_next_heartbeat_on(
    control: ControlService, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    before = read_extract(key.public, await control.extract())
    (mandate,) = before.mandates
    await control.revoke(mandate.id, by=Actor(sub=founding.owner))
    signed = await control.heartbeat("nonce")
    pulse = read_heartbeat(key.public, signed, cell=founding.cell, nonce="nonce", asked_s=0.0)
    assert pulse.extract != before.digest()
    with pytest.raises(GateUnavailableError, match="newer authority extract"):
        require_fresh(pulse, before.digest(), now_s=0.0)
    assert isinstance(await ask(control, key, founding), Deny)


@requirement("R114")
async def test_another_process_sees_a_revocation_too(
    control: ControlService, journal: Journal, key: SigningKey, clock: FixedClock
) -> None:
    founding = await control.found("Tailspin", "Alice")
    other = ControlService(journal, key=key, clock=clock, ids=SequentialIds(start=1 << 40))
    assert isinstance(await ask(other, key, founding), Allow)
    await control.deactivate(founding.agent, by=Actor(sub=founding.owner), reason="left")
    assert isinstance(await ask(other, key, founding), Deny)


async def test_an_unchanged_organisation_is_signed_once(control: ControlService) -> None:
    await control.found("Tailspin", "Alice")
    assert await control.extract() is await control.extract()


def mandate(founding: Founding, clock: FixedClock, **changes: object) -> Mandate:
    usual = Mandate(
        id="man_00000000000000000000000000",
        sub=founding.owner,
        act=founding.agent,
        purpose="mail",
        tools=("mail.draft",),
        expires_us=clock.now_us() + DAY_US,
    )
    return usual.model_copy(update=changes)


@requirement("R114")
async def test_people_lend_their_own_permissions_only(
    control: ControlService, key: SigningKey, clock: FixedClock
) -> None:
    founding = await control.found("Tailspin", "Alice")
    alice, agent = Actor(sub=founding.owner), Actor(sub=founding.owner, act=founding.agent)
    wanted = mandate(founding, clock)
    stranger = "prs_00000000000000000000000000"
    for bad, by, error in (
        (wanted, agent, DeniedError),
        (wanted, Actor(sub=stranger), DeniedError),
        (wanted, Actor(sub=founding.agent), DeniedError),
        (mandate(founding, clock, sub=stranger), alice, DeniedError),
        (mandate(founding, clock, act=stranger), alice, NotFoundError),
        (mandate(founding, clock, expires_us=clock.now_us()), alice, InvalidRequestError),
        (mandate(founding, clock, expires_us=1 << 60), alice, InvalidRequestError),
        (mandate(founding, clock, tools=()), alice, InvalidRequestError),
    ):
        with pytest.raises(error):
            await control.grant(bad, by=by)
    assert isinstance(await ask(control, key, founding, "mail.draft"), Deny)
    await control.grant(wanted, by=alice, command="cmd_00000000000000000000000000")
    await control.grant(wanted, by=alice, command="cmd_00000000000000000000000000")
    assert isinstance(await ask(control, key, founding, "mail.draft"), Allow)
    assert (await control.organisation()).seq == 7


async def test_who_may_revoke_and_stop(control: ControlService) -> None:
    founding = await control.found("Tailspin", "Alice")
    alice, agent = Actor(sub=founding.owner), Actor(sub=founding.owner, act=founding.agent)
    (given,) = (await control.organisation()).mandates
    for refused in (
        control.revoke(given, by=agent),
        control.deactivate(founding.agent, by=agent),
        control.deactivate(founding.owner, by=alice),
    ):
        with pytest.raises(DeniedError):
            await refused
    for unknown in (
        control.revoke("man_00000000000000000000000000", by=alice),
        control.deactivate("agt_00000000000000000000000000", by=alice),
    ):
        with pytest.raises(NotFoundError):
            await unknown


def forge(token: str, **changes: object) -> str:
    """Change claims of a token and leave its signature as it was."""
    header, payload, signature = token.split(".")
    claims = json.loads(urlsafe_b64decode(payload.encode())) | changes
    return ".".join((header, urlsafe_b64encode(json.dumps(claims).encode()).decode(), signature))


@requirement("R120")
async def test_an_edited_or_foreign_extract_is_refused(
    control: ControlService, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    signed = await control.extract()
    with pytest.raises(SignatureError):
        read_extract(key.public, SignedExtract(forge(signed.token, cell=founding.cell, v=2)))
    with pytest.raises(SignatureError):
        read_extract(SigningKey.generate().public, signed)
    with pytest.raises(SignatureError):
        read_extract(key.public, SignedExtract("not.a.token"))
    extract = read_extract(key.public, signed)
    unsigned = sign_extract(SigningKey.generate(), extract)
    with pytest.raises(SignatureError):
        read_extract(key.public, unsigned)


async def test_a_heartbeat_is_no_extract_and_an_extract_no_heartbeat(
    control: ControlService, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    beat, extract = await control.heartbeat("n"), await control.extract()
    with pytest.raises(SignatureError, match="something else"):
        read_extract(key.public, SignedExtract(beat.token))
    with pytest.raises(SignatureError, match="something else"):
        read_heartbeat(
            key.public, SignedHeartbeat(extract.token), cell=founding.cell, nonce="n", asked_s=0
        )


async def test_a_heartbeat_answers_one_nonce_of_one_cell(
    control: ControlService, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    signed = await control.heartbeat("today")
    for cell, nonce in ((founding.cell, "yesterday"), ("cel_00000000000000000000000000", "today")):
        with pytest.raises(SignatureError, match="another question"):
            read_heartbeat(key.public, signed, cell=cell, nonce=nonce, asked_s=0.0)


async def test_a_heartbeat_ages_from_the_moment_it_was_asked_for(
    control: ControlService, key: SigningKey, clock: FixedClock
) -> None:
    founding = await control.found("Tailspin", "Alice")
    asked_s = clock.monotonic_s()
    signed, extract = (
        await control.heartbeat("n"),
        read_extract(key.public, await control.extract()),
    )
    pulse = read_heartbeat(key.public, signed, cell=founding.cell, nonce="n", asked_s=asked_s)
    clock.step(0)  # a wall clock set back makes no answer younger
    clock.advance(3.0)
    require_fresh(pulse, extract.digest(), now_s=clock.monotonic_s())
    clock.advance(0.001)
    with pytest.raises(GateUnavailableError, match=r"3\.0 s old"):
        require_fresh(pulse, extract.digest(), now_s=clock.monotonic_s())
    with pytest.raises(GateUnavailableError, match="not been heard"):
        require_fresh(None, None, now_s=0.0)


async def test_a_journal_that_went_back_is_not_vouched_for(
    control: ControlService, journal: Journal, key: SigningKey, clock: FixedClock
) -> None:
    founding = await control.found("Tailspin", "Alice")
    (given,) = (await control.organisation()).mandates
    await control.revoke(given, by=Actor(sub=founding.owner))
    await control.organisation()

    class Restored(Journal):
        async def head(self, journal: str) -> tuple[int, str]:
            return 6, "f" * 64

    control._journal = Restored(
        journal.engine,
        journal._t,
        keys=journal._keys,
        clock=clock,
        ids=SequentialIds(),
        projector=journal._project,
    )
    with pytest.raises(DeputyError, match="went back from entry 7 to 6"):
        await control.heartbeat("n")


async def test_dropping_controls_derived_rows_and_folding_again_changes_nothing(
    control: ControlService, journal: Journal, key: SigningKey
) -> None:
    founding = await control.found("Tailspin", "Alice")
    before = await journal.head(founding.org)
    async with journal.transaction() as connection:
        await journal.refold(connection)
    assert await journal.head(founding.org) == before
    await verify_heads(journal, founding.org)
    assert isinstance(await ask(control, key, founding), Allow)


def test_a_founding_without_rules_gives_no_extract() -> None:
    from deputy.control.organisation import Organisation

    with pytest.raises(ConflictError):
        Organisation().extract()
