"""A request as clauses: what is asked to be done, apart from what a report is about.

Owns how words are cut and which clauses ask for a report. Must never look at a word's topic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_CHARS_MAX = 20_000
CLAUSE_CHARS_MAX = 300
"""What is asked stands at the beginning of a clause; no pattern looks further."""

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|(?<!\w)'[^']*'(?!\w)|`[^`]*`")
_STOPS = re.compile(r"[.!;\n](?=\s|$)|(?<=\?)|:\s|\s[–—-]\s|\n")
_SHORTER = (
    ("’", "'"), ("don't", "do not"), ("doesn't", "does not"), ("can't", "cannot"),
    ("won't", "will not"), ("can not", "cannot"), ("24 / 7", "24/7"), (" it's ", " it is "),
    ("mustn't", "must not"),
)  # fmt: skip
_VERBS = """
    accept act add adjust alert answer approve archive assign authorise authorize automate back be
    bid block book build buy call carry charge check choose click close collect come control copy
    crawl create credit debit decide delete deny deposit detect disburse do download e-mail email
    enter execute fetch fill flag forward give go grant handle initiate inform instruct invest issue
    keep key let log mail make match message monitor move navigate notify open order paste pay ping
    place poll post press process pull purchase push put quote read reboot rebuild record refresh
    refund register reimburse reject release remind remit repeat reply rerun reset respond restart
    return reverse route run save scan schedule score scrape select sell send serve set settle shut
    sign start stop store submit switch take tell text tick trade transfer translate trigger type
    unlock update upload wait warn watch wire withdraw write
"""
_ACT = rf"(?:{'|'.join(_VERBS.split())})\b"
_BETWEEN = r"(?:then |also |please |to |you |automatically |directly |immediately |just )*"
_NEXT = re.compile(
    rf"(?:,\s*)?\b(?:and|then|and then|after that|afterwards|finally|also|"
    rf"or)\s+{_BETWEEN}(?={_ACT})"
    rf"|,\s*{_BETWEEN}(?={_ACT})"
)
_AFTERWARDS = re.compile(r"(?:,\s*)?\b(?:and\s+)?(?:then|after that|afterwards)\s+(?:please\s+)?")
_CONDITION = re.compile(
    rf"^(?:when|whenever|if|once|as soon as|every time|each time|(?:for )?(?:every|each)|"
    rf"from now on)"
    rf"\b[^,]*,\s*{_BETWEEN}(?={_ACT})|^(?:whenever|every time|each time|from now on)\b"
)
_EACH_TIME = re.compile(
    r"^(?:and |on |at |for )?(?:when|whenever|if|once|every|each|as soon as|from now on)\b"
)
_QUESTION = re.compile(
    r"^(?:for |in |of |by |at )?(?:which|who|whom|whose|what|when|where|why|how|is|are|was|were|"
    r"did|"
    r"does|do (?:we|i|they|any|all)|has|have)\b"
)
_MAKER = r"(?:build|create|make|develop|implement|set up|write|program|design|give)"
_MACHINE = (
    r"(?:chat ?bot|bot|service|micro-?service|system|tool|agent|assistant|robot|engine|api|"
    r"backend|"
    r"endpoint|script|program|macro|app|application|process|thing|automation|solution|something)"
)
_LEADS = (
    r"(?:hi|hello|hey|dear)\b(?: deputy| there| all| team)?,?\s*",
    r"(?:please|kindly|now|just|ok|okay|so|also|then|first|finally|and|next|deputy)\b,?\s*",
    r"(?:automatically|always)\s+",
    r"(?:can|could|would|will) you\s+",
    r"(?:it|this|that|the (?:tool|agent|system|bot|service)|deputy) "
    r"(?:must|should|has to|needs to|shall|will|is to)\s+",
    r"(?:i|we)(?:'d| would)? (?:want|need|like|expect) (?:you|deputy|it|this) to\s+",
    r"i'd like you to\s+|you (?:must|should|have to|need to|shall|will|are to|can)\s+",
    r"your (?:job|task) is to\s+|go ahead and\s+|help (?:me|us) (?:to )?",
    r"(?:use|take|with|from) (?:this|the|my|our|these) (?:[\w-]+ ){0,3}?to ",
    rf"(?:(?:i|we) (?:need|want|would like|'d like) |{_MAKER} (?:me |us )?)"
    rf"(?:an? |the |some |our )?(?:[\w-]+ ){{0,3}}?{_MACHINE} (?:that|which|to|who) "
    r"(?:can |will |should |must |automatically |always )*",
)
_LEAD = re.compile(rf"^(?:{'|'.join(_LEADS)})")
_THIRD_PERSON = re.compile(r"^(?:([a-z-]+(?:ch|sh|ss|x))es|([a-z-]+?)s)\b")
_RESULTS = (
    "list|lists|table|report|chart|charts|summary|workbook|excel|spreadsheet|overview|dashboard|"
    "analysis|csv|file|pdf|template|proposal|document|memo|presentation|plan|comparison|breakdown|"
    "page|graph|sheet|ranking|statement|calendar|checklist|mock-?up|model|histogram|letter|draft|"
    "pivot"
)
_REPORTING = (
    r"(?:show|list|count|chart|plot|graph|draw|compare|total|sum|add up|compute|calculate|average|"
    r"rank|sort|group|break|split|summari[sz]e|report|analy[sz]e|visuali[sz]e|find|identify|"
    r"work out"
    r"|look at|reconcile|flag|mark|highlight|tabulate|pivot|extract|merge|join|combine|clean|"
    r"explain"
    r"|describe|review|audit|assess|estimate|forecast|prepare|draft|simulate|measure|export|"
    r"convert|"
    r"get|name|outline|benchmark|evaluate|test|classify|categori[sz]e|determine|generate)\b",
    r"i (?:want|need|would like) (?:to (?:know|see|understand)|an? (?!promise|guarantee)|the )",
    r"tell me (?:how|which|what|who|where|why|if|whether|when|the)\b",
    r"check (?:whether|if|that|which|the|these|this|all|our|my|for)\b",
    r"(?:give|send|get|hand|let) (?:me|us|back) ",
    r"(?:make|create|build|write|design|produce|draw up|put together|set up|do|turn) "
    r"(?:me |us |this |that |it |back )*(?:\w+ (?:into|as) )?(?:an? |the |one |two |our |my )?"
    rf"(?:[\w'-]+ ){{0,5}}?(?:{_RESULTS})\b",
)
_REPORT = re.compile(rf"^(?:{'|'.join(_REPORTING)})")
_DATES = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|noon|midnight|now|the|then|\d|"
    r"hand|"
    r"bank|wire|card|direct|end of|e-?mail|phone|credit|filling|clicking|typing|selling"
)
_TITLE = re.compile(
    r"^(?!(?:[\w-]+ )(?:in|on|to|up|out|through|the|these|those|this|that|all|each|every|our|my|"
    r"an?|"
    r"their|his|her|me|us|him|them|it|you|your|any|both|no|people|\d)\b)"
    r"(?!.*\b(?:needs?|must|has to|have to|should)\b)"
    rf"[^,]*\b(?:by|per|versus|vs) (?!{_DATES})"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is asked. `reporting`: its verbs only say what a report is about."""

    text: str
    reporting: bool


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
    bare = _without_leads(sentence)
    conditional = _CONDITION.match(bare) is not None and not sentence.endswith("?")
    # A question says what it wants to know; "and" in it joins two things it is about.
    asking = _QUESTION.match(bare) is not None and not conditional
    parts = [part.strip(" ,?") for part in (_AFTERWARDS if asking else _NEXT).split(sentence)]
    texts = [_without_leads(part)[:CLAUSE_CHARS_MAX] for part in _with_times(parts)]
    return [Clause(text, _is_reporting(text, conditional)) for text in texts if text]


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
        if lead[0].rstrip().endswith((" that", " which", " who")):
            text = _THIRD_PERSON.sub(r"\1\2", text, count=1)
    return text


def _is_reporting(text: str, conditional: bool) -> bool:
    """Say whether a clause asks for a report, is a question, or is the title of a table."""
    if conditional and _EACH_TIME.match(text):
        # "Every Monday, send me …" is asked for every Monday; "if it is negative, show …" once.
        once = text.startswith(("for ", "when ", "if ", "once "))
        return once and _REPORT.match(text.partition(", ")[2]) is not None
    return bool(_REPORT.match(text) or _QUESTION.match(text) or _TITLE.match(text))
