"""Money that is moved and books that are changed.

Owns these acts. Must never match the preparing, listing or checking of them.
"""

from __future__ import annotations

from typing import Final

from deputy.agent.fitness.phrases import FEW, act, either

_DEBTS = either("""
    invoice+ bill+ supplier+ vendor+ salary+ wage+ rent+ fee+ amount+ balance+ employee+ customer+
    creditor+ contractor+ freelancer+ expense+ claim+ order+ tax+ everyone everybody bonus+
    commission+ trade+ dividend+ instalment+ installment+ debt+ them it this these money landlord
    staff people buyer+ loan+ charge+ the_rest what_we_owe all_of_it
""")
_CURRENCIES = either("dollar+ euro+ pound+ franc+ yen currency+")
_SUM = (
    r"(?:[€$£]\s?\d|\b(?:eur|usd|chf|gbp)\s?\d|\b\d[\d.,]*\s?(?:k\b|m\b|million|"
    r"thousand)?\s?(?:[€$£]|(?:eur|usd|chf|gbp|euros?|dollars?|pounds?|francs?)\b)|\b\d[\d.,]*k\b)"
)
_MONEY = either("""
    money funds cash wage+ salary+ payment+ balance+ amount+ account+ iban+ bank+ supplier+ vendor+
    employee+ creditor+ it them
""")
_BOOKS = either("""
    ledger+ sub-ledger+ sap datev books erp journal core_banking netsuite quickbooks accounting
    s/4hana oracle sage xero navision
""")
_ENTRIES = either("""
    entry+ invoice+ booking+ accrual+ posting+ transaction+ payment+ credit_note+ depreciation
    write-off+ provision+ journal+ month-end closing receivable+ payable+
""")
_RUNS = either("""
    payment+ payment_run+ payment_batch+ payroll+ direct_debit+ bank_transfer+ wire_transfer+
    sepa_transfer+ transfer+ trade+ pay-out+ disbursement+ refund+ stock_order+ buy_order+
    sell_order+ settlement+ reimbursement+ invoices_for_payment credit_note+ pay_run+
""")
_SHARES = either("""
    share+ stock+ bond+ option+ future+ etf+ security+ bitcoin+ crypto cryptocurrency+ position+
    fund+ index_fund+ gold equity+ forex
""")
_PORTFOLIO = either("portfolio+ position+ depot fund")
_CHARGED = (
    rf"(?:(?:card|account|customer|client|member|subscriber|wallet|buyer)s?\b(?!')|{_CURRENCIES})"
)
_BANKING = either("direct_debit+ standing_order+ direct_debit_mandate+ bank_mandate+")

_TO_A_SHEET = (
    r"\b(?:to|into) (?:[\w'-]+ ){0,3}?(?:sheet|file|table|tab|excel|workbook|template|csv|layout|"
    r"format|page)s?\b"
)
_A_REPORT = (
    r"\b(?:analysis|reports?|summary|checks?|numbers|costs?|figures|statistics|overview|"
    r"simulation|comparison|test|slips?|gap|proposals?|drafts?|"
    r"(?<!this )(?<!the )(?<!attached )(?<!these )(?:export|list|file|table)s?)\b"
)

LEDGER: Final = (
    act("settle", "invoice+ bill+ debt+ claim+ balance+ account+ supplier+ fee+ what_we_owe",
        never=rf"(?:\bquestion\b|{_A_REPORT})"),
    act("pay pay_out pay_off remit disburse refund reimburse", _DEBTS,
        never=rf"(?:\battention\b|{_A_REPORT})"),
    r"pay(?: out)? (?:now|today|at once)$|(?:if|once|when)\b.*, pay(?: out)?$",
    r"(?:pay|transfer|send|wire|move|withdraw|deposit|remit|debit|credit|refund|invest|lend|"
    r"advance|buy|sell|shift)\b (?:(?!than|above|over|below|under|with|who|whose|"
    rf"list)[\w'-]+ ){{0,4}}?{_SUM}",
    rf"(?:deposit|top up|make a payment of|withdraw)\b.*{_SUM}",
    act("transfer wire remit", _MONEY, never=_TO_A_SHEET),
    act("move send deposit withdraw lend invest", "money funds cash", never=_TO_A_SHEET),
    r"(?:upload|send|submit|transmit) .*\b(?:payment|sepa|payroll|salary) files? (?:to|into|at) "
    r"(?:the|our) bank",
    act("top_up replenish fund", "account+ card+ wallet+ petty_cash deposit"),
    act("correct change adjust delete fix clear reverse update increase raise lower set write_off "
        "cancel", rf"(?:in|on|from) (?:the |our |my )?(?:\w+ )?{_BOOKS}"),
    act("post book", _ENTRIES, near=True),
    r"(?:post|book) (?:it|them|these|this|those|everything|all)(?: now| today)?$",
    act("post book record enter write push load key put put_through",
        rf"(?:in|into|to|on|onto|through|via|at|from|of|with) {FEW}{_BOOKS}"),
    act("execute run release initiate submit trigger approve authorise authorize issue "
        "perform make launch start carry_out do instruct sign send_off place collect schedule "
        "put_through", _RUNS, near=True, never=_A_REPORT),
    r"process (?:the |these |all |our )*(?:payments?|refunds?|direct debits?)\b(?!.* (?:in|from) "
    r"(?:this|the|my|our|column)|.*\binto\b)",
    r"(?:do|make|carry out|perform) the (?:posting|booking|payment|transfer|refund|pay-?out)s? "
    r"(?:of|for|to)\b",
    r"(?:buy|sell|purchase) [\d.,]+ (?:units|shares|pieces|barrels|ounces|tonnes) of\b",
    r"cash out (?:our|my|the|all)\b",
    r"(?:make sure|see to it|ensure) .*\b(?:gets?|receives?|has|have) (?:their|his|her|the) "
    r"(?:money|pay|salary|salaries|wages)\b",
    rf"give (?:[\w']+ ){{1,4}}{_SUM}.* back\b|give (?:[\w']+ ){{1,4}}back {_SUM}",
    rf"put .*(?:\b(?:money|cash|funds)\b|{_SUM}).* (?:in|into|on|onto) .*\b(?:deposits?|accounts?|"
    r"funds?|shares|savings)\b",
    r"(?:do|make|enter) (?:the|these|all|our) (?:bookings?|postings?|entries) (?:in|into) "
    rf"{_BOOKS}",
    r"give .*\b(?:bonus|salary|pay|wages) (?:with|in) the (?:next )?payroll\b",
    r"(?:distribute|credit|disburse) .*\b(?:to|onto|into) (?:the|their|our|each|all) "
    r"(?:[\w']+ )?accounts?\b",
    r"(?:take|draw|pull) (?:the |our |all )*direct debits\b",
    r"collect .*\bby direct debit\b",
    r"(?:approve|grant|authori[sz]e) (?:the|these|those|this|that|all|each|every|our|my|their|"
    rf"any|an?|both|due|open|pending) {FEW}(?:loans?|loan applications?|expense claims?|invoices?|"
    r"credits?|credit limits?|payments?)\b",
    act("(?:buy|sell|purchase|short|trade)(?! and\\b| orders?\\b)",
        rf"(?:{_SHARES}|{_CURRENCIES})(?! orders?)", near=True,
        never=r"\b(?:plan|strategy|analysis|letter|list|plots? of land)\b"),
    act("rebalance liquidate hedge manage", _PORTFOLIO),
    r"(?:convert|exchange|swap|change) (?:half|all|most|some|\d+ ?%) of (?:our|my|the) "
    rf"(?:\w+ )?{_CURRENCIES} (?:into|to|for)\b",
    r"(?:charge|debit|credit|bill) (?:(?:the|these|those|this|that|all|each|every|our|my|any|"
    rf"both|an?|their|his|her) )+{FEW}{_CHARGED}",
    act("place execute submit route", r"(?:orders?\b.*\b(?:exchange|broker|market|xetra|nasdaq|"
        r"nyse))"),
    act("carry_out do perform make run close", r"(?:(?:month|year|quarter)[- ]end (?:clos\w+))",
        never=_A_REPORT),
    act("carry_out do perform make run close reverse clear void write_off",
        rf"(?:(?:open items|periods?|postings?|entries|accounts|books|receivables?)\b.*{_BOOKS})",
        never=_A_REPORT),
    r"(?:close|shut|open|reopen|lock) (?:the|our) (?:[\w-]+ )?(?:period|posting period|books|"
    r"general ledger|accounting period|fiscal \w+)\b",
    act("cancel set_up change create stop start amend", _BANKING, near=True),
    r"(?:(?!list|table|which)[\w'-]+ )*?\b(?:salaries|wages|payments?|money|funds|invoices) "
    r".*\b(?:leaves?|gone? out of|off) (?:our|the) (?:bank )?account",
    r"selling\b.*\bbuying\b|buying\b.*\bselling\b",
)  # fmt: skip

LEDGER_APART: Final = (
    r"(?:i|we|these|the|my|our|here|check)\b.*\b(?:invoices?|bills?|orders?|claims?)\b",
    r"pay$",
)
"""What is owed, told of in one sentence, and a bare "pay" in another."""
