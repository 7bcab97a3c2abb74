import type { Tables } from '../kit.ts';

/** name, kind, whether there is an e-mail address, city, added */
const CUSTOMERS = `Aisling Byrne|household|yes|Dublin|2023-03-02
Conor Whelan|household|yes|Cork|2023-06-19
Kilmore Dairy|business|yes|Cork|2022-01-24
Niamh Doyle|household|yes|Galway|2024-02-12
Patrick Doyle|household||Dublin|2024-04-08
Rathmore Hotel|business|yes|Galway|2022-09-05
Sean Gallagher|household|yes|Derry|2024-09-30
Lagan Print Works|business|yes|Belfast|2023-10-16
Ruth McBride|household|yes|Belfast|2025-01-20
Tomasz Kowal|household|yes|Dublin|2025-03-11
Fiona Hegarty|household||Derry|2025-05-27
St. Brigid's School|business|yes|Newry|2022-05-09
Declan Roche|household|yes|Cork|2025-08-14
Mei Lin|household|yes|Dublin|2025-11-03
Orla Kinsella|household|yes|Galway|2026-09-21
Brian Mooney|household|yes|Newry|2026-10-05
Brian Mooney|household|yes|Dublin|2026-02-17
Glenview Farm|business|yes|Galway|2026-08-31`;

/** customer (from 1), site, kWp, inverter, panels, status, installed, end of the warranty, monitoring */
const SYSTEMS = `1|House roof|4.2|HX-5|10|live|2023-05-16|2028-05-16|yes
2|Garage roof|3.8|HX-5|9|live|2023-09-04|2028-09-04|no
3|North barn|29.4|TR-30|70|live|2022-03-22|2027-03-22|yes
3|Milking parlour|12.6|TR-15|30|decommissioned|2014-06-10|2019-06-10|no
4|House roof|5.0|HX-5|12|live|2024-05-21|2029-05-21|yes
5|House roof|4.6|HX-5|11|fault|2024-07-02|2029-07-02|yes
6|Hotel roof|33.6|TR-30|80|live|2022-11-30|2027-11-30|yes
7|House roof|6.3|HX-8|15|live|2024-11-12|2029-11-12|yes
8|Print hall|50.4|TR-50|120|fault|2024-01-15|2029-01-15|yes
9|House roof|5.5|HX-8|13|live|2025-03-18|2030-03-18|yes
10|House roof|3.4|HX-5|8|live|2025-05-06|2030-05-06|no
11|House roof|4.2|HX-5|10|live|2025-07-22|2030-07-22|yes
12|Sports hall|46.2|TR-50|110|live|2022-08-18|2027-08-18|yes
13|House roof|7.1|HX-8|17|live|2025-10-07|2030-10-07|yes
14|House roof|5.9|HX-8|14|live|2026-01-13|2031-01-13|yes
17|House roof|4.2|HX-5|10|live|2026-04-28|2031-04-28|yes
18|Machine shed|84.0|TR-50|200|planned|||no`;

/** system (from 1), kWh from June to October 2026 */
const PRODUCTION = `1|561|548|502|371|228
3|3920|3815|3477|2590|1604
7|4412|4290|3955|2933|1817
9|6710|6588|5904|1220|0
13|6105|5987|5466|4080|2535
15|781|766|697|522|319`;

/** customer (from 1), kWp, amount, currency, status, written, sent, valid until, reason */
const QUOTES = `14|5.9|10400|EUR|accepted|2025-11-10|2025-11-12|2026-01-31|
17|4.2|8300|EUR|accepted|2026-02-23|2026-02-24|2026-04-30|
18|42|61000|EUR|expired|2026-03-16|2026-03-18|2026-06-30|
2|3.8|7400|EUR|declined|2026-04-13|2026-04-15|2026-07-15|Too expensive
9|2.1|3900|GBP|declined|2026-05-18|2026-05-19|2026-08-31|Moving house
3|16.8|24500|EUR|sent|2026-09-07|2026-09-10|2026-12-31|
18|84|118000|EUR|sent|2026-09-14|2026-09-30|2026-12-31|
16|6.3|9800|GBP|sent|2026-10-08|2026-10-12|2027-01-15|
7|2.5|4150|GBP|accepted|2026-10-15|2026-10-16|2027-01-15|
8|25.2|31700|GBP|sent|2026-10-26|2026-11-02|2027-02-28|
6|8.4|13900|EUR|sent|2026-11-03|2026-11-05|2027-02-28|
11|1.7|3250|GBP|declined|2026-11-04|2026-11-06|2027-02-28|No roof space
12|10.1|14600|GBP|sent|2026-11-09|2026-11-11|2027-02-28|
10|2.1|4600|EUR|sent|2026-11-16|2026-11-17|2027-02-28|
5|1.3|2900|EUR|draft|2026-11-23||2027-02-28|
13|3.0|5750|EUR|draft|2026-11-24||2027-02-28|`;

/** system (from 1), title, priority, status, technician (from 1), opened, resolved */
const TICKETS = `4|Old inverter to be removed|low|resolved|2|2026-08-03T09:15|2026-08-20T14:00
13|No data from the sports hall|normal|resolved|3|2026-09-01T08:05|2026-09-03T11:30
9|Half of the strings are off|urgent|in_progress|3|2026-09-09T07:40|
1|Pigeons under the panels|low|open|1|2026-10-02T16:20|
7|Noise from the inverter|normal|resolved|5|2026-10-07T10:00|2026-10-09T15:45
11|Asks for a yearly statement|low|open||2026-10-19T12:30|
12|App shows yesterday's figures|normal|in_progress|4|2026-10-28T18:10|
8|Loose cable at the gutter|high|open|4|2026-11-04T09:50|
2|Meter does not count|high|in_progress|2|2026-11-10T11:25|
6|Inverter does not start|urgent|open||2026-11-17T07:55|
14|Cracked panel after the storm|high|open|2|2026-11-19T13:35|
9|Burning smell at the meter box|urgent|open||2026-11-24T17:05|
5|Yearly cleaning|low|open|5|2026-11-24T19:40|`;

/** ticket, author, text, written */
const COMMENTS = `T-7003|Paul Devlin|Strings 5 to 8 have no voltage|2026-09-10T12:00
T-7003|Jo Farrell|Spare parts are ordered|2026-09-14T09:30
T-7003|Paul Devlin|Parts are delayed until December|2026-11-18T15:20
T-7009|Emma Sheridan|Meter was replaced, please check the figures|2026-11-23T16:45
T-7008|Grace Devlin|Cable is fixed for now|2026-11-06T10:10`;

/** name, base, whether active */
const TECHNICIANS = `Kieran Walsh|Dublin|yes
Emma Sheridan|Cork|yes
Paul Devlin|Belfast|yes
Grace Devlin|Derry|yes
Liam Foy|Galway|yes
Marta Silva|Dublin|no`;

/** system (from 1), technician (from 1), day, time, purpose */
const VISITS = `7|5|2026-10-09|14:00|service
13|3|2026-09-03|10:00|service
2|2|2026-11-20|09:00|service
9|3|2026-11-23|08:30|service
15|1|2026-11-24|13:00|service
10|3|2026-11-25|11:00|service
5|5|2026-11-26|10:00|service
1|1|2026-11-26|09:00|service
14|2|2026-11-26|13:30|service
8|4|2026-11-27|09:30|service
17|5|2026-11-30|14:00|survey
3|2|2026-12-02|08:00|service
17|5|2026-12-09|08:00|installation
17|5|2026-12-10|08:00|installation`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const two = (number: string | number | undefined) => String(number).padStart(2, '0');
/** Members whose text is empty are missing in the answer. */
const given = (members: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value));
const mailOf = (name: string, city: string) =>
  `${name.toLowerCase().replaceAll(/[^a-z ]/g, '')} ${city.toLowerCase()}`.replaceAll(' ', '.');

/** @returns the company as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  customers: split(CUSTOMERS).map(([name, kind, mail, city, created_on], index) => ({
    id: `cus_${two(index + 1)}`,
    name,
    kind,
    ...given({ email: mail && `${mailOf(name!, city!)}@mail.example` }),
    phone: `+353 20 91555${two(index + 10)}`,
    city,
    created_on,
  })),
  systems: split(SYSTEMS).map(
    ([owner, site, size, inverter_model, panels, status, installed_on, warranty_until, monitoring], index) => ({
      id: `sys_${two(index + 1)}`,
      customer_id: `cus_${two(owner)}`,
      site,
      size_kwp: Number(size),
      inverter_model,
      panel_count: Number(panels),
      status,
      ...given({ installed_on, warranty_until }),
      monitoring_enabled: monitoring === 'yes',
    }),
  ),
  production: split(PRODUCTION).flatMap(([system, ...months]) =>
    months.map((kwh, index) => ({
      system_id: `sys_${two(system)}`,
      month: `2026-${two(6 + index)}`,
      kwh: Number(kwh),
    })),
  ),
  quotes: split(QUOTES).map(
    ([customer, size, price, currency, status, created_on, sent_on, valid_until, decline_reason], index) => ({
      id: `Q-${2201 + index}`,
      customer_id: `cus_${two(customer)}`,
      size_kwp: Number(size),
      amount: Number(price),
      currency,
      status,
      created_on,
      ...given({ sent_on }),
      valid_until,
      ...given({ decline_reason }),
    }),
  ),
  tickets: split(TICKETS).map(([system, title, priority, status, technician, opened, resolved], index) => ({
    id: `T-${7001 + index}`,
    system_id: `sys_${two(system)}`,
    title,
    priority,
    status,
    ...given({ technician_id: technician && `tec_${technician}` }),
    opened_at: `${opened}:00Z`,
    ...given({ resolved_at: resolved && `${resolved}:00Z` }),
  })),
  comments: split(COMMENTS).map(([ticket_id, author, words, created], index) => ({
    id: `com_${31 + index}`,
    ticket_id,
    author,
    text: words,
    created_at: `${created}:00Z`,
  })),
  technicians: split(TECHNICIANS).map(([name, base, active], index) => ({
    id: `tec_${index + 1}`,
    name,
    base,
    phone: `+353 20 91777${two(index + 1)}`,
    active: active === 'yes',
  })),
  visits: split(VISITS).map(([system, technician, date, time, purpose], index) => ({
    id: `vis_${401 + index}`,
    system_id: `sys_${two(system)}`,
    technician_id: `tec_${technician}`,
    date,
    time,
    purpose,
  })),
});
