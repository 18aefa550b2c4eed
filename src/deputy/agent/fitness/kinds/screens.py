"""Screens that are operated: clicks, keys, log-ins, entries into masks.

Owns these acts. Must never match figures about screens, nor files made for a system to read.
"""

from __future__ import annotations

from typing import Final

from deputy.agent.fitness.phrases import act, either

_FEW = r"(?:(?!(?:for|of|so|that|which|because|if|when)\b)[\w'%&/-]+ ){0,4}?"
_UI = either("""
    button+ screen+ menu+ mask+ window+ dialog+ pop-up+ portal+ web-site+ browser+ web-page+
    web-form+ web-mask+ web-tool+ web-app+ web-client+ web-interface+ web-portal+ web-shop+
    online_form+ internet_form+ registration_form+ order_form+ entry_form+ booking_form+ event_page+
    vendor_form+ customs_form+ terminal+ gui user_interface interface input_field+ sap crm
    salesforce back-office mainframe as/400 admin_console console online_questionnaire+
    online_application+ chrome firefox clicking typing mouse intranet erp desktop check-box+
""")
_PROGRAMS = (
    r"(?:the (?:system|program|application|tool|app)(?=$|,| and\b| for\b| to\b)|\w+'s "
    r"(?:web)?site|(?:legacy|old|host|booking|hr|ticket|ticketing|warehouse|order|entry|source|"
    r"target|green|holiday|time|club|shipping|rostering|practice|hospital|membership|payroll|"
    r"accounting|till|cash|time[- ]recording) (?:system|application|app|program|programme|client|"
    r"tool|software|terminal))"
)
_INTO = r"(?:in|into|on|onto|through|via|at|from|to|inside|using|with|up|off|between)"
_A_FILE_FOR = (
    r"\b(?:import file|upload file|csv|template|mock-?up|html|transcript|file (?:for|that)|(?:is|"
    r"are) (?:attached|enclosed|below)|exports?\b(?! (?:the|all|our|my|every|each)))\b"
)
_ENTERING = (
    "type key enter copy-paste copy_and_paste copy paste put input transfer punch retype re-key "
    "fill add record create register book upload download navigate search look_up save take "
    "export change update submit "
    "work open start launch go switch scroll select drag choose pick do maintain read pull get "
    "close apply cancel confirm new capture"
)
_KEYS = either("button+ key+ box+ field+ link+ icon+ next save ok tab enter print")

KEYS: Final = (
    act("click press hit tap log-in log-on sign-in sign-on",
        r"(?:terminals?|screens?|buttons?|keys?|f\d+|fields?|menus?|forms?|masks?)"),
)  # fmt: skip
"""What is certainly done by hand, whatever else the request says."""

SCREENS: Final = (
    r"click (?:on|through|it|them|the|your|every|each|me|us|next|ok|save|around|yourself|all|here|"
    r"into|this)\b",
    rf"(?:press|hit|push|tap|tick) (?:on )?(?:(?:the|every|each|all) (?:[\w-]+ ){{0,2}}?{_KEYS}|"
    r"f\d+|(?:enter|tab|save|ok|next|escape|it)\b|(?:ctrl|alt)\b)(?!.*\bdoes not\b)",
    r"(?:press|hit|push|tap) (?:on )?it\b",
    r"(?:log|sign)(?:[- ]?| (?:me|us) )(?:in|on)(?:to)?\b(?! (?:counts?|data|rates?|failures?|"
    r"attempts?|times?|sheets?|names?|statistics))",
    act(_ENTERING, rf"{_INTO} {_FEW}(?:{_UI}|{_PROGRAMS})", never=_A_FILE_FOR),
    act("open start launch navigate operate use control move automate go_through",
        rf"(?:through )?{_FEW}(?:{_UI}|{_PROGRAMS})", near=True, never=_A_FILE_FOR),
    r"fill (?:it |them )?(?:in|out|up)? ?(?:[\w'-]+ ){0,3}?(?:web|online|internet|registration|"
    r"order|entry|portal|booking|browser|log-?in|customs|vendor)[- ]?(?:forms?|applications?|"
    r"questionnaires?)\b(?!,? (?:templates?|table|sheet|pdf|document))",
    r"fill (?:it|them) (?:in|out) and (?:submit|send)\b",
    r".*\b(?:(?:mouse|key)[- ]?(?:clicks|strokes)|keystrokes|by (?:clicking|filling in the|"
    r"typing))\b",
    rf"for (?:each|every) .*\b(?:type|enter|click|fill|key|paste|create|new)\b.* {_INTO} "
    rf"{_FEW}(?:{_UI}|{_PROGRAMS})",
    rf"(?:on|in) (?:the |our |my )?(?:{_UI}|{_PROGRAMS})(?:,? [\w-]+){{0,4}}, (?:change|set|enter|"
    r"create|delete|open|click|choose|select|type|update|press|book|confirm|approve)\b",
    r"click (?:on )?[\w-]+$",
    r"(?:repeat|do|perform) (?:these|those|the) (?:\d+ )?(?:clicks|keystrokes)\b",
    r"scroll (?:through|down)\b",
    r"(?:type|enter|key|feed|copy|punch) .*\bby hand\b",
    rf"(?:on|in) (?:the |our |my )(?:{_UI}|{_PROGRAMS})$",
    act("visit browse surf go_to", "(?:web ?sites?|web ?pages?|portals?)"),
    r"use (?:my|the|a|your) (?:browser|mouse|keyboard|[\w-]+ (?:screen|portal|terminal))\b",
    r"for (?:each|every) .*\b(?:tick|click|press)\b",
    rf"for (?:each|every) .*\bopen (?:the |its )?(?:{_UI}|{_PROGRAMS})",
    r"(?:take|make) (?:an? |some )?(?:screen ?shots?|screen ?grabs?) of\b",
)  # fmt: skip

SCREENS_APART: Final = (
    (
        r".*\b(?:no (?:import|interface)|only (?:takes|accepts|has)|(?:web|online) ?forms?|by "
        r"hand|screens?|masks?|portal)\b",
        r"(?:(?:type|enter|key|fill|submit|click|accept|approve) (?:in )?(?:them|it|these|those|"
        r"all|\d[\d.,]*)(?: [\w-]+)?|fill (?:it|them) (?:in|out)|type (?:it|them) in)(?: (?:for "
        r"me|there|one by one))?$",
    ),
    (
        r"(?:(?:every|each) [\w ]+ )?(?:i|we) (?:always |usually )?(?:open|log|click|copy|go to|"
        r"press)\b",
        r"(?:do|take over|automate) (?:that|this|it|all that)(?: for (?:me|us))?$",
    ),
)
"""Screens named in one sentence, and what is to be done there in another."""
