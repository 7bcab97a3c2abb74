import type { Tables } from '../kit.ts';

const DEPOTS = `ANT|Antwerp|BE|Kaai 212
RTM|Rotterdam|NL|Waalhaven 40
CGN|Cologne|DE|Hafenstrasse 9`;

/** name, category, depot, state, kilograms, metres, kVA, fuel, euros a day, next service */
const MACHINES = `Norvik 15 Mini Excavator|excavator|ANT|available|1550|||diesel|95|2027-01-18
Norvik 18E Mini Excavator|excavator|RTM|on_hire|1890|||electric|120|2026-12-14
Norvik 27 Mini Excavator|excavator|CGN|available|2720|||diesel|140|2027-02-08
Tarn 80 Excavator|excavator|ANT|on_hire|8300|||diesel|260|2026-12-21
Tarn 140 Excavator|excavator|CGN|available|14200|||diesel|390|2026-12-01
Kestrel 12 Boom Lift|boom_lift|ANT|available|3600|12||electric|150|2027-03-01
Kestrel 16 Boom Lift|boom_lift|RTM|on_hire|6700|16||diesel|190|2027-01-11
Kestrel 20 Boom Lift|boom_lift|CGN|available|9800|20.2||diesel|240|2027-01-25
Kestrel 26 Boom Lift|boom_lift|ANT|on_hire|14900|26.4||hybrid|340|2026-12-16
Kestrel 28 Boom Lift|boom_lift|RTM|available|16200|28||diesel|365|2027-02-22
Heron 8 Scissor Lift|scissor_lift|ANT|available|1800|8||electric|70|2027-01-04
Heron 10 Scissor Lift|scissor_lift|CGN|out_of_service|2400|10||electric|85|
Heron 18 Scissor Lift|scissor_lift|RTM|available|7900|18||diesel|180|2027-03-15
Voltra 30 Generator|generator|CGN|available|950||30|diesel|65|2027-01-06
Voltra 60 Generator|generator|CGN|available|1450||60|diesel|110|2027-02-01
Voltra 100 Generator|generator|CGN|on_hire|1900||100|diesel|155|2026-12-09
Voltra 150 Generator|generator|CGN|available|2600||150|diesel|210|2027-04-12
Voltra 80 Generator|generator|ANT|available|1600||80|diesel|130|2027-02-15
Airone 5 Compressor|compressor|ANT|on_hire|820|||diesel|75|2027-01-20
Bruno 3 Dumper|dumper|RTM|available|2100|||diesel|98|2027-03-08
Bruno 6 Dumper|dumper|CGN|on_hire|4300|||diesel|145|2026-12-18
Plano 120 Roller|roller|ANT|available|2700|||diesel|115|2027-01-27
Reach 7 Telehandler|telehandler|RTM|available|5600|6.8||diesel|175|2027-02-03
Lumen 9 Lighting Tower|lighting_tower|ANT|out_of_service|780|9||petrol|55|`;

/** company, contact, e-mail, phone, country, whether on stop */
const CUSTOMERS = `Vermeer Bouw|Stijn Vermeer|stijn@vermeerbouw.example|+32 3 0100401|BE|false
Vermeer Dakwerken|Lotte Vermeer|info@vermeerdak.example|+32 9 0100402|BE|false
Baukontor Rhein|Jana Kruse|kruse@baukontor.example|+49 221 0100403|DE|false
Delta Events|Milan de Wit|milan@deltaevents.example|+31 10 0100404|NL|false
Haven Groen|Sara Bos|sara@havengroen.example||NL|false
Kranz Tiefbau|Uwe Kranz|uwe@kranz.example|+49 221 0100406|DE|false
Atelier Noord|Femke Visser|femke@ateliernoord.example||NL|true
Stadsfeesten Gent|Bart Claes|bart@stadsfeesten.example|+32 9 0100408|BE|false
Rheinwerk Montage|Ali Yildiz|yildiz@rheinwerk.example|+49 221 0100409|DE|false
Polder Wegenbouw|Kees Jonker|kees@polderwegen.example|+31 10 0100410|NL|false
Lichtblick Film|Nele Brandt|nele@lichtblick.example|+49 221 0100411|DE|false
De Smet Tuinen|Wout De Smet|wout@desmet.example|+32 3 0100412|BE|false`;

/** customer (from 1), machine (from 1), state, first day, last day, site, purchase order */
const HIRES = `1|1|ended|2026-09-01|2026-09-11|Mechelen|VB-118
3|5|ended|2026-09-07|2026-09-25|Cologne-Deutz|BR-4401
4|24|ended|2026-09-18|2026-09-21|Breda|
6|3|ended|2026-09-28|2026-10-02|Leverkusen|
10|22|ended|2026-10-01|2026-10-09|Dordrecht|PW-77
7|11|ended|2026-10-05|2026-10-06|Rotterdam|
1|9|ended|2026-10-06|2026-10-16|Antwerp|VB-121
11|15|ended|2026-10-12|2026-10-14|Cologne-Ehrenfeld|
2|6|ended|2026-10-19|2026-10-23|Ghent|
9|12|ended|2026-10-26|2026-11-06|Neuss|RM-2026-19
11|1|ended|2026-11-02|2026-11-04|Liege|
4|18|cancelled|2026-11-05|2026-11-09|Breda|
6|8|ended|2026-11-09|2026-11-13|Leverkusen|
10|21|on_hire|2026-11-09|2026-12-04|Dordrecht|PW-81
3|4|on_hire|2026-11-11|2026-12-18|Cologne-Deutz|BR-4460
1|19|on_hire|2026-11-16|2026-11-27|Mechelen|VB-130
9|7|on_hire|2026-11-16|2026-11-27|Neuss|RM-2026-22
2|9|on_hire|2026-11-17|2026-12-11|Ghent|
5|2|on_hire|2026-11-19|2026-12-03|Schiedam|
11|16|on_hire|2026-11-23|2026-11-28|Cologne-Ehrenfeld|
8|13|booked|2026-11-27|2026-11-30|Ghent|SG-5
4|6|booked|2026-12-04|2026-12-07|Breda|
7|11|booked|2026-11-30|2026-12-02|Rotterdam|
11|1|booked|2026-12-02|2026-12-04|Liege|
6|5|cancelled|2026-12-01|2026-12-11|Leverkusen|
10|22|booked|2026-12-07|2026-12-18|Dordrecht|PW-84
11|17|booked|2026-12-14|2026-12-16|Bonn|
5|20|quote|2026-12-03|2026-12-05|Schiedam|`;

/** customer (from 1), hire (from 1), euros, state, issued, due, paid */
const INVOICES = `1|1|870|paid|2026-09-14|2026-10-14|2026-10-09
3|2|5460|paid|2026-09-28|2026-10-28|2026-10-30
4|3|240|open|2026-09-24|2026-10-24|
6|4|700|paid|2026-10-05|2026-11-04|2026-11-02
10|5|980|paid|2026-10-12|2026-11-11|2026-11-11
7|6|180|open|2026-10-08|2026-11-07|
1|7|3060|open|2026-10-19|2026-11-18|
11|8|330|paid|2026-10-16|2026-11-15|2026-10-19
2|9|750|open|2026-10-27|2026-11-26|
9|10|1440|open|2026-11-09|2026-12-09|
11|11|285|paid|2026-11-06|2026-12-06|2026-11-20
6|13|1200|open|2026-11-16|2026-12-16|
1|16|1250|open|2026-11-20|2026-12-20|`;

/** machine (from 1), day, result, inspector, remarks */
const INSPECTIONS = `12|2026-05-11|passed|Jo Peeters|
7|2026-06-02|passed|Rene Hoek|
24|2026-07-14|passed|Jo Peeters|
9|2026-08-19|passed|Jo Peeters|
10|2026-09-03|passed|Rene Hoek|Tyres worn
8|2026-09-21|passed|Silke Amann|
13|2026-10-08|passed|Rene Hoek|
24|2026-10-22|failed|Jo Peeters|Mast does not lock
6|2026-10-29|passed|Jo Peeters|
12|2026-11-04|failed|Silke Amann|Guard rail bent
11|2026-11-10|passed|Jo Peeters|
5|2026-11-16|passed|Silke Amann|`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const machine = (number: string) => `M-${100 + Number(number)}`;
const customer = (number: string) => `CUS-${50 + Number(number)}`;
const hire = (number: string) => `HIR-${8000 + Number(number)}`;
const machines = split(MACHINES);

/** @returns the yard as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  depots: split(DEPOTS).map(([id, name, country, address]) => ({ id, name, country, address })),
  machines: machines.map(([name, category, depotId, state, kilograms, metres, kva, fuel, euros, service], index) => ({
    id: machine(String(index + 1)),
    name,
    category,
    depotId,
    state,
    weightKg: Number(kilograms),
    ...(metres && { workingHeightM: Number(metres) }),
    ...(kva && { powerKva: Number(kva) }),
    fuel,
    dayRate: Number(euros),
    currency: 'EUR',
    ...(service && { nextServiceOn: service }),
  })),
  customers: split(CUSTOMERS).map(([companyName, contactName, mail, phone, country, stopped], index) => ({
    id: customer(String(index + 1)),
    companyName,
    contactName,
    email: mail,
    ...(phone && { phone }),
    country,
    onStop: stopped === 'true',
  })),
  hires: split(HIRES).map(([by, of, state, startsOn, endsOn, site, order], index) => ({
    id: hire(String(index + 1)),
    customerId: customer(by!),
    machineId: machine(of!),
    state,
    startsOn,
    endsOn,
    dayRate: Number(machines[Number(of) - 1]![8]),
    ...(site && { site }),
    ...(order && { purchaseOrder: order }),
  })),
  invoices: split(INVOICES).map(([to, about, euros, state, issuedOn, dueOn, paidOn], index) => ({
    id: `2026-0${401 + index}`,
    customerId: customer(to!),
    hireId: hire(about!),
    total: Number(euros),
    currency: 'EUR',
    state,
    issuedOn,
    dueOn,
    ...(paidOn && { paidOn }),
  })),
  inspections: split(INSPECTIONS).map(([of, inspectedOn, result, inspector, remarks], index) => ({
    id: `INS-${301 + index}`,
    machineId: machine(of!),
    inspectedOn,
    result,
    inspector,
    ...(remarks && { remarks }),
  })),
});
