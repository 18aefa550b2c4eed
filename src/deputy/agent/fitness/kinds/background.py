"""Work that goes on by itself, comes back at set times or waits for something to happen.

Owns these acts. Must never match a report that has every Monday in it, nor one about last night.
"""

from __future__ import annotations

import re
from typing import Final

from deputy.agent.fitness.moods import WORKING
from deputy.agent.fitness.phrases import NOT_DONE, either

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PART = r"(?: (?:morning|evening|night|afternoon)s?)"
_PERIOD = (
    r"(?:day|night|morning|evening|afternoon|week|month|hour|minute|second|quarter|weekday|"
    rf"weekend|(?:working|business) day|{_DAY}|year|quarter of an hour)"
)
_COUNTED = r"(?:(?:single|other|few|\d+|five|ten|fifteen|thirty|half|two|three|six|couple of) )*"
TIMED: Final = (
    rf"(?:(?:every|each) {_COUNTED}(?:an )?{_PERIOD}s?{_PART}?\b|on {_DAY}{_PART}?s?\b(?<=s)|at "
    r"\d[^ ]*(?: am| pm)? on weekdays\b|every now and then\b|on the (?:first|last|1st|\d+th) "
    r"(?:\w+ )?of (?:each|every|the) month\b|(?:once|twice|\d+ times|three times) (?:an?|every|"
    r"each) (?:day|week|hour|month|night)\b)"
)
"""How often or on which days: "every other week", "on Mondays"."""
_CLOCK = (
    r"(?:(?:at|by|before|after|around) (?:\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|a\.m|p\.m|o'clock|h)?|"
    r"noon|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|(?:before|"
    r"after|during) (?:work|lunch|breakfast|the night)\b)"
)
_OFTEN = r"(?:daily|hourly|nightly|weekly|monthly|quarterly|yearly|annually)"
_ADVERBIAL = NOT_DONE + "".join(
    rf"(?<!\b{word} )"
    for word in ("after", "between", "than", "for", "of", "in", "per", "from", "by", "that", "how",
                 "and", "with")
)  # fmt: skip
"""Before a time that says when to do it, not which data."""
_NO_DATA = (
    r"(?!'|,? (?:of|has|have|is|are|was|were|gets|separately|by|per|as|and (?:its|their)|in "
    r"(?:the|this|our|\d|q\d|january|february|march|april|may|june|july|august|september|october|"
    r"november|december))\b)"
)
"""After such a time."""
_NO_RELATIVE = r"(?!.*\b(?:who|which|that|how|whether|what|whose)\b)"
_BY_ITSELF = (
    r"\b(?:from now on|from today(?: on)?|as of (?:today|now)|from (?:next|this) \w+ on(?:wards)?|"
    r"going forward|in the background|(?:a|the )?round the clock|24/7|continuously|continually|"
    r"permanently|day and night|until (?:i|we|further|it|the|somebody|someone)\b|for ?ever|all "
    r"(?:day|night|week|weekend)(?: long)?|non-?stop|indefinitely|overnight|tonight|unattended|by "
    r"itself|all by itself|without (?:me|us|anyone|anybody) (?:having to|asking|needing to)\b|on "
    r"an? (?:regular |daily |weekly |monthly |hourly |nightly )?(?:schedule|basis)|(?:over|"
    r"during) the (?:night|weekend|holidays)|(?:over|for|during) the (?:next|coming|rest of) "
    r"?(?:[\w-]+ )?(?:days|weeks|months|hours|years?|month|week|quarter)?)(?!\w)"
)
_WHEN = r"\b(?:when(?:ever)?|as soon as|once|the moment|each time|every time|any time|if)\b"
_HAPPENS = either("""
    arrive+ come+ come_in comes_in come_up comes_up fall+ drop+ rise+ exceed+ change+ happen+ goes
    appear+ fail+ cross crosses reach+ crash+ break+ mention+ publish+ is_published post+ land+
    expire+ upload+ is_uploaded is_added is_received is_placed is_dropped is_created is_saved
    is_down is_out is_released is_online is_reached is_late adds answers reply replies signs opens
    runs_out runs_low registers orders becomes gets deletes moves top+ turn_up turns_up die+
    is_about_to is_odd goes_down stops
""")
_RUNNING = either("""
    run follow repeat refresh check update send mail e-mail generate back back_up sync synchronise
    synchronize crawl scrape rerun re-run chase wake_up archive fetch collect pull redo produce
    renew do make create scan download look have_a_look deliver post re-index retrain read store
    save rebuild import export publish forward log give prepare restart purge text remind nag warn
    notify ping tell report write write_it_down record keep provide clean_up move copy
""")
_GOING_ON = either("""
    run stay work keep go let follow check look train wait crawl scrape process update refresh send
    collect scan make repeat listen continue download sync search restart gather be record mind
    observe monitor watch poll track do import archive produce try set_this_up
""")
_MAKING = either("make create build write prepare do produce generate compile")
_EDITING = either("""
    add insert fill enter mark colour color put set keep delete remove drop highlight use take plan
    leave pick choose select replace correct fix
""")
_REPORTS = either("""
    update+ report+ summary+ status overview+ list+ chart+ shout call+ heads-up reminder+ figures
    numbers table+ dashboard file+ reading+ forecast+ statistics
""")
_TOLD = r"(?:me|us|him|her|them|the \w+(?: \w+)?|my \w+|our \w+|everyone|everybody)"

_WATCHING = (
    r"(?:watch|monitor|observe|supervise|poll|guard) (?!record|and\b|time|list|(?:for |out |"
    r"the )*(?:totals?|units?|signs?|decimals?|dates?|formats?|spelling|currency)\b)",
    r"(?:keep (?:on )?(?:(?:an? )?(?:close )?eyes? on|(?:close )?(?:tabs|watch)\b|watch\w*|"
    r"monitoring|checking|looking|running|polling|track of|tracking|updating|crawling|trying|"
    r"going|listening|collecting|downloading|scanning)|stay (?:on|awake|up|online)|listen (?:to|"
    r"for)|stand by|look out for|stand guard|remind (?:(?:me|us)(?! in the)|them|him|her|the|"
    r"everyone|everybody|my|our)|nag (?:me|us)|stay in|mind the|go on \w+ing)\b",
    r"track (?:the |our |my )?(?:prices?|news|website|stock|shares?|mentions|competitors?)\b",
    r"(?:wait|sleep) (?:until|for|till)\b",
)
_TELLING = (
    r"(?:notify|alert|ping|message|text|call|e-?mail|mail|inform|warn|tell|let|send)\b "
    rf"{_TOLD}\b.*{_WHEN}.*\b{_HAPPENS}\b",
    rf"(?:e-?mail|mail|message|ping|text|alert|notify) (?:me|us|him|her|them)\b.*{_WHEN}",
    r"(?:let me know|tell me|call me|wake me) (?:whenever|as soon as|the moment|once|each time|"
    r"every time|about any)",
    r"(?:if|when|whenever|as soon as) .*, (?:let|inform|warn|alert|notify|call|text|ping|ring) "
    r"(?!me\b|us\b)",
    r"(?:notify|alert|warn|inform|ping|page|text|call) (?:the|our|my) [\w-]+ (?:if|when|as soon "
    r"as|whenever)\b",
    r"(?:shout|holler|ring|sound the alarm) (?:when|if|as soon as)\b",
    r"(?:i|we) (?:want|need|would like|'d like|wish) to (?:be|get) (?:told|notified|alerted|"
    r"informed|warned|called)\b",
    rf"(?:as soon as|whenever|every time|each time|once) .*\b{_HAPPENS}\b.*, ",
    r"(?:when|if|whenever) (?:an? |some(?:one|body) |any(?:one|body) |"
    r"new )(?:[\w-]+ ){0,4}?(?:arrives?|comes in|is (?:uploaded|added|received|placed|dropped|"
    r"created|published)|uploads|drops|registers|crashes)\b.*, ",
)
_FIRST = rf"(?!once|twice|\d){TIMED}"
_AGAIN = (
    rf"(?:on |at )?{_FIRST}(?:,? {_CLOCK})?,? (?:please |you |it |and |i want (?:you )?(?:to )?|"
    rf"automatically )*(?:{_RUNNING}|show|list|count|compare|summari[sz]e|analy[sz]e|compute|"
    r"calculate|build|clean|get|take|put|go)\b",
    rf"{_RUNNING}\b {_NO_RELATIVE}(?:[^ ]+ )*?{_ADVERBIAL}{TIMED}{_NO_DATA}",
    rf"{_RUNNING}\b (?:.* )?{_OFTEN}(?:$|,? (?:and|at|until|from|for|if|whether|automatically|"
    r"without)\b)",
    rf"(?:{_RUNNING}|{_GOING_ON}|{WORKING}|show|list|count|print|[a-z-]+ (?:the|all|my|our|it|"
    rf"them|this|these|an?|me|us))\b.*{_ADVERBIAL}{TIMED},? (?:{_CLOCK}|from now|until (?:i|we|"
    r"further)|without |for ever|automatically)",
    rf"(?:on |at )?{_FIRST}(?:,? {_CLOCK})?, (?!we\b|i\b|the\b|there\b|our\b|it\b|an?\b|each\b|"
    r"which\b|what\b|how\b|who\b)[\w-]+ (?:the|all|my|our|it|them|this|these|an?|new|me|us)\b",
    r"(?:send|mail|archive|run|back up|deliver|print|clean up|delete|purge|mail) .*\bat the "
    r"(?:end|beginning|start) of (?:each|every)\b",
    rf"(?!(?:{_EDITING}|{WORKING}|provide|read|show)\b|\w+(?:[^s]s|ing|ed) )[a-z-]+ (?:the|all|my|"
    rf"our|it|them|this|these|an?|new|us) {_NO_RELATIVE}(?:[^ ]+ )*?{_ADVERBIAL}{TIMED}(?:$|,? "
    rf"(?:and|until|from now|{_CLOCK}))",
    rf"(?:on |at )?{_FIRST},? (?:i|we) (?:want|need|would like)\b",
    rf"(?:once|twice) an? (?:day|week|month|hour|night),? {_RUNNING}\b",
    rf"(?:{_RUNNING}|recompute|recalculate|compute) .*\b(?:each time|every time|whenever|as soon "
    rf"as) .*\b(?:file|data|source|folder|someone|new)\b.*\b{_HAPPENS}$",
    r"keep .*\b(?:in sync|synchroni[sz]ed|synced|up[- ]to[- ]date)\b",
    r"set (?:up )?an? (?:alarm|alert|reminder|notification)\b",
    r"(?:inform|tell|warn) (?:me|us) .*\bwhenever (?:there|new|an?|some)",
    r"as long as .* (?:lasts|runs|is open|is online), ",
    r"(?:(?:could|can|may) (?:i|we) (?:get|have)|(?:i|we)(?: would)? (?:want|need|like)) "
    rf".*\b(?:mailbox|inbox|mail|desk)\b.*{TIMED}",
    rf"(?:.*\b)?(?:arrive|come|be sent|go out|goes|be delivered|reach (?:me|us))\b.*(?:{TIMED}|by "
    r"itself)",
)
_ENDLESSLY = (
    r"(?:meanwhile|in the meantime), (?!i\b|we\b|the\b|it\b)",
    r"keep (?:on )?(?!using|following|counting|adding|going|in mind)\w+ing\b(?! (?:balance|total|"
    r"sum|number))",
    rf"{_GOING_ON}\b {_NO_RELATIVE}(?:.* )?{NOT_DONE}{_BY_ITSELF}",
    rf"{_BY_ITSELF},? (?:please |you |just )*(?!we\b|i\b|it\b|\w+ (?:by|per)){_GOING_ON}\b",
    rf"{_BY_ITSELF},? (?:please )?{_RUNNING}\b.*{TIMED}",
    r"schedule (?:this|it|that|the (?:report|job|run|task|query)|an? (?:\w+ )?(?:run|job|report|"
    r"task|mail))\b",
    r"set (?:this |it |that )?up (?:an? |the )?(?:[\w-]+ ){0,3}?(?:schedule|cron|watch|monitoring|"
    r"recurring|alerts?|reminders?|daemon|background)\b",
    rf"set (?:this|it|that) up\b.*(?:{TIMED}|automatically)",
)

BACKGROUND: Final = (*_WATCHING, *_TELLING, *_AGAIN, *_ENDLESSLY)

DELIVERED: Final = (
    rf"(?:i|we) (?:want|need|would like) an? {_NO_RELATIVE}.*{_ADVERBIAL}{TIMED}(?:,? {_CLOCK})?$",
    r"let me know (?:whenever|as soon as|the moment|each time|every time)\b",
    rf"(?:send|mail|e-?mail) (?:me|us|back) {_NO_RELATIVE}(?:.* )?{_ADVERBIAL}{TIMED}{_NO_DATA}",
    rf"(?:give|send|get|hand|let|mail) (?:me|us) .*\b{_REPORTS},? {TIMED}{_NO_DATA}",
    rf"{_MAKING} .*\b(?:{_REPORTS}|it|this|that|same),? {TIMED}{_NO_DATA}",
    rf"{_MAKING} .*\b{_OFTEN},? (?:automatically|until|without|at \d)",
    r"tell me (?:whenever|as soon as|the moment|once|each time|every time)\b",
)
"""What looks like a report and is wanted again and again."""

EVERMORE: Final = (
    r"^(?:day and night|(?:a)?round the clock|24/7|non-?stop)(?: please)?$",
    r"^(?:meanwhile|in the meantime)$",
    r"\balways (?:want|need) .*\b(?:latest|newest|current)\b.*\b(?:inbox|mailbox|desk|screen|"
    r"phone)\b",
)
"""Anywhere in a request, a report included."""

FIRST_TIMED: Final = re.compile(rf"^(?:on |at |for )?{TIMED}(?:,? {_CLOCK})?,? ")
"""When an act is due, where the clause begins with it: the act itself follows."""
