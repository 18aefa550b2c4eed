"""Answers within moments, or for many callers at once.

Owns these acts. Must never match the analysing of what fast systems did.
"""

from __future__ import annotations

from typing import Final

from deputy.agent.fitness.phrases import FEW

_QUICK = (
    r"(?:match|decide|react|respond|answer|bid|trade|brake|reply|block|route|act|adjust|sell|buy|"
    r"fire|filter)"
)
_NUMBER = (
    r"(?:\d[\d.,]*\s?(?:k|m|thousand|million)?\s?|(?:an?|one|two|five|ten|twenty|fifty|several) "
    r"(?:hundred|thousand|million) )"
)
_MOMENT = (
    r"(?:(?:\d[\d.,]*|a few|few|some|single|ten|twenty|fifty|a hundred|one|two|five)[ -]?(?:ms|"
    r"milli-?seconds?|micro-?seconds?|µs|nano-?seconds?)|(?:an?|one|half a|a \w+ of a|two|1|2|"
    r"0[.,]\d+) ?(?:seconds?|s|sec)|a split second|the blink of an eye|a fraction of a second)\b"
)
_FAST = (
    rf"(?<!ed )(?<!done )(?<!made )\b(?:with)?in (?:under |less than |at most |just )?{_MOMENT}|"
    r"\b(?:latency|delay|response times?|needs?|must|has to)\b.* (?:under|below|less than|at "
    rf"most|of) {_MOMENT}|^in \d[\d.,]* ?(?:ms|milli-?seconds?)\b|, in milli-?seconds",
    r"\b(?:sub-?second|micro-?seconds? latency|milli-?seconds? after)\b",
    r"(?<!ed )(?<!done )(?<!made )\b(?:in|at|near) real[- ]?time\b|\b(?:real[- ]?time|"
    r"milli-?second|split[- ]second) (?:decisions?|pricing|scoring|answers?|service)",
    r"\b(?:ultra-?)?low latency|\b(?:sub-?)?(?:milli|micro)-?second latency|\binstantly\b|\blive "
    r"(?:for|while|as|to|pricing|during|service|sensor|camera|stream|feed|video|data feed)|"
    r"\blive(?:$| and\b|,)",
    r"\bon the fly\b|\bas (?:they|it|each one|each) (?:come|arrive|happen|occur|stream|flow|pass|"
    r"load|scroll)|\bas (?:they|it) (?:is|are) (?:being )?(?:posted|placed|made|typed|spoken)",
    r"\b(?:immediately|at once) (?:when|as soon as|once)|\bthe (?:very )?(?:moment|instant) "
    r"(?!i\b)|\bthe second (?:it|they|he|she|an?) \w",
    r"\blive (?:in|at) (?:the|our) (?:checkout|shop|app)\b|\bas \w+ (?:drive|walk|pass|come) "
    r"(?:by|past|through)\b",
    r"\bbefore (?:he|she|they|it|the \w+) (?:leaves?|closes?) the (?:page|site|shop)\b|\bwithin a "
    r"frame\b",
    r"\bas the \w+ (?:talks|speaks|types|moves|drives|arrives)\b",
    r"\b(?:while (?:they|he|she|people|users|customers|the \w+) (?:are |is )?(?:brows|shop|search|"
    r"talk|speak|typ|scroll|drive|wait|walk)\w*)",
    r"\bbefore (?:the|it) [\w-]+ (?:times out|time out|rings|is connected|leaves the terminal)|"
    r"\bbefore it (?:rings|times out)",
    r"\b(?:several|many|\d+|hundreds of|ten) times (?:a|per|each|every) second\b",
)
_CROWD = (
    r"\b(?:thousands|hundreds|millions) .*\bat (?:any|every) (?:given )?(?:moment|time)\b",
    rf"\b{_NUMBER}[\w-]+/s(?:ec)?\b",
    r"\b(?:thousands|hundreds|millions) (?:of [\w-]+ )?(?:per|an?|every|each) second\b",
    r"\blive (?:captions?|subtitles?|translation|interpreting)\b",
    rf"\b{_NUMBER}(?:[\w-]+ ){{0,3}}?(?:(?:per|an?|every|each) (?:second|sec|minute)\b|/ "
    r"?s(?:ec)?\b|tps\b|rps\b|qps\b)",
    rf"\b(?:thousands?|hundreds?|millions?|{_NUMBER})(?:of )?(?:[\w-]+ ){{0,5}}?(?:at once|at the "
    r"same time|at (?:a|any) (?:given )?time|concurrent\w*|simultaneous\w*|in parallel|parallel)\b",
    rf"\b(?:{_NUMBER}|millions of |thousands of )(?:[\w-]+ ){{0,2}}?(?:will|are going to) (?:hit|"
    r"call|query|use)\b",
)
_SOON = f"(?:{'|'.join(_FAST + _CROWD)})"
_ANALYSIS = (
    r"(?!.*\b(?:shares?|number of|percentages?|percent|count|log|test|peak|attached|file|table|"
    r"export|report|chart|histogram|columns?|had|was|were|took|how many|last (?:night|week|month|"
    r"year)|yesterday)\b)"
)
"""Words of those who look at what fast systems did, or at what they would need."""

REALTIME: Final = (
    rf"{_ANALYSIS}.*{_SOON}",
    rf"(?:build|make|create|develop|host|provide|run) {FEW}(?:api|service|micro-?service|"
    rf"end-?point|back-?end)\b.* (?:below|under|within|in) {_MOMENT}",
    r"(?:be|act as|work as|serve as) (?:the|our|an?) (?:[\w-]+ )?(?:engine|back-?end|brain|"
    r"gateway) (?:behind|of|for) (?:our|the)\b",
    rf"{_QUICK}\b.* (?:with)?in (?:milli-?|micro-?|nano-?)seconds",
    r"(?:block|stop|screen|intercept|filter)\b.*\bbefore (?:it|they|the \w+) (?:ring|reach)",
)
