"""A request as clauses: what is asked to be done, apart from what a report is about.

Owns how words are cut, and the polite words that are taken off. Must never look at a topic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deputy.agent.fitness.moods import SHOWING, STANDING, WORKING, Mood, active, mood_of
from deputy.agent.fitness.phrases import either

WORDS_CHARS_MAX = 20_000
CLAUSE_CHARS_MAX = 300
"""What is asked stands at the beginning of a clause; no pattern looks further."""

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|(?<!\w)'[^']*'(?!\w)|`[^`]*`")
_STOPS = re.compile(r"[.!;\n](?=\s|$)|(?<=\?)|:\s|\s[–—-]\s|\n")
_SHORTER = (
    ("’", "'"), ("don't", "do not"), ("doesn't", "does not"), ("can't", "cannot"),
    ("won't", "will not"), ("can not", "cannot"), ("mustn't", "must not"), (" it's ", " it is "),
    (" there's ", " there is "), (" i'd ", " i would "), (" we'd ", " we would "),
    ("24 / 7", "24/7"), (" i.e. ", " "), (" e.g. ", " "), (" a.m. ", " am "), (" p.m. ", " pm "),
    (" needed: ", " we need "), (" wanted: ", " we need "), (" pls ", " please "),
    (" (", ", "), (")", ""),
)  # fmt: skip
"""What people write in several ways, written in one."""
_ACT = (
    either("""
        accept act add adjust alert answer approve archive assign authorise authorize automate back
        be bid block book build buy call carry charge check choose click close collect come control
        copy crawl create credit debit decide delete deny deposit detect disburse do download e-mail
        enter execute fetch fill flag forward give go grant handle initiate inform instruct invest
        issue keep key let log mail make match message monitor move navigate notify open order pick
        paste pay ping place poll post press process pull purchase push put quote read reboot
        rebuild record refresh refund register reimburse reject release remind remit repeat reply
        rerun reset respond restart return reverse route run save scan schedule score scrape select
        sell send serve set settle shout shut sign start stay stop store submit switch take tell
        text tick trade transfer translate trigger type unlock update upload wait warn watch wire
        withdraw write
    """)
    + r"\b"
)
_PURPOSE = re.compile(
    r",?\bso (?:that )?(?!you\b|it\b|this\b|that\b|deputy\b|no\b|no ?body\b|none\b)"
    r"(?:[\w'-]+ ){1,4}?(?:can|could|may|might)\b.*"
)
"""What others can do once the thing is there is not asked to be done."""
_BETWEEN = r"(?:then |also |please |to |you |automatically |directly |immediately |just )*"
_DETERMINED = r"(?:it|them|the|these|those|this|that|all|both|each|my|our|me|us|an?)\b"
_NEXT = re.compile(
    r"(?:,\s*)?\b(?:and|then|and then|after that|afterwards|finally|also|or|"
    rf"so)\s+{_BETWEEN}(?={_ACT}|(?:{SHOWING}|{WORKING}) {_DETERMINED})|,\s*{_BETWEEN}(?={_ACT}|"
    rf"(?:{SHOWING}|{WORKING}) {_DETERMINED})|,\s*(?=(?:when|what|who|where) (?:was|is|did|were|"
    r"are)\b|how (?:many|much)\b)"
)
"""Where the next thing to be done, or the question about what was said, begins."""
_AFTERWARDS = re.compile(r"(?:,\s*)?\b(?:and\s+)?(?:then|after that|afterwards)\s+(?:please\s+)?")
_CONDITION = re.compile(
    r"^(?:when|whenever|if|once|as soon as|every time|each time)\b[^,]*, |^(?:(?:for )?(?:every|"
    rf"each)|from now on)\b[^,]*,\s*{_BETWEEN}(?={_ACT})|^(?:whenever|every time|each time|from "
    r"now on)\b"
)
_EACH_TIME = re.compile(
    r"^(?:and |on |at |for )?(?:when|whenever|if|once|every|each|as soon as|as long as|from now "
    r"on|the (?:first|last|1st) of)\b"
)
_ASKING = re.compile(
    r"^(?:for |in |of |by |at )?(?:which|who|whom|whose|what|what's|when|where|why|how|is|are|was|"
    r"were|did|does|do (?:we|i|they|any|all|our|the [\w-]+ in (?:column|row|tab|sheet))|has|have "
    r"(?:we|i|they|any|all|our))\b"
)
_FILLER = either("""
    a an and any anyone appreciate appreciated asked asks basically be boss but can chance could
    does everyone for get glad good grateful great happy has have help helpful hereby him his hope
    hoping i i'm if is it just kind kindly like love lovely manager maybe me might most my need
    needs nice now ok okay perhaps please possible possibly really should so somebody somehow
    someone team that the there there's think this to today told us very want wants was way we we're
    whether who wonder wonderful wondering would yesterday
""")
"""Words that may stand before "you could …" and say nothing of their own."""
_SOMEBODY = r"(?:you|deputy|somebody|someone|anybody|anyone)(?:,? you\??,?)?"
_MODAL = (
    r"(?:to|could|can|would|will|might|must|should|have to|has to|need to|needs to|shall|are to)"
)
_SOFTLY = r"(?:please |kindly |just |maybe |perhaps )*"
_MAKER = r"(?:build|create|make|develop|implement|set up|write|program|design|give|host)"
_ON_A_SCREEN = r"(?:browser|mouse|keyboard|[\w-]+ (?:screen|portal|terminal|website)\b)"
_LEADS = (
    # Greetings and small words.
    r"(?:hi|hiya|hello|hey|dear|good (?:morning|afternoon|evening)|morning)\b(?: deputy| there| "
    r"all| team| everyone)?,?\s*",
    r"(?:please|kindly|now|just|ok|okay|so|also|then|first|finally|and|next|deputy|urgent|but|"
    r"well|basically)\b,?\s*",
    r"(?:automatically|always|simply|simultaneously|continuously|immediately|quickly)\s+",
    # Asking somebody: "could you", "my boss wants you to", "would you be so kind as to".
    r"(?:would|do) you mind (?:please )?",
    rf"(?:can|could|would|will) you\s+{_SOFTLY}",
    rf"(?:{_FILLER},? ){{0,14}}?{_SOMEBODY} {_MODAL}\s+{_SOFTLY}",
    rf"(?:{_FILLER} ){{1,10}}?(?:as to|possible to|to get you to) ",
    rf"(?:could|can) {_SOMEBODY} (?:please )?",
    r"(?:it|this|that|the (?:tool|agent|system|bot|service)|deputy) (?:must|should|has to|needs "
    r"to|shall|will|is to)\s+(?!never\b|not\b|under\b|be\b|get\b|arrive|have\b|contain)",
    r"(?:i|we)(?: would)? (?:want|need|like|expect) (?:you|deputy|it|this) to\s+",
    rf"you {_MODAL}\s+|your (?:job|task) is to\s+|be the one (?:who|that) ",
    r"go ahead and\s+|(?:remember|be sure|do not forget|feel free|try) to\s+|help (?:me|us) "
    r"(?:to )?",
    # What it is done with, and the standing thing that is to do it.
    r"for (?:this|these|that|now|today)(?: \w+)?,\s*",
    r"(?:use|take|with|from) (?:this|the|my|our|these) "
    rf"(?!{_ON_A_SCREEN})(?:[\w-]+ ){{0,3}}?(?:to |, )",
    rf"(?:(?:i|we) (?:need|want|would like) |{_MAKER} (?:me |us )?)(?:an? |the |some |"
    rf"our )?(?:[\w-]+ ){{0,3}}?{STANDING} (?:that|which|to|who) (?:can |will |should |must |"
    r"automatically |always )*(?!our\b|my\b|the\b|people\b|members\b)",
)
_LEAD = re.compile(rf"^(?:{'|'.join(_LEADS)})")
_GERUND = re.compile(r"^([a-z]{2,}?)ing\b")
_THIRD_PERSON = re.compile(r"^(?:([a-z-]+(?:ch|sh|ss|x))es|([a-z-]+?)s)\b")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is asked, and how."""

    text: str
    mood: Mood


def clauses(words: str) -> tuple[Clause, ...]:
    """Cut a request into its clauses, each without the polite words before it."""
    text = f" {words[:WORDS_CHARS_MAX].lower()} "
    for long, short in _SHORTER:
        text = text.replace(long, short)
    found: list[Clause] = []
    for sentence in _STOPS.split(_QUOTED.sub(" it ", text)):
        found.extend(_of_sentence(" ".join(sentence.split())))
    return tuple(found)


def _of_sentence(sentence: str) -> list[Clause]:
    bare = _PURPOSE.sub("", _without_leads(sentence))
    conditional = _CONDITION.match(bare) is not None and not sentence.endswith("?")
    # A question says what it wants to know; "and" in it joins two things it is about.
    asking = _ASKING.match(bare) is not None and not conditional
    parts = [part.strip(" ,?") for part in (_AFTERWARDS if asking else _NEXT).split(bare)]
    texts = [_without_leads(part)[:CLAUSE_CHARS_MAX] for part in _with_times(parts)]
    return [_clause(text, conditional) for text in texts if text]


def _clause(text: str, conditional: bool) -> Clause:
    text, mood = active(text)
    timed = conditional and _EACH_TIME.match(text) is not None
    return Clause(text, mood or mood_of(text, conditional=timed))


def _with_times(parts: list[str]) -> list[str]:
    """Put "every Monday at 8" before what is to be done then."""
    joined: list[str] = []
    for part in parts:
        if joined and _EACH_TIME.match(joined[-1]):
            joined[-1] = f"{joined[-1]}, {part}"
        else:
            joined.append(part)
    return joined


def _without_leads(text: str) -> str:
    """Take the polite words and the "build something that …" off the beginning."""
    while (lead := _LEAD.match(text)) is not None and lead.end():
        text = text[lead.end() :]
        if lead[0].rstrip().endswith(" mind"):
            text = _GERUND.sub(_plain, text, count=1)
        if lead[0].rstrip().endswith((" that", " which", " who")):
            text = _THIRD_PERSON.sub(r"\1\2", text, count=1)
    return text


def _plain(said: re.Match[str]) -> str:
    """Give "pay" for "paying" and "release" for "releasing"."""
    stem = said[1]
    return stem if re.fullmatch(_ACT, stem) or not re.fullmatch(_ACT, stem + "e") else stem + "e"
