"""A small organisation to ask questions about.

Owns the cast of the policy tests. Must never hold a rule: tests name the rules they ask under.
"""

from deputy.control import rulesets
from deputy.core.authority import AuthorityExtract, RuleSet
from deputy.core.flow import Effect, ToolContract
from deputy.core.identity import Actor, Mandate, Principal
from deputy.core.labels import PLATFORM, Label
from deputy.core.policy import Question
from deputy.testing.fakes import START_US, SequentialIds

_ids = SequentialIds(start=1 << 70)
ALICE = Principal(id=_ids.new("prs"), kind="person", name="Alice", roles=("owner",))
BOB = Principal(id=_ids.new("prs"), kind="person", name="Bob")
AGENT = Principal(id=_ids.new("agt"), kind="agent", name="Deputy", sponsor=ALICE.id)
SESSION, TURN, CALL = _ids.new("ses"), _ids.new("trn"), _ids.new("call")
MANDATE = Mandate(
    id=_ids.new("man"),
    sub=ALICE.id,
    act=AGENT.id,
    purpose="private work",
    tools=("code.run", "mail.*", "model.reply"),
    expires_us=START_US + 1_000_000,
)
STARTER = rulesets.starter(_ids.new("rul"))


def extract(
    *principals: Principal,
    mandates: tuple[Mandate, ...] = (MANDATE,),
    ruleset: RuleSet = STARTER,
) -> AuthorityExtract:
    """Give Alice's organisation, or one of other people and mandates."""
    return AuthorityExtract(
        org="org_00000000000000000000000000",
        cell="cel_00000000000000000000000000",
        principals=principals or (ALICE, BOB, AGENT),
        mandates=mandates,
        ruleset=ruleset,
    )


def question(
    tool: str = "code.run",
    effect: Effect = "private_reversible",
    *,
    sub: Principal = ALICE,
    act: Principal | None = AGENT,
    label: Label = PLATFORM,
    pc: Label = PLATFORM,
    public: bool = False,
    approved: bool = False,
    now_us: int = START_US,
) -> Question:
    """Ask whether the agent may use a tool in Alice's session."""
    return Question(
        actor=Actor(sub=sub.id, act=act.id if act else None),
        tool=tool,
        contract=ToolContract(name=tool, effect=effect, public=public),
        session=SESSION,
        owner=ALICE.id,
        turn=TURN,
        call=CALL,
        args_digest="0" * 64,
        label=label,
        pc=pc,
        now_us=now_us,
        approved=approved,
    )
