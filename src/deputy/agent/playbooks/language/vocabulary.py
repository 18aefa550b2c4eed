"""The words of business people: what carries no meaning here, and what means the same.

Owns plain lists. Must never know a table: everything here is true of any.
"""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """Give the set of blank-separated words."""
    return frozenset(text.split())


_COUNTING = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
"""
NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate(_COUNTING.split(), start=1)},
    "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "single": 1, "dozen": 12,
}  # fmt: skip

FILLERS = listed(
    """
    cause causes caused generate generates generated bring brings brought whats hows whos wheres
    thats heres theres pls plz thx ty gimme wanna gonna u r ur btw fyi hiya tho cos kinda just
    folks guys a an the of and to with for in on at from as into is are was were be been being
    has have had having do does did done doing i we you me my our ours us your it its this that
    these those they them their theirs there here s please kindly could can would will should
    may might must shall want wants wanted need needs needed like love give gives show shows
    showing make makes create produce prepare build write provide get gets got getting compute
    calculate calculation find finding identify determine tell tells list lists listing display
    present analyse analyze analysis summarise summarize summary summaries report reports
    reporting overview breakdown breakdowns break broken down split look looks looking see let
    know knows also then so quick quickly short brief briefly nice simple clear concise table
    tables data dataset file files sheet spreadsheet attached attachment enclosed uploaded
    upload figure figures number numbers result results performance how what which who whom
    where much many each every all both by grouped group grouping hi hello hey dear thanks thank
    ok okay deputy contains containing come comes coming came go goes going went using use used
    based same period periods comparison comparisons compare compared comparing comparative
    ranking rank ranked ranks sorted sort including include includes included well together
    inside business management board colleagues colleague boss director reader readable ready
    one page format formatted form version copy output deliver deliverable deliverables am pm
    regarding about respect across within m re ve ll d t im ive id lets sells selling made
    occurred happened took take takes taken place total totals pull pulled put puts run runs
    work works working actually really exactly currently basically essentially simply perhaps
    maybe possible possibly able help helps wondering wonder interested curious asap urgent
    urgently morning afternoon everyone cheers regards kind grateful appreciate appreciated
    great good thing things something interesting useful detail details detailed info
    information insight picture idea sense view views stats statistics statistic metric metrics
    kpi kpis terms relevant respective respectively individual individually separate separately
    own say says saying said asking ask think thinking try trying check checking again while
    when whether side basis amounting comprised consist consists consisting recorded registered
    logged counted totalling totalled adding add adds summed sum sums back out during altogether
    overall mine her his him he she whose far away always ever rather quite very any received
    receive receives placed handled handle happening happen existing exist exists available
    contained up still already yet too though although column columns understand understanding
    seen visible tally worth everything everybody volume volumes count counts alongside besides
    """
)
"""Words that ask for nothing by themselves."""

SYNONYMS: tuple[tuple[str, ...], ...] = tuple(
    tuple(" ".join(group.split()).split(", "))
    for group in """
    revenue, sales, sale, sold, turnover, amount, income, takings, proceeds, sales amount, sales
      value, sales revenue, net amount, order value, order amount, total amount!, total sales!,
      line total!, order total!, invoice amount, invoice value, billing, earned, value, total,
      total price!, balance, total revenue!, total value!, grand total!, price paid!, sale
      price!, net total!, gross total!, umsatz!, netto!, brutto!, betrag!, nettobetrag!,
      bruttobetrag!, summe!, gesamtbetrag!, erlös!, montant!, chiffre d affaire!, importe!,
      ventas!, fatturato!, importo!, omzet!, bedrag!;
    cost, expense, expenditure, spend, spending, spent, outlay, amount, amount paid, paid,
      payment, payment amount, invoice amount, total, total amount!, value, charge,
      disbursement, net amount, gross amount, total cost!, total!, kosten!, ausgaben!, aufwand!,
      betrag!, montant!, coût!, dépenses!, gasto!, gastos!, coste!, costo!, uitgaven!;
    profit, gain, earning, net profit, net income, gewinn!, bénéfice!, beneficio!, utile!,
      winst!, ertrag!, deckungsbeitrag!;
    quantity, qty, unit, piece, volume, unit sold, quantity sold, item sold, order quantity,
      number of unit, count, pcs, menge!, anzahl!, stück!, stückzahl!, quantité!, cantidad!,
      quantità!, aantal!;
    price, unit price, list price, sale price, selling price, price per unit, preis!,
      einzelpreis!, prix!, prix unitaire!, precio!, prezzo!, prijs!;
    customer, client, buyer, account, account name, customer name, shopper, purchaser, guest,
      patron, kunde!, kundenname!, kundennummer!, client!, cliente!, klant!;
    product, item, article, sku, product name, good, merchandise, item name, produkt!, artikel!,
      ware!, produit!, article!, producto!, artículo!, prodotto!, articolo!;
    region, territory, area, sales region, sales area, zone, gebiet!, région!, región!,
      regione!, regio!;
    country, nation, market, land!, staat!, pays!, país!, paese!;
    city, town, location, municipality, stadt!, ort!, ville!, ciudad!, città!, plaats!;
    state, province, county, bundesland!, département!, provincia!, estado!;
    salesperson, seller, sales rep, representative, rep, sales person, account manager, sales
      agent, account executive, sales representative, owner, salesman, verkäufer!, vertreter!,
      mitarbeiter!, vendeur!, vendedor!, venditore!, verkoper!;
    category, product category, product group, product line, product type, type, kind, segment,
      class, warengruppe!, kategorie!, produktgruppe!, artikelgruppe!, catégorie!, categoría!,
      categoria!, categorie!;
    department, dept, division, business unit, team, function, unit, abteilung!, bereich!,
      departamento!, reparto!, afdeling!;
    employee, staff member, worker, staff, colleague, headcount, person, people, team member,
      personnel, workforce, employee name, mitarbeiter!, personalnummer!, employé!, empleado!,
      dipendente!, medewerker!;
    supplier, vendor, provider, contractor, payee, supplier name, vendor name, lieferant!,
      kreditor!, fournisseur!, proveedor!, fornitore!, leverancier!;
    store, shop, branch, outlet, site, location, store name, filiale!, laden!, niederlassung!,
      magasin!, tienda!, negozio!, winkel!;
    channel, sales channel, source, medium;
    hour, hour worked, time spent, duration, time, handling time, resolution time, minute, day,
      working time;
    salary, pay, payroll, wage, compensation, remuneration, annual salary, base salary, earning,
      earn, paid, gehalt!, lohn!, salaire!, salario!, stipendio!, salaris!;
    status, state, stage, outcome, statut!, estado!, stato!, zustand!;
    ticket, case, issue, request, incident, support ticket, enquiry, inquiry, query;
    order, purchase, sales order, purchase order, auftrag!, bestellung!, bestellnr!,
      auftragsnr!, commande!, pedido!, ordine!;
    invoice, bill, rechnung!, rechnungsnr!, rechnungsnummer!, facture!, factura!, fattura!,
      factuur!;
    payment method, payment type, payment mode, payment, paid by, pay method, paying method;
    rating, score, star, csat, nps, satisfaction, satisfaction score, review score;
    age, year old, aged;
    gender, sex;
    discount, rebate, reduction, rabatt!, nachlass!, remise!, descuento!, sconto!, korting!;
    tax, vat, sales tax, mwst!, umsatzsteuer!, ust!, tva!, iva!, btw!;
    fee, charge, commission;
    distance, mile, km, kilometre, kilometer, mileage;
    weight, kg, kilo;
    date, day, order date, transaction date, time, timestamp, when, datum!, fecha!, data!,
      rechnungsdatum!, bestelldatum!, auftragsdatum!, buchungsdatum!;
    manager, line manager, supervisor, boss, reports to;
    job, job title, role, position, title, occupation;
    hire date, start date, joining date, date of joining, date hired, date joined, employment
      date, hired, joined;
    trip, ride, journey;
    passenger, traveller, traveler, rider;
    visitor, user, visit, session;
    click, hit;
    impression, view, page view, pageview;
    conversion, converted;
    campaign, ad campaign;
    stock, inventory, stock level, stock on hand, on hand, quantity on hand, units in stock,
      bestand!, lagerbestand!, existencias!, giacenza!, voorraad!;
    warehouse, depot, storage, site, lager!, entrepôt!, almacén!, magazzino!, magazijn!;
    shipping, freight, postage, delivery cost, shipping cost, delivery;
    bonus, incentive;
    budget, planned, plan;
    agent, operative, adviser, advisor, handler, assignee, assigned to, owner;
    priority, urgency, severity;
    student, pupil, learner;
    course, class, subject, module;
    grade, mark, score;
    patient, case;
    doctor, physician, consultant, clinician;
    project, job, engagement;
    complaint, grievance;
    reason, cause, return reason;
    reply, response, answer, respondent;
    tip, gratuity;
    fare, price, ticket price;
    name, title;
    """.strip(" ;\n").split(";")
)

"""Groups that mean the same; "!" marks names of columns that no request would be worded with."""

ROW_NOUNS = listed("row record entry line observation datum item")
"""What a row of any table may be called."""

EVENT_NOUNS = listed(
    """
    trip ride journey order sale purchase payment invoice booking reservation ticket case incident
    request issue complaint visit session call shipment delivery parcel claim application enrolment
    enrollment registration transaction response survey review appointment admission inspection
    flight job task deal lead opportunity posting return refund donation loan rental stay audit
    accident fault defect repair test sample reading measurement event delivery contract
    subscription quote quotation bill expense receipt entry enquiry inquiry query fill tour
    """
)
"""What a row may stand for when the table is a list of things that happened."""

PEOPLE = listed(
    """
    person people staff headcount employee customer patient passenger student member user
    participant respondent individual colleague guest learner worker
    """
)

BEGINNINGS = listed(
    "pickup start started begin began open opened create created order ordered departure checkin "
    "admitted admission raised reported received submitted logged booking booked enrolled hire"
)
"""Words in the name of a date on which something begins."""

EVENTS = listed("order invoice transaction sale sold booking posting event purchase payment trade")
"""Words in the name of a date on which something happened."""

YES = listed("yes y true t ja oui si 1 x")
NO = listed("no n false f nein non 0")

DOINGS: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (listed(pair.partition(":")[0]), listed(pair.partition(":")[2]))
    for pair in """
    joined hired started recruited onboarded employed hires joiners starters recruits: hire
      hired join joined joining start started employment onboarding;
    left leavers departed departures terminated terminations resigned quit: end leaving left
      exit termination departure;
    bought purchased ordered sold placed: order ordered purchase sale sold booking;
    delivered arrived: delivery delivered arrival arrived;
    paid settled: payment paid settlement;
    born: birth dob born;
    resolved solved fixed closed completed finished: resolved closed completed completion
      finished closing resolution;
    opened created raised logged submitted reported received filed lodged: opened created raised
      logged submitted reported received filed lodged opening creation;
    shipped dispatched sent: ship shipped shipping dispatch dispatched;
    registered enrolled signed: signup registration registered enrolment enrolled enrollment
      joined created;
    invoiced billed: invoice invoiced billing billed;
    arrived arrivals arriving: arrival arrived check;
    booked reserved: booking booked reservation reserved;
    """.strip(" ;\n").split(";")
)
"""Verbs of requests, and the words in the names of dates on which that is done."""

FIGURE_VERBS = listed("sold sell spent paid pay earned earn billed invoiced charged making costing")
"""Verbs that may name a figure when nothing else does: "how much was sold"."""

GENDERS = (listed("woman female f w lady girl"), listed("man male m gentleman boy"))
"""What the values of a column of genders may be called."""

RATIOS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], bool], ...] = (
    ("click through rate|clickthrough rate|click rate|ctr", ("click",), ("impression",), True),
    (
        "conversion rate|conversion ratio|cvr",
        ("conversion", "converted"),
        ("click", "visit", "session", "visitor"),
        True,
    ),
    ("cpc", ("cost",), ("click",), False),
    ("cost per acquisition|cpa", ("cost",), ("conversion", "acquisition"), False),
    (
        "return on ad spend|return on advertising spend|return on spend|roas",
        ("revenue",),
        ("cost", "spend"),
        False,
    ),
    ("return on investment|roi", ("profit",), ("cost", "investment"), True),
    (
        "profit margin|gross margin|net margin|operating margin|margin|margins|profitability",
        ("profit", "gross profit"),
        ("revenue", "sale"),
        True,
    ),
    ("bounce rate", ("bounce",), ("session", "visit"), True),
    ("open rate", ("open", "opened"), ("delivered", "sent", "email"), True),
    (
        "utilisation rate|utilization rate|utilisation|utilization|occupancy rate|occupancy",
        ("booked hour", "used hour", "billable hour", "occupied room", "room sold", "occupied"),
        ("available hour", "capacity", "total hour", "available room", "room available"),
        True,
    ),
)
"""Ratios that business people call by a name: its numerator, its denominator, whether in %."""

TOWARDS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        listed("from pickup origin start departure leaving starting sender source"),
        listed("from pickup origin start departure sender source"),
    ),
    (
        listed("to dropoff drop destination end arrival going ending receiver target"),
        listed("to dropoff drop destination end arrival receiver target"),
    ),
)
"""Words of requests that tell where something begins or ends, and those in names of columns."""

UNITS: tuple[frozenset[str], ...] = (
    listed("minutes minute mins min"),
    listed("hours hour hrs hr h"),
    listed("days day"),
    listed("km kilometres kilometers kilometre kilometer kms"),
    listed("miles mile mi"),
    listed("kg kilos kilograms kilogram kilo"),
    listed("tonnes tonne tons ton"),
    listed("euros euro eur €"),
    listed("pounds pound gbp £ sterling"),
    listed("dollars dollar usd $"),
)
"""Words for the same unit, in requests and in names of columns."""
