import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, e-mail, department, office, last day */
const PEOPLE = `Tessa Moreau|tessa.moreau@plugboard.example|Finance|Rotterdam|
Jasper Koning|jasper.koning@plugboard.example|Sales|Rotterdam|
Imani Wekesa|imani.wekesa@plugboard.example|Engineering|Antwerp|
Lars Holm|lars.holm@plugboard.example|Engineering|Rotterdam|
Pilar Navarro|pilar.navarro@plugboard.example|Marketing|Antwerp|
Viktor Horak|viktor.horak@plugboard.example|Sales|Antwerp|2026-11-30
Sanne de Boer|sanne.deboer@plugboard.example|HR|Rotterdam|
Ruth Abara|ruth.abara@plugboard.example|Engineering|Rotterdam|
Kees de Boer|kees.deboer@plugboard.example|Operations|Rotterdam|
Mina Sato|mina.sato@plugboard.example|Design|Antwerp|
Anouk Peeters|anouk.peeters@plugboard.example|Finance|Antwerp|
Elias Brun|elias.brun@plugboard.example|Operations|Antwerp|2026-10-31
Yara Haddou|yara.haddou@plugboard.example|Marketing|Rotterdam|
Sam Okoye|sam.okoye@plugboard.example|Engineering|Antwerp|`;

/** tag, kind, model, status, person (from 1), bought, price, currency, warranty until, office of a device in stock */
const DEVICES = `LT-1001|laptop|ThinkPad T14|in_use|1|2023-01-16|1380|EUR|2026-01-16
LT-1002|laptop|ThinkPad T14|in_use|2|2023-12-04|1410|EUR|2026-12-04
LT-1003|laptop|MacBook Pro 14|in_use|3|2024-05-21|2290|EUR|2027-05-21
LT-1004|laptop|MacBook Pro 14|in_repair|4|2024-05-21|2290|EUR|2027-05-21
LT-1005|laptop|MacBook Air 13|in_use|5|2025-02-11|1299|EUR|2028-02-11
LT-1006|laptop|ThinkPad T14|in_use|6|2022-09-30|1345|EUR|2025-09-30
LT-1007|laptop|Dell XPS 13|in_use|7|2025-06-17|1520|EUR|2028-06-17
LT-1008|laptop|Dell XPS 13|in_stock||2025-06-17|1520|EUR|2028-06-17|Rotterdam
LT-1009|laptop|MacBook Pro 14|in_use|8|2025-09-02|2350|EUR|2028-09-02
LT-1010|laptop|ThinkPad T14|in_use|9|2023-12-11|1410|EUR|2026-12-11
LT-1011|laptop|MacBook Air 13|in_stock||2026-03-24|1349|EUR|2029-03-24|Antwerp
LT-1012|laptop|MacBook Pro 16|in_use|10|2026-01-13|2899|EUR|2029-01-13
LT-1013|laptop|ThinkPad T14|lost|11|2023-12-11|1410|EUR|2026-12-11
LT-1014|laptop|Dell XPS 13|in_use|12|2024-11-05|1490|EUR|2027-11-05
LT-1015|laptop|ThinkPad X1|retired||2020-03-02|1610|EUR|2023-03-02
MN-2001|monitor|Dell U2723|in_use|1|2023-01-16|520|EUR|2026-01-16
MN-2002|monitor|Dell U2723|in_use|3|2024-05-21|535|EUR|2027-05-21
MN-2003|monitor|LG 34WN|in_use|10|2026-01-13|610|EUR|2029-01-13
MN-2004|monitor|Dell U2723|in_stock||2025-08-19|499|EUR|2028-08-19|Rotterdam
MN-2005|monitor|Dell U2723|in_stock||2025-08-19|499|EUR|2028-08-19|Rotterdam
MN-2006|monitor|LG 34WN|in_repair||2024-02-06|640|EUR|2027-02-06
PH-3001|phone|iPhone 15|in_use|2|2024-01-15|869|EUR|2026-01-15
PH-3002|phone|iPhone 15|in_use|6|2024-01-15|869|EUR|2026-01-15
PH-3003|phone|Pixel 9|in_use|9|2025-10-01|749|USD|2027-10-01
PH-3004|phone|Pixel 9|in_stock||2025-10-01|749|USD|2027-10-01|Antwerp
PH-3005|phone|iPhone 16|in_use|7|2026-05-12|959|EUR|2028-05-12
TB-4001|tablet|iPad Air|in_use|5|2025-04-08|719|EUR|2027-04-08
TB-4002|tablet|iPad Air|lost|2|2025-04-08|719|EUR|2027-04-08
DK-5001|dock|CalDigit TS4|in_use|3|2024-05-21|389|USD|
DK-5002|dock|CalDigit TS4|in_stock||2024-05-21|389|USD||Rotterdam`;

/** product, vendor, category, seats, monthly cost of a seat, currency, renews, owner (from 1) */
const LICENCES = `Figma Organization|Figma|design|4|42|EUR|2026-12-15|10
Adobe Creative Cloud|Adobe|design|3|61.5|EUR|2027-02-10|5
Slack Business|Salesforce|communication|20|11.75|EUR|2027-01-31|9
GitHub Enterprise|GitHub|development|6|19.5|USD|2026-12-03|3
JetBrains All Products|JetBrains|development|4|24.9|EUR|2027-04-22|3
Exact Online|Exact|finance|3|79|EUR|2026-12-31|1
Salesforce Sales Cloud|Salesforce|sales|3|80|EUR|2027-06-30|2
Zoom Pro|Zoom|communication|10|13.99|USD|2027-03-18|9
Miro Team|Miro|design|5|8|EUR|2026-11-28|
1Password Teams|1Password|security|20|7.5|USD|2027-08-09|9`;

/** licence (from 1), person (from 1), since */
const SEATS = `1|10|2024-12-15
1|5|2025-03-03
1|13|2025-08-18
1|3|2026-05-04
2|5|2024-02-12
2|10|2026-01-14
4|3|2023-12-04
4|4|2024-01-08
4|8|2025-09-02
4|14|2026-06-01
5|3|2024-04-22
5|8|2025-09-02
5|4|2025-04-23
6|1|2023-01-16
6|11|2024-06-03
6|7|2026-02-02
7|2|2024-06-30
7|6|2024-06-30
8|7|2025-03-18
8|2|2025-03-20
8|12|2025-03-20
9|10|2025-11-28
9|13|2026-02-16
10|1|2025-08-11
10|12|2025-08-11`;

/** person (from 1), kind, status, urgency, when, text */
const REQUESTS = `13|new_device|done|normal|2026-10-06T08:15|Second monitor for my desk
4|repair|done|high|2026-10-13T13:40|Keyboard of my laptop misses keys
11|new_device|approved|high|2026-11-11T07:55|My laptop was stolen on the train
14|licence|open|normal|2026-11-16T10:22|JetBrains licence for the new project
2|new_device|open|high|2026-11-17T16:05|My tablet is gone, I need another one for client visits
10|licence|rejected|low|2026-11-18T09:30|Sketch licence, only for a trial
8|repair|open|normal|2026-11-19T12:48|Screen flickers when the lid moves
7|access|open|low|2026-11-20T14:11|Access to the shared drive of Finance
5|new_device|open|low|2026-11-23T08:37|Larger monitor, if one is left
1|licence|open|high|2026-11-24T15:59|Exact Online seat for the temp who starts on Monday`;

const [people, licences, seats] = [split(PEOPLE), split(LICENCES), split(SEATS)];
const person = (place: string | undefined) => (place ? `per_${10 + Number(place)}` : null);
const nameOf = (place: string | undefined) => (place ? people[Number(place) - 1]![0]! : null);
const licence = (place: string | number | undefined) => `lic_${70 + Number(place)}`;
/** Seats of licences for the whole company are not kept one by one. */
const usedSeats = (place: number) => (place === 3 ? 13 : seats.filter(([of]) => Number(of) === place).length);

/** @returns the inventory as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  people: people.map(([name, email, department, office, leaves], index) =>
    filled({ personId: person(String(index + 1)), name, email, department, office, lastDay: leaves }),
  ),
  devices: split(DEVICES).map(
    ([tag, kind, model, status, holder, purchasedOn, price, currency, warrantyUntil, office]) => ({
      ...{ tag, kind, model, status, assignedTo: person(holder), assignedName: nameOf(holder) },
      ...{ purchasedOn, price: Number(price), currency },
      ...filled({ warrantyUntil, office }),
    }),
  ),
  licences: licences.map(([product, vendor, category, count, cost, currency, renewsOn, owner], index) => ({
    ...{ licenceId: licence(index + 1), product, vendor, category },
    ...{ seats: Number(count), seatsUsed: usedSeats(index + 1), seatPricePerMonth: Number(cost), currency, renewsOn },
    ...filled({ ownerName: nameOf(owner) }),
  })),
  seats: seats.map(([of, holder, since], index) => ({
    seatId: `seat_${String(index + 1).padStart(2, '0')}`,
    licenceId: licence(of),
    product: licences[Number(of) - 1]![0],
    personId: person(holder),
    personName: nameOf(holder),
    since,
  })),
  requests: split(REQUESTS).map(([by, kind, status, urgency, when, text], index) => ({
    ...{ requestId: `req_${801 + index}`, personId: person(by), personName: nameOf(by), kind, status, urgency, text },
    createdAt: `${when}:00Z`,
  })),
});
