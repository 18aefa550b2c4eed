"""What is asked to be done when something else serves better: verbs with their objects, by kind.

Owns the word lists. Each entry is a verb together with what it acts on; a noun alone never
counts, because reports are about the same nouns.
"""

from __future__ import annotations

import re
from typing import Final

_PEOPLE = (
    r"(?:customer|client|employee|staff|colleague|user|caller|visitor|people|everyone|everybody|"
    r"anyone|guest|patient|student|applicant|member|tenant|citizen|buyer|shopper|newcomer|them)"
)
_MONEY = (
    r"(?:(?:€|\$|£|\b(?:eur|usd|chf|gbp))\s?\d|\b\d[\d.,]*\s?(?:k|m|million|thousand)?\s?"
    r"(?:€|\$|£|(?:eur|euros?|usd|dollars?|pounds?|francs?)\b)|\b\d[\d.,]*k\b)"
)
_BOOKS = (
    r"\b(?:ledgers?|sub-?ledgers?|sap|datev|books|erp|journal|core banking|netsuite|quickbooks|"
    r"accounting|s/4hana|oracle)\b"
)
_NO_SHEET = (
    r"(?!.*\b(?:to|into) (?:[\w'-]+ ){0,3}(?:sheet|file|table|tab|excel|workbook|template|csv|"
    r"page)s?\b)"
)
_NO_REPORT = (
    r"(?!.*\b(?:analysis|reports?|summary|checks?|numbers|costs?|figures|statistics|overview|"
    r"simulation|comparison|test|(?<!this )(?<!the )(?<!attached )(?:export|list|file|table)|"
    r"slips?|"
    r"gap)\b)"
)
_ANY = r"(?:[\w'%&/-]+ ){0,4}?"
_THE = r"(?:the|these|those|this|that|all|each|every|our|my|their|his|her|any|an?|both|due|open)"
_UI = (
    r"\b(?:buttons?|screens?|menus?|masks?|windows?|dialogs?|pop-?ups?|portals?|web ?sites?|"
    r"browsers?|"
    r"web ?(?:page|form|mask|portal|shop)s?|(?:online|internet|registration|order|entry|booking|"
    r"the) "
    r"(?:entry )?forms?|terminals?|gui|user interface|input fields?|sap|crm|salesforce|"
    r"back ?office|"
    r"(?:legacy|old|host|booking|hr|ticket|warehouse|order|entry|source|target|green) "
    r"(?:system|application|app|program|client)|mainframe|clicking|typing|mouse|intranet|erp|"
    r"desktop(?: \w+)?|check ?box(?:es)?|the (?:system|program|application|tool|app))\b"
)
_INTO = r"\b(?:in|into|on|onto|through|via|at|from|to|inside|using|with|of) "
_SOON = (
    r"\b(?:ms|milli-?seconds?|micro-?seconds?|µs|nano-?seconds?)\b|\breal[- ]?time\b|"
    r"\bsub-?second\b|"
    r"\b(?:within|in|under|below|less than) (?:under |less than )?(?:an?|one|half a|two|1|"
    r"2) seconds?\b|"
    r"\b(?:split|fraction of a) second|\bblink of an eye|\b(?:ultra-?)?low latency|\binstantly\b|"
    r"\blive\b|\bon the fly\b|\bas (?:they|it|each one|each) (?:come|arrive|happen|occur|stream|"
    r"flow)|"
    r"\b(?:immediately|at once) (?:when|as soon as|once)|\bthe (?:very )?(?:moment|"
    r"instant) (?!i\b)"
)
_LOAD = (
    r"\d[\d.,]*\s?(?:k|m|thousand|million)?\s?(?:[\w-]+ ){0,2}(?:(?:per|an?|every|each) (?:second|"
    r"sec|minute)\b|/ ?s(?:ec)?\b)|\b(?:thousands?|hundreds?|millions?|"
    r"\d[\d.,]*k?) (?:of )?(?:[\w-]+ ){0,2}?"
    r"(?:at once|at the same time|at a time|concurrent\w*|simultaneous\w*|in parallel|parallel)\b"
)
_TIMED = (
    r"(?:(?:every|each) (?:(?:single|other|few|\d+|five|ten|fifteen|thirty|half|two|three|six) )*"
    r"(?:an )?(?:day|night|morning|evening|week|month|hour|minute|second|quarter|weekday|"
    r"(?:working|business) day|(?:mon|tues|wednes|thurs|fri|satur|sun)day|year)s?\b|"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)days\b)"
)
_CLOCK = (
    r"(?:at (?:\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|a\.m|p\.m|o'clock|h)?|noon|midnight)\b|"
    r"(?:before|after|during) (?:work|lunch|breakfast|the night)\b)"
)
_ENDLESS = (
    r"\b(?:from now on|going forward|in the background|(?:a|the )?round the clock|24/7|"
    r"continuously|"
    r"continually|permanently|day and night|until (?:i|we|further|it|the|somebody|someone)\b|"
    r"for ?ever|all (?:day|night|week)(?: long)?|non-?stop|indefinitely|overnight|tonight|"
    r"unattended|"
    r"on an? (?:regular |daily |weekly |monthly |hourly |nightly )?(?:schedule|basis)|"
    r"(?:over|for|during) the (?:next|coming|rest of) ?(?:[\w-]+ )?(?:days|weeks|months|years?|"
    r"month|week|quarter)?)\b"
)
_HAPPENS = r"\b(?:when(?:ever)?|as soon as|once|the moment|each time|every time|any time|if)\b"
_COMES = (
    r"\b(?:arrives?|comes?(?: in| up)?|falls?|drops?|rises?|exceeds?|changes?|happens?|goes|"
    r"appears?|"
    r"fails?|cross(?:es)?|reach(?:es)?|crash(?:es)?|breaks?|mentions?|publish(?:es)?|is published|"
    r"posts?|lands?|expires?|uploads?|is (?:uploaded|added|received|placed|dropped|created|saved|"
    r"down|"
    r"out|released|online|reached)|adds|answers|repl(?:y|ies)|signs|opens|runs (?:out|low)|"
    r"registers|"
    r"orders|becomes|gets|deletes|moves)\b"
)
_ASKED = (
    r"\b(?:questions?|queries|faqs?|enquir(?:y|ies)|inquir(?:y|ies)|chats?|calls|requests|"
    r"tickets?|"
    r"e-?mails?|mails|messages)\b"
)
_FACTS = (
    r"(?:opening (?:hours|times)|office hours|wi-?fi|password|phone|telephone|extension|address|"
    r"e-?mail|holidays?|vacation|leave|sick|travel (?:policy|expenses?|guidelines?)|"
    r"expense (?:form|"
    r"report|policy|claim)|polic(?:y|ies)|dress code|canteen|cafeteria|menu|lunch|parking|printer|"
    r"meeting room|badge|notice period|remote work|home office|warranty|shipping|delivery time|"
    r"contact|"
    r"help ?desk|hr\b|it support|vpn|closed?\b|open\b|weather|capital of|exchange rate|vat|form\b|"
    r"per diem|parcel|reimbursed|apply|intranet|handbook|onboarding|working hours|mileage|"
    r"allowance|"
    r"ceo\b|postal code|zip code|deadline|fax\b|account number|order status|status of|bus\b|"
    r"invoice address|iban|cost cent(?:er|re)|return an?\b|in charge|responsible)"
)

LEDGER: Final = (
    rf"(?:pay|remit|settle|disburse|refund|"
    rf"reimburse)\b(?! attention){_NO_REPORT}.*\b(?:invoices?|bills?|"
    r"suppliers?|vendors?|salar(?:y|ies)|wages|rents?|fees?|amounts?|balances?|employees?|"
    r"customers?|"
    r"creditors?|contractors?|freelancers?|expenses?|claims?|orders?|tax(?:es)?|everyone|"
    r"everybody|"
    r"bonus(?:es)?|commissions?|trades?|dividends?|instal?lments?|debts?|them|it|money|landlord|"
    r"staff|"
    r"people|buyers?|loans?|charges|the rest|what we owe)\b",
    rf"(?:pay|transfer|send|wire|move|withdraw|deposit|remit|debit|credit|refund|invest|"
    rf"lend)\b.*?{_MONEY}",
    rf"(?:transfer|wire|remit)\b{_NO_SHEET}.*\b(?:money|funds|cash|wages|salar(?:y|ies)|payments?|"
    r"balances?|amounts?|accounts?|ibans?|banks?|suppliers?|vendors?|employees?|creditors?|it|"
    r"them)\b",
    rf"(?:correct|change|adjust|delete|fix|clear|reverse|update) .*\b(?:in|on) (?:the |"
    rf"our )?(?:{_BOOKS})",
    r"(?:correct|change|adjust|delete|fix|clear|reverse|update) .*\bgeneral ledger\b",
    rf"(?:move|send|deposit|withdraw|lend|invest)\b{_NO_SHEET}.*\b(?:money|funds|cash)\b",
    rf"(?:post|book)\b {_ANY}(?:entr(?:y|ies)|invoices?|bookings?|accruals?|postings?|"
    rf"transactions?|"
    r"payments?|credit notes?|depreciation|write-?offs?|provisions?|journals?|month[- ]end|"
    r"closing)\b",
    rf"(?:post|book|record|enter|write|push|load|key) .*{_INTO}{_ANY}{_BOOKS}",
    rf"(?:execute|run|release|initiate|submit|trigger|approve|authori[sz]e|issue|process|perform|"
    rf"make|"
    rf"launch|start|carry out|do|instruct|sign|send off|place|collect|schedule) {_NO_REPORT}{_ANY}"
    r"(?:payments?|payment runs?|payroll|direct debits?|bank transfers?|wire transfers?|"
    r"transfers?|"
    r"trades?|pay ?outs?|disbursements?|refunds?|(?:stock|buy|sell) orders?|settlements?|"
    r"reimbursements?|invoices for payment|credit notes?)\b",
    rf"(?:approve|grant|authori[sz]e) {_THE} {_ANY}(?:loans?|expense claims?|invoices?|"
    rf"credits?)\b",
    rf"(?:buy|sell|purchase|short|trade)\b (?!and\b){_ANY}(?:shares?|stocks?|bonds?|options?|"
    rf"futures|etfs?|"
    r"securities|bitcoins?|crypto\w*|currenc(?:y|ies)|positions?|(?:index )?funds?|dollars?|"
    r"euros?|gold|"
    r"equities|forex)\b(?! orders?)",
    r"(?:rebalance|liquidate|hedge|manage)\b .*\b(?:portfolio|positions?|depot|fund)\b",
    rf"(?:charge|debit|credit|bill) (?:{_THE} )+{_ANY}(?:cards?|accounts?|customers?|clients?|"
    rf"members?|"
    r"subscribers?|wallets?|buyers?)\b(?!')",
    rf"(?:place|execute|submit|route) {_ANY}orders?\b.*\b(?:exchange|broker|market|xetra|nasdaq|"
    rf"nyse)\b",
    rf"(?:carry out|do|perform|make|run|close|reverse|clear|void|"
    rf"write off)\b {_NO_REPORT}.*(?:\b(?:month|"
    rf"year|quarter)[- ]end (?:clos\w+)|\b(?:open items|periods?|postings?|entries|accounts|"
    rf"books)\b"
    rf".*{_BOOKS}|\b(?:the|our) (?:books|general ledger)\b)",
    r"selling\b.*\bbuying\b|buying\b.*\bselling\b",
)
CERTAIN: Final = (
    r"(?:100|one hundred|hundred)(?:\.0+)?\s?(?:%|per ?cent) (?:correct|accura\w+|right\b|"
    r"reliab\w+|"
    r"error[- ]free|certain\w*|safe|sure\b|precis\w+|perfect|fail-?safe|bug-?free|guarantee|"
    r"correctness)",
    r"(?<!we )(?<!suppliers )\bguarantee (?:me |us |that |it |the |this |to |your |every |each |"
    r"all |"
    r"there |a )*(?:[\w-]+ ){0,4}?(?:correct\w*|right|accura\w+|errors?|mistakes?|wrong|"
    r"error-free|"
    r"perfect|never|no|zero|flawless|bugs?|safe|complian\w+|100|nothing)\b",
    r"\b(?:a |the |your )(?:promise|guarantee|assurance|warranty) that\b|\bi need a guarantee\b",
    r"\b(?:zero|no|not (?:a|one|even one)(?: single)?|without (?:a single|any)|"
    r"free of) (?:single )?"
    r"(?:errors?|mistakes?|faults?|bugs?|slips?|wrong \w+|false \w+|failures?|deviations?)\b,?"
    r"(?: \w+){0,3}? (?:allowed|tolerated|acceptable|permitted|permissible|accepted|tolerable|"
    r"whatsoever|ever|forgiven|may|can\b|must|possible|forgivable)\b",
    r"\b(?:zero|no)[- ](?:errors?|mistakes?|faults?|defects?)[- ](?:tolerance|margin|policy)\b|"
    r"\b(?:zero|no) "
    r"(?:tolerance|margin|room)(?: \w+)? for (?:\w+ )?(?:errors?|mistakes?|faults?|bugs?)\b|"
    r"\berror rate (?:of|must be|has to be|is|should be) (?:exactly |absolutely )?(?:zero|0|"
    r"nil)\b|"
    r"\bzero[- ]error\b(?! (?:days|months|lines|rate))",
    r"\b(?:cannot|must not|may not|must never|may never|can never|should never|shall never|"
    r"never allowed "
    r"to|not allowed to|could never|dare not) (?:ever )?(?:be (?:ever )?(?:wrong|incorrect|"
    r"mistaken|off|"
    r"inaccurate)|fail\b|err\b|make (?:an? |any )?(?:single )?(?:error|mistake)|go wrong|"
    r"contain (?:an? |"
    r"any |one )?(?:single )?(?:error|mistake|bug)|afford|have (?:an? |any )?(?:error|bug|"
    r"mistake))",
    r"(?<!that )(?<!where )(?<!which )\b(?:no ?body|no one|no human(?: being)?|no person|"
    r"none of us|no "
    r"people)\b (?:(?:will|is going to|is ever going to|gets to|can|may|should|shall|has to|"
    r"needs to|"
    r"has (?:the )?time to|else|ever|then|again|be able to|have time to) )*(?:looks?|checks?|"
    r"reviews?|double[- ]?checks?|sees?|"
    r"verif(?:y|ies)|reads?|controls?|proofreads?|tests?|approves?|inspects?|be involved|"
    r"in the loop|"
    r"is involved|involved)\b",
    r"\bnot (?:a|one|a single|one single|even one) \w+ (?:may|must|can) (?:ever )?be (?:wrong|"
    r"off|incorrect|"
    r"missing)\b",
    r"\b(?:lives?|human life|patient safety)\b (?:\w+ )?(?:depends?|is at|are at|hangs?)|"
    r"\b(?:could|would|"
    r"will|might|may|can) (?:\w+ )?(?:kill|be fatal|cost lives|die\b)|\bpeople (?:will )?die\b",
    r"\b(?:safety|life)[- ]critical (?:code|software|control|system|firmware|function|component|"
    r"logic)",
    r"\bprove (?:mathematically |formally )?that (?:it|the \w+|nothing) (?:can never|never|"
    r"has no|cannot)",
    r"\bno exceptions? (?:whatsoever|ever|at all)|\babsolutely (?:error|fault|mistake)-?free\b|"
    r"\bmust be "
    r"(?:absolutely |completely |totally |entirely )?(?:flawless|infallible|error-?free|"
    r"fault-?free|"
    r"bug-?free|perfect\b)|\babsolute certainty\b|\bbet my (?:life|job)\b|\binfallibl[ey]\b",
    r"\b(?:generate|make|produce|build|create|program|write|code|design|develop|implement)\b .*\b"
    r"(?:firmware|interlocks?|safety (?:functions?|logic|controllers?|systems?|circuits?)|"
    r"flight control|collision avoidance|dosage (?:calculation|control|logic))\b"
    r"(?! (?:by|per|data|sales|reports?|tickets?|versions?|updates?|list|incidents?))",
)
"""Anywhere in a request: they say how sure the result must be."""
UNSEEN: Final = (
    r".*\bwithout (?:any |a |an? )?(?:human |person |further |manual )*(?:review|check|checking|"
    r"control|"
    r"oversight|approval|supervision|verification|inspection|one (?:checking|looking|seeing))\b",
    r".*\b(?:goes|go|is sent|are sent|published?|printed?) (?:\w+ ){0,4}?(?:unread|unseen|"
    r"unchecked|"
    r"unreviewed)\b",
    r"(?:control|steer|operate|regulate|drive|program|write|code|set|adjust|"
    r"develop)\b .*\b(?:reactors?|"
    r"brakes?|airbags?|(?:infusion|insulin) pumps?|ventilators?|pacemakers?|radiation dose|"
    r"autopilot|"
    r"signals|signal box|signalling|aircraft|emergency (?:stop|shutdown)|railway|elevators?)\b"
    r"(?! (?:by|per|data|sales))",
)
KEYS: Final = (
    r"(?:click|press|hit|tap|log[- ]?(?:in|on)|sign[- ]?(?:in|on))\b .*\b(?:terminals?|screens?|"
    r"buttons?|keys?|f\d+|fields?|menus?|forms?|masks?)\b",
)
SCREENS: Final = (
    r"click (?:on|through|it|the|your|every|each|me|us|next|ok|save|around|yourself|all|here|"
    r"into|this)\b",
    r"(?:press|hit|push|tap|tick) (?:on )?(?:(?:the|every|each) (?:[\w-]+ ){0,2}?(?:key|button|"
    r"box|field|"
    r"link|icon)|f\d+|enter\b|tab\b|save\b|ok\b|next\b|escape\b|ctrl|alt\b|it\b)",
    r"(?:log|sign)[- ]?(?:in|on)(?:to)?\b(?! (?:counts?|data|rates?|failures?|attempts?))",
    rf"(?:type|key|enter|copy|paste|put|input|transfer|punch|retype|re-?key|fill|add|record|"
    rf"create|"
    rf"register|book|upload|download|navigate|search|look up|save|take|export|change|update|"
    rf"submit|work|"
    rf"open|start|launch|go|switch|scroll|select|drag|choose|pick|do|maintain|read|pull|"
    rf"get)\b.*{_INTO}"
    rf"{_ANY}{_UI}",
    rf"(?:open|start|launch|navigate|operate|use|control|move|automate|drive|"
    rf"go through) (?:through )?{_ANY}"
    rf"{_UI}",
    r"fill (?:in|out|up)? ?(?:[\w'-]+ ){0,3}?(?:web|online|internet|registration|order|entry|"
    r"portal|"
    r"booking|browser|log-?in)[- ]?forms?\b",
    r".*\b(?:(?:mouse|key)[- ]?(?:clicks|strokes)|keystrokes|by (?:clicking|filling in the|"
    r"typing))\b",
    rf"for (?:each|every) .*\b(?:type|enter|click|fill|key|paste|create)\b.*{_INTO}{_ANY}{_UI}",
)
BACKGROUND: Final = (
    r"(?:watch|monitor|observe|supervise|poll|guard|track) (?!record|and\b|time|list)",
    r"(?:keep (?:on )?(?:an? )?(?:close )?(?:eyes? on|watch\w*|monitoring|checking|looking|"
    r"running|"
    r"polling|track\b|tracking|updating|crawling|trying|going|listening|collecting)|"
    r"stay (?:on|awake|up)|listen (?:to|for)|stand by|look out for|stand guard|remind\b|"
    r"stay in)\b",
    rf"(?:notify|alert|ping|message|text|call|e-?mail|mail|inform|warn|tell|let|send)\b (?:me|us|"
    rf"him|her|"
    rf"them|the \w+|my \w+|our \w+)\b.*{_HAPPENS}.*{_COMES}",
    rf"(?:e-?mail|mail|message|ping|text|alert|notify) (?:me|us|him|her|them)\b.*{_HAPPENS}",
    r"(?:let me know|tell me|call me|wake me) (?:whenever|as soon as|the moment|once|each time|"
    r"every time)",
    rf"(?:as soon as|whenever|every time|each time|once) .*{_COMES}.*, ",
    r"(?:when|if) (?:an? |some(?:one|body) |any(?:one|body) |"
    r"new )(?:[\w-]+ ){0,4}?(?:arrives?|comes in|"
    r"is (?:uploaded|added|received|placed|dropped|created|published)|uploads|registers|"
    r"crashes)\b.*, ",
    rf"(?:on |at )?{_TIMED}(?:,? {_CLOCK})?,? (?:please |you |it |and |i want (?:you )?(?:to )?|"
    rf"automatically )*"
    r"(?:run|send|make|create|check|update|refresh|download|generate|mail|e-?mail|collect|fetch|"
    r"pull|give|"
    r"tell|look|produce|report|build|scan|export|compute|calculate|post|write|prepare|deliver|"
    r"show|back|"
    r"archive|sync|read|take|do|repeat|compare|clean|remind|go|analy[sz]e|get|log|crawl|scrape|"
    r"put|copy|"
    r"store|rebuild|import|move|publish|forward|summari[sz]e|list|count)\b",
    rf"(?!for |in )\S+ .*\b{_TIMED},? (?:{_CLOCK}|and |from |until |without |for ever|"
    rf"automatically)",
    rf"(?!for |in |of )(?:run|follow|repeat|refresh|check|update|send|mail|e-?mail|generate|back|"
    rf"sync|crawl|scrape|"
    r"rerun|archive|fetch|collect|pull|redo|produce|renew|do|make|create|scan|download|look|give|"
    r"deliver|"
    rf"post|re-?index|retrain|read|store|save|rebuild|import|export|publish|forward|"
    rf"log)\b.*\b{_TIMED}$",
    r"(?:run|repeat|refresh|check|update|send|mail|e-?mail|generate|back|sync|crawl|collect|"
    r"fetch|redo|do|"
    r"make|download|scrape|pull)\b.*\b(?:daily|hourly|nightly|weekly|monthly)(?:$|,? (?:and|at|"
    r"until|from|"
    r"automatically|without))",
    rf"(?:run|stay|work|keep|go|let|follow|check|look|train|wait|crawl|scrape|process|update|"
    rf"refresh|send|collect|scan|"
    rf"make|repeat|listen|continue|download|sync|search|restart|gather|be|"
    rf"record)\b.*(?:{_ENDLESS})",
    rf"(?:{_ENDLESS}),? (?!\w+ (?:by|per))\w+",
    r"schedule (?:this|it|that|the (?:report|job|run|task|query)|an? (?:\w+ )?(?:run|job|report|"
    r"task|mail))\b",
    r"(?:wait|sleep) (?:until|for|till)\b",
    r"set up (?:an? |the )?(?:[\w-]+ ){0,3}?(?:schedule|cron|watch|monitoring|recurring|alerts?|"
    r"reminders?|daemon|background)\b",
)
EVERMORE: Final = (
    rf"\b{_TIMED}(?:,? {_CLOCK})?,? (?:from now on|from today on|until further notice|for ever)\b",
    rf"\b(?:from now on|from today on),? (?:at |on )?{_TIMED}",
)
"""Anywhere in a request, a report included: it is wanted again and again."""
REALTIME: Final = (rf".*(?:{_SOON}|{_LOAD})",)
LOOKUP: Final = (
    rf"(?:answer|repl(?:y|ies)|respond|take|handle|field|deal)\b.*\b{_PEOPLE}(?:s|s'|"
    rf"'s)?\b(?:.*{_ASKED}|$| "
    r"(?:who|when|that|about|24|automatically|in (?:the |our )?chat|on (?:the|our)))",
    r"(?:answer|reply to|respond to|take|handle|field|deal with) (?:the |all |any |our |these |"
    r"of )*(?:\d+ )?(?:same|identical|"
    r"incoming|simple|routine|common|recurring|standard|usual|frequent\w*|every|each|repeated|"
    r"faq|basic|"
    rf"repetitive|typical|everyday|any|all)\b (?:\w+ ){{0,3}}?{_ASKED}",
    rf"(?:answer|reply to|respond to|take|handle|field|deal with) (?:the )?{_ASKED} (?:about|"
    rf"from|of|on|that|"
    r"by|like|via|all|every|around|regarding)\b",
    r"(?:answer|field|take over|handle) (?:the )?(?:faqs?|answering|support chat|hotline)\b",
    r"(?:take over|do) (?:the )?(?:answering|replying|customer support|first[- ]level|"
    r"reception)\b",
    rf"(?:tell|give|inform|help|let|show) (?:our |the |all |any |each |every |"
    rf"new )*(?:\w+ )?{_PEOPLE}(?:s)?\b"
    r" .*\b(?:when they|who (?:asks?|calls?|writes?|wants?)|whenever|if they|which|where|"
    r"how (?:to|many|much|long)|what|opening|"
    r"(?:order|parcel|delivery) status|ask(?:s|ing)?)\b",
    rf"(?:i|we) (?:want|need|would like) (?:our |the |all |"
    rf"any )*(?:\w+ )?{_PEOPLE}(?:s)? to (?:be able to )?"
    r"(?:ask|look up|find out|query)\b",
    r"(?:be|act as|set (?:yourself|up) (?:up )?as|start as|work as|play|replace|become|serve as|"
    r"act like) (?:our |the |my |an? )*(?:[\w-]+ ){0,3}?"
    r"(?:chat ?bot|faq|faq bot|help ?desk|hot ?line|receptionist|first[- ]level support|"
    r"service desk|"
    r"customer (?:service|support)|call cent(?:er|re)|information desk|support agent|"
    r"switchboard)\b",
    r"(?:build|make|create|set up|give|we need|i need|we want|i want)\b.*\b(?:faq|chat ?bot|"
    r"help ?desk bot|"
    r"question[- ]answering bot)\b(?!.*\b(?:conversations?|tickets?|report|chart|table|by|per)\b)",
    r"(?:look up|look for|fetch|get|find|retrieve|read out|give|check)\b .*\b(?:each time|"
    r"every time|when(?:ever)?) "
    r"(?:.* )?(?:asks?|calls?|needs?|wants?|enters?|types?|writes?)\b",
    rf"(?:look up|find|fetch|get|check)\b .*\bfor (?:each|every|any|all|"
    rf"the) (?:\w+ )?{_PEOPLE}s? (?:who|that) "
    r"(?:asks?|calls?|writes?|wants?)\b",
    r"(?:reset|unlock) (?:[\w']+ ){0,3}?(?:passwords?|pins?|accounts?)\b",
    r"(?:answer|reply to|respond to) (?:each|every one|all|any) (?:of )?(?:them|those|these)\b"
    r"(?! (?:questions )?(?:from|with|using) (?:the|this|these|my) (?:file|table|data|sheet))",
    r"(?:whenever|every time|each time|when|if) (?:an? |some|any|one |our |the )?.*\b(?:asks?|"
    r"calls?|wants? to know|enquires?)\b.*, .*\b(?:look|tell|answer|give|send|reply|say|find)\b",
)
SIMPLE: Final = (
    r"(?:what|where|who|when|how (?:do|can|should|long|many|much|late|early)|which|is|are|do|"
    r"does|can|may|"
    rf"am|look up|find|tell me|give me|get me|remind me)\b.*\b{_FACTS}"
)
"""Questions with one fixed answer, when no file comes with them."""
FIGURES: Final = (
    r"\b(?:total|average|mean|median|sum|per|by|share|percentage|most|least|compare[ds]?|trend|"
    r"top|each|"
    r"distribution|every|breakdown|report|table|chart|excel|pdf|csv|list|analysis|last (?:year|"
    r"month|"
    r"quarter)|(?:19|20)\d\d|growth|calculate|compute|draft|write|file|sheet|template|html|"
    r"script|code)\b"
)


FIRST_TIMED: Final = re.compile(rf"^(?:on |at |for )?{_TIMED}(?:,? {_CLOCK})?,? ")
"""When an act is due, where the clause begins with it: the act itself follows."""


def compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Give one pattern for all."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
