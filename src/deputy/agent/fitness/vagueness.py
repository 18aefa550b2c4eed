"""Requests without any result in them.

Owns the words that name no result. A request is vague when nothing else is left of it, so that
one word about a thing is enough not to be. Must never ask where a reading is possible.
"""

from __future__ import annotations

import re

WORDS_MAX = 30
"""Whoever writes more than this says something."""

_EMPTY_WORDS = """
    a about again ai all also always amazing an analyse analysis analyze and any anything
    appropriate around as asap assist at away awesome be become before best better bit boss
    bring business but can cannot care clever come company cool could data deal decide deputy
    did do does doing don done easier easy efficient else enhance etc everyone everything excel
    fancy fantastic fast few figure file files find fine fix for from get give go good great
    guys handle happen happy have hello help here hey hi how i idea ideas if important impress
    improve improved improvement improvements in innovative insight insights interesting into is
    isn it its job just kind know let life like little look looks lot love magic make makeover
    makes manager matter maybe me meeting mess mine more much must my necessary need needed
    needful new nice nicer normal normally now numbers of off ok okay on one optimise optimize
    or other our out perfect perfectly please pop possible prepare pretty problem problems
    process professional proper properly quick quickly ready really required right run see sense
    should side simpler situation smart smarter smoothly so solve some somehow someone something
    somewhat sort spreadsheet start stuff support sure surprise sweet take talked task tasks
    tell than thank thanks that the their them then there these they thing things think this
    those thoughts to today too try unhappy up us use useful usual usually value very want was
    way we well what whatever when will wish with wonder wonders work works would wow write you
    your yourself
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_DOCUMENTS_WORDS = """
    chart dashboard document email excel letter list overview page paper pdf plan presentation
    report slide slides summary table text
"""
_DOCUMENTS = frozenset(_DOCUMENTS_WORDS.split())
"""Without a file and a word more, these name no result either."""
_AIMS_WORDS = """
    cheaper competition competitive cost costs culture customer customers department digital
    digitally efficiency employees faster future growth happier margin margins market
    marketing modern money operations organisation organization performance process
    processes productivity profit profitable profits quality results revenue revenues rich
    richer sales satisfaction strategy success successful team teams workflow workflows
"""
_AIMS = frozenset(_AIMS_WORDS.split())
_WISH = re.compile(
    r"\b(?:be (?:better|more)|become|improve|boost|increase|grow|optimi[sz]e|transform|raise|"
    r"maximi[sz]e|reduce|lower|cut|fix|digitali[sz]e|moderni[sz]e|revolutioni[sz]e|streamline|"
    r"speed up|make|solve|accelerate|save|turn around)\b"
)
_VERB = re.compile(
    r"\b(?:do|make|help|improve|fix|handle|analy[sz]e|look|find|think|want|need|impress|solve|"
    r"take|know|give|deal|sort|work|use|surprise|bring|get|see|run|try|create|optimi[sz]e|wish|"
    r"process|prepare|enhance|decide|support|write|tell me everything|assist|usual)\b"
)
_RESULT = re.compile(
    r"\b(?:summar\w+|overview|charts?|tables?|reports?|totals?|sum|averages?|pdf|lists?|"
    r"compare\w*|counts?|how (?:many|much)|duplicates?|clean\w*|show|plot|graph|dashboard|pivot|"
    r"rows?|columns?|what(?:'s| is) in|describe|convert|sort by)\b"
)


def is_vague(words: str, *, has_files: bool) -> bool:
    """Say whether nothing in a request names a result that somebody could check."""
    text = words.lower().replace("’", "'")
    said = re.findall(r"[a-zà-ÿ]+(?:'[a-z]+)?|\d+", text)
    wishes = _VERB.search(text) or _WISH.search(text)
    if not said or len(said) > WORDS_MAX or not wishes:
        return False
    rest = [word for word in said if word.partition("'")[0] not in _EMPTY]
    if not has_files and all(word in _DOCUMENTS for word in rest):
        return True
    if _RESULT.search(text):
        return False
    if rest and _WISH.search(text) and not has_files:
        rest = [w for w in rest if w not in _AIMS and not _WISH.fullmatch(w)]
    return not rest
