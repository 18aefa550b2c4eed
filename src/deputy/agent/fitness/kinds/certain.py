"""Results that may never be wrong, or that nobody looks at where it matters.

Owns these demands. Must never match a wish for care: totals that are right, no row lost, no
mistakes please.
"""

from __future__ import annotations

from typing import Final

from deputy.agent.fitness.phrases import NOT_DONE

_FAULT = r"(?:errors?|mistakes?|faults?|bugs?|slips?)"
_SEVERAL = r"(?:errors?|mistakes?|faults?|bugs?|slips?|wrong \w+|false \w+|failures?|deviations?)"
_LOOKS = (
    r"(?:looks?|checks?|reviews?|double[- ]?checks?|sees?|verif(?:y|ies)|reads?|controls?|"
    r"proofreads?|tests?|approves?|inspects?|be involved|in the loop|is involved|involved|going "
    r"over|goes over|look over)"
)
_NOBODY = (
    r"(?:no ?body|no one|no human(?: being)?|no person|none of us|no people|no (?:doctor|nurse|"
    r"engineer|lawyer|colleague|accountant|manager|pharmacist|pilot|expert)|no \w+(?:ist|or|ian|"
    r"yer|eer))\b"
)
_WILL = (
    r"(?:(?:will|is going to|is ever going to|gets to|can|may|should|shall|has to|needs to|has "
    r"(?:the )?time to|else (?!will look|looks)|ever|then|again|be able to|have time to|be|"
    r"afterwards|really) )*"
)
_NEVER = (
    r"(?:cannot|must not|may not|must never|may never|can never|should never|shall never|never "
    r"allowed to|not allowed to|could never|dare not|may under no circumstances|must under no "
    r"circumstances|under no circumstances may it|under no circumstances)"
)
_DEVICES = (
    r"(?:x-ray (?:dose|beam)|reactors?|brakes?|airbags?|(?:infusion|insulin) pumps?|ventilators?|"
    r"pacemakers?|radiation (?:dose|units?)|autopilot|signals|signal ?box|signalling|aircraft|"
    r"emergency (?:stop|shutdown)|railway|elevators?|defibrillators?|dialysis machines?|life "
    r"support|interlocks?|firmware|flight control|collision avoidance|safety (?:functions?|logic|"
    r"controllers?|systems?|circuits?))"
)
_A_REPORT = (
    r"(?! (?:by|per|data|sales|reports?|tickets?|versions?|updates?|list|incidents?|tests?|costs?|"
    r"figures|log|table|statistics|manual|training|noise))"
)
_TO_BE_READ = r"(?!.*\b(?:data|plots?|charts?|csv|tables?|statistics|lesson|handout)\b)"

_SOME = r"(?:[\w'-]+ ){0,6}?"
_BUILD = r"\b(?:write|generate|make|produce|build|create|design|set|adjust)\b"
_CODE = r"(?:software|code|program|programme|firmware|logic|controller|algorithm)s?"

_PROMISED = (
    r"\b(?:have to|must|need to) guarantee (?:it|them|this|that)\b|^guarantee (?:it|them|this|"
    r"that)\b",
    r"(?:100|one hundred|hundred)(?:\.0+)?\s?(?:%|per ?cent) (?:correct|accura\w+|right\b|"
    r"reliab\w+|error[- ]free|certain\w*|safe|precis\w+|perfect|fail-?safe|bug-?free|guarantee|"
    r"correctness)(?! (?:answers?|orders?|entries|rows|cases|deliver\w+))",
    r"(?<!we )(?<!suppliers )\bguarantee (?:me |us |that |it |the |this |to |your |every |each |"
    r"all |there |a )*(?:[\w-]+ ){0,7}?(?:correct\w*|right|accura\w+|errors?|mistakes?|wrong|"
    r"error-free|perfect|never|no|zero|flawless|bugs?|safe|complian\w+|100|nothing)\b",
    r"\bguaranteed (?:to be )?(?:free of|without|error|correct|right|accurate|fault)",
    r"\b(?:a |the |your )(?:promise|guarantee|assurance|warranty) that\b|\b(?:need|want|expect|"
    r"require|give (?:me|us)) (?:a|your) (?:\w+ )?guarantee\b|\bpromise (?:me |"
    r"us )?(?:that )?(?:there|it|nothing|everything|every|no)\b|\bcertify (?:that|the (?:bridge|"
    r"building|machine|crane|device))\b",
    r"\babsolute (?:certainty|correctness|accuracy)\b|\bbet my (?:life|job)\b|\binfallibl[ey]\b|"
    r"\brely on it blindly\b|\bwith certainty\b.*\b(?:ruled? out|never|no)\b|\bsign off the "
    r"[\w-]+ (?:calculation|design|drawing|proof|assessment)s?\b|\bruled out with "
    r"(?:absolute )?certainty\b",
    r"\bprove (?:mathematically |formally )?that (?:it|the \w+|nothing) (?:can never|never|has no|"
    r"cannot)",
)
_NO_FAULT = (
    r"\b(?:zero|no|not (?:a|one|even one)(?: single)?|without (?:a single|any)|free of) "
    rf"(?:single )?{_SEVERAL}\b,?(?: \w+){{0,3}}? (?:allowed|tolerated|acceptable|permitted|"
    r"permissible|accepted|tolerable|whatsoever|ever|forgiven|may|can\b|must|possible|"
    r"forgivable)\b",
    rf"\b(?:zero|no)[- ]{_FAULT}[- ](?:tolerance|margin|policy)\b|\b(?:zero|no) (?:tolerance|"
    rf"margin|room)(?: \w+)? for (?:\w+ )?{_FAULT}\b|\berror (?:rate|probability|margin) (?:of|"
    r"must be|has to be|is|should be) (?:exactly |absolutely )?(?:zero|0|nil)\b|\bzero[- "
    rf"]error\b(?! (?:days|months|lines|rate))|\b{_FAULT} (?:is|are) (?:simply )?(?:out of the "
    r"question|not an option|unacceptable|inexcusable|not tolerated|not allowed)\b|\bcannot live "
    r"with (?:even )?(?:one|a single)\b",
    rf"\b{_NEVER} (?:ever )?(?:be (?:ever )?(?:wrong|incorrect|mistaken|off|inaccurate)|fail\b|"
    r"err\b|make (?:an? |any )?(?:single )?(?:error|mistake)|go wrong|contain (?:an? |any |one |"
    r"even )*(?:single )?(?:error|mistake|bug)|afford (?:an? |any |one )?(?:single )?(?:error|"
    r"mistake)|have (?:an? |any )?(?:error|bug|mistake))(?! values?)",
    r"\b(?:must|may|can) not be (?:a single|one|even one)(?: single)? (?:wrong|false|error|"
    r"mistake|incorrect)",
    r"\bnot (?:a|one|a single|one single|even one) \w+ (?:may|must|can) (?:ever )?be (?:wrong|off|"
    r"incorrect|missing)\b",
    r"\bno exceptions? (?:whatsoever|ever|at all)|\babsolutely (?:error|fault|mistake)-?free\b|"
    r"\b(?:must|has to|have to) be (?:absolutely |completely |totally |entirely )?(?:flawless|"
    r"infallible|error-?free|fault-?free|bug-?free|perfect\b(?= and|,|:|;|$| -| –))",
)
_UNCHECKED = (
    rf"\b{_NOBODY} is (?:around|there|available|present)\b",
    rf"(?<!that )(?<!where )(?<!which )\b{_NOBODY} {_WILL}{_LOOKS}\b",
    r"\bwithout (?:anybody|anyone|a human|any human|a person|somebody) (?:ever )?(?:reading|"
    r"checking|looking|seeing|reviewing|being involved)\b",
)
_LIVES = (
    r"\b(?:write|build|develop|program) (?:the|an?|our) (?:[\w-]+ )?control (?:loop|logic|"
    r"software|code|program)\b(?!.*\b(?:simulat\w+|model)\b)",
    r"\b(?:lives?|human life|patient safety)\b (?:\w+ )?(?:depends?|is at|are at|hangs?)|"
    r"\b(?:could|would|will|might|may|can) (?:\w+ )?(?:kill|be fatal|cost lives|die\b)|\bpeople "
    r"(?:will )?die\b",
    r"\b(?:safety|life)[- ]critical (?:code|software|control|system|firmware|function|component|"
    r"logic)",
    r"\b(?:program|code|develop|implement|steer|control|regulate|operate)\b "
    rf"{_SOME}{_DEVICES}\b{_A_REPORT}{_TO_BE_READ}",
    rf"{_BUILD} {_SOME}{_CODE} {_SOME}{_DEVICES}\b{_A_REPORT}{_TO_BE_READ}",
    rf"{_BUILD} {_SOME}{_DEVICES} (?:[\w-]+ )?{_CODE}\b",
    r"\b(?:write|generate|build|create|design)\b (?:the |an? |our |some )?(?:[\w-]+ )?(?:firmware|"
    r"interlock)\b",
    rf"\b(?:i|we) (?:want|need) {_SOME}(?:control )?{_CODE} for (?:an? |the |our )?{_DEVICES}\b",
)
CERTAIN: Final = (*_PROMISED, *_NO_FAULT, *_UNCHECKED, *_LIVES)
"""Anywhere in a request: they say how sure the result must be."""

UNSEEN: Final = (
    r"(?:decide|reject|accept|approve|deny|select|dismiss) .*\b(?:fully|completely|entirely) "
    r"automatically\b",
    rf".*{NOT_DONE}\bwithout (?:any |an? )?(?:human |person |further |manual )*(?:review|check|"
    r"checking|control|oversight|approval|supervision|verification|inspection|one (?:checking|"
    r"looking|seeing))\b",
    r"(?:.*\b(?:goes|go|is sent|are sent|is published|are published)|publish|print|send) "
    r"(?:\w+ ){0,4}?(?:unread|unseen|unchecked|unreviewed)\b",
    rf"(?:control|steer|operate|regulate|drive|set|adjust)\b .*\b{_DEVICES}\b{_A_REPORT}",
)
"""In what is asked to be done: it is used without anybody having looked."""
