import type { Tables } from '../kit.ts';

/** first name, last name, e-mail, phone, city, country, whether the donor must not be contacted, day of the record */
const DONORS = `Beatrice|Holm|beatrice.holm@post.example|+46 18 0100301|Uppsala|SE|false|2025-11-30
Karim|Belhaj|karim@belhaj.example||Lille|FR|false|2026-01-08
Adele|Winter|adele.winter@mail.example|+49 341 0100303|Leipzig|DE|false|2024-03-15
Jasper|Winter||+49 341 0100303|Leipzig|DE|false|2026-11-11
Fiona|Gallagher|fiona.g@mail.example|+353 91 0100305|Galway|IE|false|2023-05-02
Rui|Tavares|rui.tavares@correio.example||Braga|PT|false|2026-02-19
Helen|Mbeki|helen@mbeki.example|+44 20 0100307|London|GB|false|2022-10-21
Stefan|Kowal|stefan.kowal@poczta.example|+48 58 0100308|Gdansk|PL|false|2025-06-27
Ingrid|Solberg|ingrid.solberg@post.example|+47 55 0100309|Bergen|NO|false|2021-09-09
Marco|Bellini|marco.bellini@posta.example||Turin|IT|false|2026-09-17
Thomas|Ashby|thomas@ashby.example|+44 113 0100311|Leeds|GB|false|2020-12-01
Caroline|Ashby|caroline@ashby.example|+44 113 0100311|Leeds|GB|false|2020-12-01
Noor|van Dijk|noor.vandijk@mail.example|+31 15 0100313|Delft|NL|false|2025-04-04
Eva|Lindgren||+46 46 0100314|Lund|SE|false|2024-08-16
Paul|Schreiber|paul.schreiber@post.example|+43 316 0100315|Graz|AT|true|2025-02-13
Paul|Schreiber|p.schreiber@mail.example||Kiel|DE|false|2026-05-29
Yara|Haddad|yara.haddad@courriel.example|+33 1 0100317|Paris|FR|false|2026-07-19
Denis|Costa|denis.costa@correio.example|+351 21 0100318|Lisbon|PT|false|2026-04-28`;

/** name, status, goal, currency, first day, last day */
const CAMPAIGNS = `Winter Shelter 2026|active|40000|EUR|2026-11-01|2027-02-28
School Meals|active|25000|EUR|2026-06-01|
Clean Wells|active|18000|GBP|2026-06-15|
Spring Appeal 2026|ended|12000|EUR|2026-03-01|2026-05-31
Library Bus|draft|30000|EUR|2027-03-01|
Flood Relief|ended|20000|GBP|2025-09-15|2025-12-31`;

/** donor (from 1), campaign (from 1), amount, currency, method, status, received, day of the thanks */
const GIFTS = `7|6|900|GBP|bank_transfer|received|2025-10-14|2025-10-16
11|6|1500|GBP|cheque|received|2025-12-03|2025-12-08
1|6|200|EUR|card|received|2025-12-11|2025-12-15
5|4|300|EUR|card|received|2026-03-12|2026-03-13
12|4|250|GBP|card|received|2026-03-20|2026-03-24
3|4|120|EUR|bank_transfer|received|2026-04-02|2026-04-07
7|4|600|GBP|bank_transfer|received|2026-04-15|2026-04-16
18|4|75|EUR|card|received|2026-04-28|2026-05-04
9|4|1000|EUR|bank_transfer|received|2026-05-06|2026-05-07
13|2|60|EUR|card|received|2026-06-10|2026-06-12
11|3|450|GBP|cheque|received|2026-06-22|2026-06-29
2|2|90|EUR|card|received|2026-07-04|2026-07-06
17||40|EUR|cash|received|2026-07-19|2026-07-19
5|2|350|EUR|bank_transfer|received|2026-08-03|2026-08-05
15|2|80|EUR|card|refunded|2026-08-21|
7|3|200|GBP|card|received|2026-09-02|2026-09-03
14|3|3000|SEK|bank_transfer|received|2026-09-10|2026-09-14
10|2|150|EUR|bank_transfer|received|2026-09-17|2026-09-21
6|2|110|EUR|card|received|2026-10-02|2026-10-06
8||35|EUR|card|received|2026-10-05|2026-10-06
9||5000|EUR|bank_transfer|received|2026-10-13|2026-10-13
12|3|80|GBP|card|received|2026-10-16|2026-10-20
18|2|50|EUR|card|received|2026-10-21|2026-10-26
2||90|EUR|card|failed|2026-10-27|
5|1|500|EUR|card|received|2026-11-02|2026-11-03
3|1|200|EUR|bank_transfer|received|2026-11-04|2026-11-05
1|1|150|EUR|card|received|2026-11-06|
11|1|100|GBP|cheque|received|2026-11-09|2026-11-12
4|1|60|EUR|bank_transfer|pending|2026-11-11|
17|1|25|EUR|cash|received|2026-11-12|2026-11-12
13|1|300|EUR|cheque|received|2026-11-18|
16||70|EUR|cheque|received|2026-11-19|2026-11-23
6|1|45|EUR|card|received|2026-11-19|2026-11-20
10|2|130|EUR|cheque|received|2026-11-20|
7|3|85|GBP|card|received|2026-11-21|
18|1|40|EUR|card|pending|2026-11-24|`;

/** donor (from 1), amount, currency, interval, status, next charge */
const PLEDGES = `2|30|EUR|monthly|active|2026-12-01
13|15|EUR|monthly|cancelled|
13|20|EUR|monthly|active|2026-12-05
8|35|EUR|monthly|active|2026-12-05
11|50|GBP|quarterly|active|2027-01-15
14|300|SEK|yearly|active|2027-09-10
6|10|EUR|monthly|paused|
17|12|EUR|monthly|active|2026-12-12
3|25|EUR|monthly|active|2026-12-01
1|100|EUR|yearly|active|2026-12-11`;

/** donor (from 1), kind, day, summary */
const INTERACTIONS = `7|meeting|2026-06-11|Visited the office, met the team
9|call|2026-08-24|Asked how the money is spent
7|call|2026-09-08|Wants the report of Clean Wells
14|email|2026-09-14|Thanked her for the gift
5|call|2026-10-30|Will give to Winter Shelter again
7|call|2026-11-12|Considers a yearly pledge
7|email|2026-11-19|Sent the report of Clean Wells
14|call|2026-11-20|Mentioned a legacy gift`;

/** title, donor (from 1), assignee, due, whether done */
const TASKS = `Check the bank statement||Dana Whitfield|2026-11-24|true
Call the printer about the flyers||Milo Franke|2026-11-25|false
Update the website banner||Milo Franke|2026-11-26|false
Send a receipt to Beatrice Holm|1|Dana Whitfield|2026-11-26|false
Prepare the donor evening||Dana Whitfield|2026-11-27|false
Visit Ingrid Solberg|9|Milo Franke|2026-12-02|false
Draft the annual report||Dana Whitfield|2026-12-03|false
Order envelopes||Milo Franke|2026-11-18|true
Ask Karim Belhaj for a new card|2|Dana Whitfield|2026-12-08|false`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const donor = (number: string) => `dnr_${1000 + Number(number)}`;
const campaign = (number: string) => `cmp_${20 + Number(number)}`;

/** @returns the charity as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  donors: split(DONORS).map(([first_name, last_name, mail, phone, city, country, silent, created_on], index) => ({
    id: donor(String(index + 1)),
    first_name,
    last_name,
    email: mail || null,
    ...(phone && { phone }),
    city,
    country,
    do_not_contact: silent === 'true',
    created_on,
  })),
  campaigns: split(CAMPAIGNS).map(([name, status, goal, currency, starts_on, ends_on], index) => ({
    id: campaign(String(index + 1)),
    name,
    status,
    goal_amount: Number(goal),
    currency,
    starts_on,
    ends_on: ends_on || null,
  })),
  gifts: split(GIFTS).map(([by, to, given, currency, method, status, received_on, thanked_on], index) => ({
    id: `gft_${3001 + index}`,
    donor_id: donor(by!),
    campaign_id: to ? campaign(to) : null,
    amount: Number(given),
    currency,
    method,
    status,
    received_on,
    thanked_on: thanked_on || null,
  })),
  pledges: split(PLEDGES).map(([by, promised, currency, interval, status, next], index) => ({
    id: `plg_${501 + index}`,
    donor_id: donor(by!),
    amount: Number(promised),
    currency,
    interval,
    status,
    next_charge_on: next || null,
  })),
  interactions: split(INTERACTIONS).map(([with_whom, kind, happened_on, summary], index) => ({
    id: `int_${901 + index}`,
    donor_id: donor(with_whom!),
    kind,
    happened_on,
    summary,
  })),
  tasks: split(TASKS).map(([title, about, assignee, due_on, done], index) => ({
    id: `tsk_${71 + index}`,
    title,
    donor_id: about ? donor(about) : null,
    assignee,
    due_on,
    done: done === 'true',
  })),
});
