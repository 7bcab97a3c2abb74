import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

const CLIENTS = `Brockhaus Logistics|company|legal@brockhaus.example|Bremen
Amelie Winter|person|amelie.winter@post.example|Cologne
Tessa Moreau|person|tessa.moreau@courriel.example|Aachen
Solvent Paints|company|office@solventpaints.example|Bonn
Karim Nasser|person|karim.nasser@post.example|
Petra Winter|person|petra.winter@post.example|Cologne
Orchard Clinic|company|management@orchardclinic.example|Bonn
Ludwig Stamm|person|ludwig.stamm@post.example|Siegburg
Meridian Foods|company|contracts@meridianfoods.example|Cologne
Janine Voss|person|janine.voss@post.example|`;

const LAWYERS = `Helena Brandt|partner|340
Viktor Osei|partner|320
Nadia Kirsch|associate|220
Paul Renner|associate|210
Simone Renner|associate|230
Leo Falk|paralegal|95`;

/** number, title, client, lawyer, area, status, opened, closed, budget in hours */
const MATTERS = `25-061|Stamm inheritance dispute|8|1|family|closed|2025-03-10|2026-06-30|30
25-088|Solvent Paints lease of warehouse|4|4|corporate|closed|2025-09-02|2026-02-27|
26-101|Brockhaus v. Hafenkran|1|2|litigation|open|2026-01-14||120
26-104|Winter divorce|2|3|family|open|2026-02-03||25
26-109|Sale of house in Siegburg|8|6|conveyancing|closed|2026-03-16|2026-09-18|8
26-113|Dismissal of Karim Nasser|5|5|employment|open|2026-04-20||20
26-118|Orchard Clinic employment contracts|7|5|employment|open|2026-05-11||40
26-122|Meridian purchase of Kornhaus|9|1|corporate|open|2026-06-08||150
26-127|Moreau flat purchase|3|4|conveyancing|on_hold|2026-07-21||10
26-131|Winter guardianship|6|3|family|open|2026-08-17||
26-134|Solvent Paints product liability|4|2|litigation|open|2026-09-07||60
26-138|Meridian supply agreement|9|4|corporate|on_hold|2026-10-05||35
26-140|Voss tenancy claim|10|3|litigation|open|2026-10-26||
26-142|Orchard Clinic data breach|7|2|litigation|open|2026-11-16||50`;

/** matter, lawyer, date, minutes, description, billable, status */
const ENTRIES = `3|2|2026-11-02|180|Hearing before the regional court|true|billed
3|3|2026-11-03|90|Research on liability of carriers|true|billed
8|1|2026-11-04|240|Due diligence, first round|true|submitted
4|3|2026-11-05|60|Meeting with client|true|submitted
7|5|2026-11-06|135|Drafting of standard contract|true|submitted
6|5|2026-11-09|45|Call with opponent|true|submitted
3|2|2026-11-10|150|Witness preparation|true|submitted
11|2|2026-11-11|75|Review of expert opinion|true|submitted
8|4|2026-11-12|210|Review of supplier contracts|true|submitted
10|3|2026-11-12|30|Internal handover|false|draft
8|1|2026-11-13|300|Negotiation in Kornhaus|true|submitted
4|6|2026-11-16|40|Copies of the file|false|draft
14|2|2026-11-16|120|First interview|true|submitted
6|5|2026-11-17|110|Statement of claim|true|draft
13|3|2026-11-18|55|Letter to landlord|true|draft
14|6|2026-11-19|170|Chronology of the events|true|draft
3|2|2026-11-20|95|Reply to the defence|true|draft
7|5|2026-11-23|80|Call with works council|true|draft
8|1|2026-11-23|145|Draft of purchase agreement|true|draft
14|2|2026-11-24|130|Notice to the authority|true|draft
4|3|2026-11-24|50|Pension calculation|true|draft
8|4|2026-11-24|70|Disclosure list|true|draft
11|6|2026-11-25|25|Sorting of exhibits|false|draft`;

/** matter, title, due, lawyer, done */
const TASKS = `3|File reply to the defence|2026-12-04|2|false
4|Send pension figures to the court|2026-11-27|3|false
6|File statement of claim|2026-11-23|5|false
8|Second draft of purchase agreement|2026-11-30|1|false
14|Notify the data protection authority|2026-11-24|2|true
14|Collect log files from the clinic|2026-11-27||false
11|Appoint expert|2026-11-20|2|false
13|Ask Ms Voss for the lease|2026-11-26|6|false
7|Circulate standard contract|2026-12-11|5|false
10|Book hearing interpreter|2026-12-02||false
4|Draft settlement proposal|2026-12-15|3|false
8|Order extract from the land register|2026-11-12|6|true`;

/** matter, amount, currency, issued, due, status */
const INVOICES = `1|4210|EUR|2026-07-03|2026-08-02|paid
5|1280.5|EUR|2026-09-21|2026-10-21|paid
3|9650|EUR|2026-08-31|2026-09-30|paid
8|12400|EUR|2026-09-30|2026-10-30|sent
7|3875|EUR|2026-10-15|2026-11-14|sent
4|1430|EUR|2026-10-15|2026-11-14|paid
11|5120|EUR|2026-10-30|2026-11-29|sent
3|7340|EUR|2026-11-06|2026-12-06|sent
9|890|CHF|2026-09-14|2026-10-14|sent
6|2065|EUR|2026-11-20|2026-12-20|draft
12|1560|EUR|2026-11-20|2026-12-20|draft`;

const client = (number: string) => `cli_${10 + Number(number)}`;
const lawyer = (number: string) => number && `law_${Number(number)}`;
const matter = (number: string) => `mat_${300 + Number(number)}`;
const yes = (word: string) => word === 'true';

export const seed = (): Tables => ({
  clients: split(CLIENTS).map(([name, kind, mail, city], i) =>
    filled({ id: client(String(i + 1)), name, kind, email: mail, city }),
  ),
  lawyers: split(LAWYERS).map(([name, role, rate], i) => ({
    ...{ id: lawyer(String(i + 1)), name, email: `${name!.toLowerCase().replace(' ', '.')}@lexhour.example` },
    ...{ role, hourlyRate: Number(rate) },
  })),
  matters: split(MATTERS).map(([number, title, who, by, area, status, openedOn, closedOn, hours], i) =>
    filled({
      ...{ id: matter(String(i + 1)), number, title, clientId: client(who!), lawyerId: lawyer(by!), area, status },
      ...{ openedOn, closedOn, budgetHours: hours ? Number(hours) : undefined },
    }),
  ),
  entries: split(ENTRIES).map(([about, by, date, minutes, description, billable, status], i) => ({
    ...{ id: `te_${701 + i}`, matterId: matter(about!), lawyerId: lawyer(by!), date, minutes: Number(minutes) },
    ...{ description, billable: yes(billable!), status },
  })),
  tasks: split(TASKS).map(([about, title, dueOn, by, done], i) =>
    filled({ id: `tsk_${51 + i}`, matterId: matter(about!), title, dueOn, lawyerId: lawyer(by!), done: yes(done!) }),
  ),
  invoices: split(INVOICES).map(([about, sum, currency, issuedOn, dueOn, status], i) => ({
    ...{ id: `inv_${901 + i}`, number: `LX-${1041 + i}`, matterId: matter(about!), amount: Number(sum), currency },
    ...{ issuedOn, dueOn, status },
  })),
});
