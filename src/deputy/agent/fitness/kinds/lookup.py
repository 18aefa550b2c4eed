"""Questions with one fixed answer, and the answering of everybody's questions.

Owns these acts. Must never match questions that a table has to be reckoned for.
"""

from __future__ import annotations

from typing import Final

from deputy.agent.fitness.phrases import act, either

_PEOPLE = either("""
    customer+ client+ employee+ staff colleague+ user+ caller+ visitor+ people everyone everybody
    anyone anybody guest+ patient+ student+ applicant+ member+ tenant+ citizen+ buyer+ shopper+
    newcomer+ starter+ parent+ pupil+ supplier+ driver+ resident+ passenger+ traveller+ traveler+
    claimant+ subscriber+ policyholder+ borrower+ whoever them
""")
_ASKED = either(
    "question+ query+ faq+ enquiry+ inquiry+ chat+ calls requests ticket+ e-mail+ mail+ messages"
)
_ONCE = (
    r"\b(?:drafts?|(?:first|second|third|last) (?:tab|sheet)|as an? (?:word|excel|pdf|document|"
    r"table|letter)|with (?:the )?figures|in one (?:sentence|table)|attached|questionnaire|as an?|"
    r"in (?:this|the) (?:file|form|sheet|table|document|letter|tender)|drafts)\b"
)
_ANSWER = "answer reply reply_to respond respond_to handle field deal deal_with"
_DESKS = either("""
    chat-bot faq faq_bot help-desk hot-line receptionist reception first-level_support
    first-line_support service-desk customer_service customer_support call_center call_centre
    information_desk information_service info_service info_desk support_agent switchboard hotline
    front_desk first_contact first_point_of_contact point_of_contact concierge
""")
_ROUTINE = either("""
    same identical incoming simple routine common recurring standard usual frequent frequently every
    each repeated faq basic repetitive typical everyday any all
""")
_ASKS = (
    r"(?:asks?|calls?|writes?|wants?(?: to know)?|enquires?|needs?|phones?|rings?|enters?|types?)"
)

_ANSWERING = (
    rf"{either(_ANSWER)}\b(?!.*{_ONCE}) (?:.* )?{_PEOPLE}(?:'s?)?\b(?:.*\b{_ASKED}\b|$| (?:who|"
    r"when|that|about|24|automatically|in (?:the |our )?chat|on (?:the|our|whatsapp|slack|teams|"
    r"facebook|instagram|telegram)\b))",
    rf"{either(_ANSWER)} (?:the |all |any |our |these |of )*(?:\d+ )?{_ROUTINE}\b "
    rf"(?!of )(?!.*{_ONCE})(?:[\w-]+ ){{0,3}}?{_ASKED}\b",
    rf"{either(_ANSWER)} (?:the )?{_ASKED} (?:about|from|of|on|that|by|like|via|all|every|around|"
    rf"regarding)\b(?!.*{_ONCE})",
    r"(?:answer|field|take over|handle) (?:the )?(?:faqs?|answering|support chat|hotline|"
    r"switchboard|phones?)\b",
    r"(?:take over|do|cover|run|man) (?:the |our )?(?:answering|replying|customer support|first[- "
    r"](?:level|line)|reception|help ?desk|hotline|support chat)\b",
    r"(?:answer|reply to|respond to) (?:each|every one|all|any) (?:of )?(?:them|those|these)\b(?! "
    r"(?:questions )?(?:from|with|using) (?:the|this|these|my) (?:file|table|data|sheet))",
    r"answer (?:them|those) (?:automatically|for us|all|on our behalf|in (?:teams|slack|the chat))",
    r"use .*\bto answer (?:each|every|all|any) of (?:them|those|these)\b",
    r"answer (?:whatever|anything|everything) (?:they|people|anyone|anybody)\b",
    r"(?:answer|handle|take|field|deal with) (?:the |those |these |our |"
    r"all )+(?:incoming )?(?:calls|chats|callers)(?: for us)?$",
    r"take over (?:the |those |these |our |all )*(?:chats?|calls?|phones?|mails?|e-?mails?|"
    r"hotline)\b",
    r"(?:provide|offer) (?:[\w/-]+ )?(?:support|help|advice|information|answers) (?:for|to) "
    rf".*\b{_PEOPLE}\b",
    r"answer (?:when|whenever) .*\bask",
    rf"(?:our |the |all )?{_PEOPLE} (?:keep|constantly|always|often|regularly) \w*(?:ask|call|"
    r"mail|writ|phon|ring|messag)",
    r"(?:sit in (?:the |our )?(?:[\w-]+ )?chat\b|pick up(?: the phone)?$)",
    rf"(?:answer|tell) (?:them|those|these|{_PEOPLE}) .*\bas they (?:come|ask|call)",
)
_TELLING = (
    r"(?:tell|give|inform|help|let|show) (?:our |the |all |any |each |every |"
    rf"new )*(?:[\w-]+ )?{_PEOPLE}\b .*\b(?:when|{_ASKS}|who {_ASKS}|whenever|if they|which|where|"
    r"asking|how (?:to|many|much|long)|what|our (?:opening|surgery|office) (?:hours|times)|"
    r"(?:order|parcel|delivery) status)\b",
    r"(?:tell|give) (?:it|them|that) (?:to )?(?:whoever|anyone|everyone|people) (?:who )?asks?\b",
    rf"(?:tell|give|give out|hand out) .*\bto (?:anyone|anybody|everyone|whoever|{_PEOPLE}) "
    rf"(?:who )?{_ASKS}\b",
    r"(?:tell|inform) (?:our |the |all )*(?!us\b|this\b)[\w-]+s (?:when|where|what|which|how \w+) "
    r"(?:their|the|they|our)\b(?!.*\b(?:letter|e-?mail|text|draft)\b)",
    rf"let {_PEOPLE} know (?:when|what|where|whether|who|how)\b",
    rf"(?:.*\b)?(?:they|people|staff|everyone|{_PEOPLE}) can (?:just )?ask\b",
    r"(?:i|we) (?:want|need|would like|would love) .*\b(?:bot|assistant|hotline|help ?desk) for "
    rf"(?:our |the |all |my )?{_PEOPLE}\b",
    rf"(?:i|we) (?:want|need|would like|'d like) (?:our |the |all |any )*(?:\w+ )?{_PEOPLE} to "
    r"(?:be able to )?(?:ask|look up|find out|query)\b",
    r"(?:.*\b)?(?:so that |if |that |where |assistant |bot |somewhere )?(?:our |my |"
    rf"the )?{_PEOPLE} (?:can|could|may|should) (?:just |simply |always )?ask (?:you|it|about|"
    r"where|what|when)\b",
    r"(?:staff|people|employees|customers|visitors|members) .*\bneed (?:somewhere|someone|"
    r"somebody|something) to ask\b",
    act("look_up look_for fetch get find retrieve read_out give check tell",
        rf"(?:(?:each time|every time|when|whenever)\b.*\b{_ASKS})"),
    rf"(?:look up|find|fetch|get|check)\b .*\bfor (?:each|every|any|all|the) (?:\w+ )?{_PEOPLE} "
    r"(?:who|that) (?:asks?|calls?|writes?|wants?|rings?)\b",
    r"(?:whenever|every time|each time|when|if) (?:an? |some|any|one |our |the |"
    rf"my )?.*\b{_ASKS}\b.*, .*\b(?:look|tell|answer|give|send|reply|say|find)\b",
)  # fmt: skip
_SERVING = (
    r"(?:be|act as|set (?:yourself|up) (?:up )?as|start as|work as|play|replace|become|serve as|"
    rf"act like|step in as|stand in for) (?:our |the |my |an? )*(?:[\w-]+ ){{0,3}}?{_DESKS}\b",
    r"(?:build|make|create|set up|give|we need|i need|we want|i want)\b.*\b(?:faq|chat ?bot|help "
    r"?desk bot|question[- ]answering bot)\b(?!.*\b(?:conversations?|tickets?|report|chart|table|"
    r"by|per|documents?|pages?|list|sheet|word|pdf|html|draft|section)\b)",
    rf"(?:i|we) (?:want|would like|plan) to (?:replace|use you as|turn you into) .*\b{_DESKS}\b",
    r"(?:reset|unlock) (?:(?:my|our|his|her|their|the|an?|[\w']+'s) )(?:[\w']+ )?(?:passwords?|"
    r"pins?|accounts?)\b",
    r"(?:reset|unlock) (?:passwords?|pins?|accounts?)\b",
)
LOOKUP: Final = (*_ANSWERING, *_TELLING, *_SERVING)

LOOKUP_APART: Final = (
    r".*\b(?:asks?|asking|want to know|enquir\w+|ring|phone|calls? us|colleagues on the phone)\b",
    r"(?:take (?:that|this|it|them|those) (?:over|off)|(?:answer|tell) (?:them|those)|give "
    r"(?:them|it)(?: the [\w-]+)?(?: from now on)?$|(?:handle|do|be) (?:that|this|them)\b)",
)
"""People who ask, told of in one sentence, and their answering asked for in another."""

_FACTS = either("""
    opening_hours opening_times office_hours surgery_hours wi-fi wlan password phone telephone
    extension address e-mail holiday+ vacation leave sick travel_policy travel_expense+
    travel_guideline+ expense_form expense_report+ expense_policy expense_claim+ policy+ dress_code
    canteen cafeteria menu lunch parking park printer meeting_room+ badge+ notice_period remote_work
    home_office warranty shipping delivery_time contact help-desk hr it_support vpn closed close
    open weather capital_of exchange_rate vat form per_diem parcel reimbursed apply intranet
    handbook onboarding working_hours mileage allowance ceo postal_code zip_code deadline fax
    account_number order_status status_of bus invoice_address iban cost_center cost_centre return_an
    return_a in_charge responsible officer manager_of head_of business_trip training_course dog
    bring allowed day_off days_off overtime_rule laptop receipt+ time-sheet locker key_card
    number_of_the
""")
_THINGS = either(
    "code number address password time date deadline name hours menu fee pin extension e-mail key"
)
SIMPLE: Final = (
    r"(?:what|what's|whats|where|who|whom|who's|when|how (?:do|can|should|long|many|much|late|"
    r"early)|which|is|are|do|does|can|may|am|look up|find|tell me|give me|get me|remind me|let "
    rf"me know)\b.*\b{_FACTS}\b",
    r"(?:where|how|who|whom|when) (?:can|do|may|should|must) (?:i|we) (?:\w+ )?(?:find|get|book|"
    r"apply|park|call|contact|ask|report|order|request|submit|hand in|register|eat|send|return|"
    r"turn to|claim)\b",
    r"(?:am i|are we|may i) (?:allowed|entitled|supposed|permitted)\b|do (?:\w+ ){1,2}(?:get|have "
    r"to|need to|need a)\b",
    r"how (?:much|many|long|often|late|early) .*\b(?:do|can|must|may|should) (?:i|we) (?:have|"
    r"need|get|take|give|claim|carry)\b",
    r"(?:who|whom) (?:can|do|should|must|may) (?:i|we)\b",
    r"(?:can|may|could) (?:i|we|visitors|employees|staff|contractors) (?!have\b|get\b|see\b)\w+",
    rf"(?:what is|what are|what's|whats|tell me) (?:the|our|my) (?:[\w-]+ ){{0,3}}?{_THINGS}\b",
    r"(?:where|when)(?:'s| is| are| do| does| can) (?!\d)",
    r"who (?:[a-z]+[^s]s) (?!what\b|the most\b)",
    r"(?:let me know |tell me )?who (?:looks after|is in charge|runs|handles|deals with|do i)\b",
    r"(?:does|do) (?:the|our) (?:company|firm|employer|office|hospital|bank|school|university)\b",
    r"(?:is|are) there an? (?!way|method|possibility|chance|difference|pattern|trend)",
    r"which (?:floor|room|building|form|bus|train|gate|desk|number|extension|department|"
    r"entrance)\b",
    r"(?:i|we) (?:forgot|forget|have forgotten|lost|do not know|cannot remember) .*\b(?:password|"
    r"address|number|code|pin|extension)\b",
)
"""Questions with one fixed answer, when no file comes with them."""

FIGURES: Final = (
    r"\b(?:total|average|mean|median|sum|per|by|share|percentage|most|least|best|biggest|largest|"
    r"highest|lowest|compare[ds]?|trend|top|each|distribution|every|breakdown|report|table|chart|"
    r"excel|pdf|csv|list|analysis|last (?:year|month|quarter)|(?:19|20)\d\d|growth|calculate|"
    r"compute|draft|write|file|sheet|template|html|script|code (?:for|that|which|in)|formula|"
    r"function|python|sql|regex|letter|text|plan|numbers|figures|data(?! protection)|overview|"
    r"document|word|page|spreadsheet|example|compound|interest)\b"
)
"""Words that make a question one to be reckoned or written."""
