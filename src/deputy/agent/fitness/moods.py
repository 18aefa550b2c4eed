"""How a clause asks: for a report, for an act, or by stating what has to happen.

Owns the words that ask for a report, and how "the bills must be paid" becomes "pay the bills".
Must never look at a topic.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from deputy.agent.fitness.phrases import either

Mood = Literal["report", "work", "order", "wish"]
"""report: its verbs only say what is reported. work: done to data, unless at once or for ever.
order: any other imperative. wish: a statement; somebody must do it, perhaps not Deputy."""

_QUESTION = re.compile(
    r"^(?:for |in |of |by |at )?(?:which|who|whom|whose|what|what's|when|where|why|how|is|are|was|"
    r"were|did|does|do (?:we|i|they|any|all|our|the [\w-]+ in (?:column|row|tab|sheet))|has|have "
    r"(?:we|i|they|any|all|our|there))\b"
)
_DOCUMENTS = either("""
    list+ table+ report+ chart+ summary+ workbook excel spreadsheet+ overview+ dashboard analysis
    csv file+ pdf template+ proposal+ document+ memo+ presentation plan+ comparison+ breakdown page+
    graph+ sheet+ ranking+ statement+ calendar checklist+ mock-up+ model+ histogram+ letter+ draft+
    pivot guide+ manual+ chapter+ roster+ agenda+ sketch+ diagram+ map+ plot minutes timeline+
    matrix budget+ invoice_template brochure+ poster+ slide+ handout+ questionnaire+ tag+ label+
    note+ e-mail+ mail+ reply text+ post+ announcement+ reminder+ article+ description+ question+
    form faq script+ macro+ query function+ formula+ regex+ snippet+ class unit-test+ test+
    javascript python sql html column+ file_with line+ bar+ regular_expression+ expression+
    simulation+ calculator+ timetable+ proof_of_concept concept architecture payment_file+ entry+
    entries_as
""")
WORKING: Final = either("""
    check find identify flag mark sort match score classify categorise categorize evaluate estimate
    determine suggest translate validate convert recalculate recompute compute calculate get test
    rank recommend export look_at
""")
SHOWING: Final = either("""
    show list count chart plot graph draw compare total sum sum_up add_up average group break split
    summarise summarize report analyse analyze visualise visualize work_out reconcile highlight
    tabulate pivot extract merge join combine clean explain describe review audit assess forecast
    prepare draft simulate measure name outline benchmark generate sketch proofread rename number
    normalise normalize tidy append unpivot
""")
_MAKING = either("""
    make create build write design produce draw_up put_together set_up do turn issue compose prepare
    develop program code
""")
STANDING: Final = either("""
    chat-bot bot service micro-service system tool agent assistant robot engine api back-end
    end-point app application program process thing automation solution something someone somebody
    place
""")
"""What is built to do something again and again."""
_REPORT = re.compile(
    "^(?:"
    + "|".join(
        (
            rf"{SHOWING}\b",
            r"(?:i|we) (?:want|need|would like) (?:to (?:know|see|understand)|an? (?!promise|"
            rf"guarantee|(?:[\w-]+ ){{0,3}}?{STANDING}\b)|the )",
            r"tell (?:me|us) (?:how|which|what|who|where|why|if|whether|when|about|the)\b",
            r"check (?:whether|if|that|which|for)\b",
            r"(?:give|send|get|hand|let) (?:me|us|back) ",
            rf"{_MAKING} (?!off\b|out\b)(?:me |us |this |that |it |back )*(?:\w+ (?:into|"
            r"as) )?(?:(?:an?|the|one|two|our|my|some|this|his|her|\d+) )?(?:(?!(?:in|on|from|at|"
            rf"of|for|with|to|that|which|who)\b)[\w'-]+ ){{0,5}}?{_DOCUMENTS}\b",
        )
    )
    + ")"
)
_DATES = (
    r"and|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|noon|midnight|now|the|then|\d|"
    r"hand|bank|wire|card|direct|end of|e-?mail|phone|credit|filling|clicking|typing|selling|itself"
)
_TITLE = re.compile(
    r"^(?!\d)(?!(?:[\w-]+ )(?:in|on|to|up|out|through|the|these|those|this|that|all|each|every|"
    r"our|my|an?|their|his|her|me|us|him|them|it|you|your|any|both|no|people|"
    r"\d)\b)(?!.*\b(?:needs?|must|has to|have to|should)\b)[^,]*\b(?:by|per|versus|vs) "
    rf"(?!{_DATES}|second|sec)"
)
_AS_A_CHART = re.compile(
    r"\bas an? (?:[\w-]+ )?(?:chart|graph|table|histogram|heat ?map|list|plot|timeline|pivot)$"
)
_STATEMENT = re.compile(
    r"^(?:[\w-]+s (?:keep|constantly|always|often|regularly)\b|\d|(?:i|we|you|it|he|she|they|"
    r"there|this|these|that|those|the|our|my|an?|all|some|thousands|hundreds|many|most|his|her|"
    r"their|nobody|no|not|people|staff)\b|(?:exports?|data|figures|numbers|results|extract|"
    r"output) (?:from|of) .*\b(?:is|are)\b|[\w-]+ (?:is|are|was|were|has|had|needs?|will|must)\b)"
)
_WORK = re.compile(rf"^{WORKING}\b")
_ONCE_ONLY: Final = ("for ", "when ", "if ", "once ")

_DONE: Final = {
    "paid": "pay", "sent": "send", "run": "run", "kept": "keep", "sold": "sell", "bought": "buy",
    "put": "put", "set": "set", "made": "make", "done": "do", "told": "tell",
    "posted": "post", "booked": "book", "entered": "enter", "typed": "type", "keyed": "key",
    "wired": "wire", "transferred": "transfer", "remitted": "remit", "refunded": "refund",
    "reimbursed": "reimburse", "settled": "settle", "released": "release", "charged": "charge",
    "debited": "debit", "credited": "credit", "collected": "collect", "executed": "execute",
    "refreshed": "refresh", "updated": "update", "blocked": "block", "answered": "answer",
    "checked": "check", "watched": "watch", "monitored": "monitor", "mailed": "mail",
    "e-mailed": "e-mail", "emailed": "email", "delivered": "deliver", "uploaded": "upload",
    "downloaded": "download", "archived": "archive", "copied": "copy", "filled": "fill",
    "approved": "approve", "rejected": "reject", "declined": "decline", "stopped": "stop",
    "repeated": "repeat", "produced": "produce", "scored": "score", "routed": "route",
}  # fmt: skip
_PARTICIPLE = f"(?P<done>{'|'.join(_DONE)})"
_DEMAND = r"(?:must|have to|has to|needs? to|should|are to|is to|ought to|shall|need|needs)"
_STATED = re.compile(
    r"^(?P<what>(?!i\b|we\b|you\b|there\b)(?:(?!that\b|which\b|who\b|if\b|when\b|"
    rf"because\b)[\w'-]+ ){{1,12}}?){_DEMAND} (?:all |now |please |also )?(?:be |get |"
    rf"being )(?:\w+ly )?{_PARTICIPLE}\b(?P<rest>.*)"
)
_SEEN_TO = re.compile(
    r"^(?:see (?:to it )?that|make sure(?: that)?|ensure(?: that)?) "
    rf"(?P<what>(?:[\w'-]+ ){{1,6}}?)gets? {_PARTICIPLE}\b(?P<rest>.*)"
)
_HAVING = re.compile(
    rf"^(?:have|get) (?P<what>(?:[\w'-]+ ){{1,6}}?){_PARTICIPLE}(?P<rest>(?: (?:today|now|asap|at "
    r"once|before|by (?:noon|tonight|tomorrow|mon|tues|wednes|thurs|fri|\d|the end)).*)?)$"
)
_WANTED = re.compile(
    r"^(?:i|we) (?:want|need|would like) (?P<what>(?!to\b|"
    r"you\b)(?:[\w'-]+ ){1,6}?)(?P<done>refreshed|updated|sent|run|blocked|delivered|answered|"
    r"checked|monitored|watched|mailed|repeated|stopped)\b(?P<rest>.+)"
)


def mood_of(text: str, *, conditional: bool) -> Mood:
    """Say how a clause asks; `conditional`: it begins with when or how often."""
    if conditional:
        # "Every Monday, send me …" is asked for every Monday; "if it is negative, show …" once.
        once = text.startswith(_ONCE_ONLY)
        return "report" if once and _REPORT.match(text.partition(", ")[2]) else "order"
    if _REPORT.match(text) or _QUESTION.match(text) or _TITLE.match(text):
        return "report"
    if _AS_A_CHART.search(text):
        return "report"
    if _STATEMENT.match(text):
        return "wish"
    return "work" if _WORK.match(text) else "order"


def active(text: str) -> tuple[str, Mood | None]:
    """Turn a passive into what is to be done, with its mood; a clause that is none stays."""
    plain = mood_of(text, conditional=False) not in ("order", "wish")
    for pattern, mood in _PASSIVES:
        if plain and pattern is not _HAVING:
            continue
        if (said := pattern.match(text)) is not None:
            act = f"{_DONE[said['done']]} {_object(said['what'])}{said['rest']}"
            return act, mood
    return text, None


def _object(what: str) -> str:
    return "them" if what.strip() in ("they", "these", "those") else what.strip()


_PASSIVES: Final[tuple[tuple[re.Pattern[str], Mood], ...]] = (
    (_STATED, "wish"),
    (_SEEN_TO, "order"),
    (_HAVING, "order"),
    (_WANTED, "wish"),
)
