import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

/** address, town, bedrooms, rent, status */
const PROPERTIES = `14 Tannery Row|Marlow|2|1250|let
3 Kiln Close|Marlow|3|1575|available
Flat 2, 60 Station Parade|Wexcombe|1|875|available
9 Abbot’s Walk|Wexcombe|4|2100|let
27 Orchard Street|Marlow|2|1195|available
Flat 5, Gasworks House|Stanbridge|2|1040|let
81 Castle Hill|Stanbridge|3|1390|under_offer
6 Weir Cottages|Marlow|2|1280|available
Flat 1, 60 Station Parade|Wexcombe|2|995|let
12 Saddlers Yard|Stanbridge|1|790|available
44 Orchard Street|Marlow|1|920|available
18 Bishop’s Row|Wexcombe|3|1480|let
2 Mill Race|Marlow|2|1350|available
Flat 9, Gasworks House|Stanbridge|1|815|let
70 Castle Hill|Stanbridge|2|1110|off_market
5 Larkfield Avenue|Wexcombe|3|1520|let
33 Quarry Road|Stanbridge|4|1850|let
1 Tannery Row|Marlow|3|1495|let`.split('\n');

const TENANTS = `Callum Reyes|Hedda Svensson|Amy Clarke|Femi Balogun|Ruth Pemberton|Ivo Petrov
Amy Clarke|Jocelyn Marsh|Dewi Parry|Lucia Fernandes|Grant Holloway|Mina Tanaka`.split(/[|\n]/);

/** property (from 1), tenant (from 1), start, end, state */
const TENANCIES = `1|1|2025-03-01|2027-02-28|active
4|2|2024-08-15|2026-12-14|ending
6|3|2025-06-01|2027-05-31|active
9|4|2026-01-10|2027-01-09|active
12|5|2023-05-01|2027-04-30|active
14|6|2025-02-01|2027-01-31|ending
16|7|2025-11-01|2027-10-31|active
17|8|2026-04-01|2027-03-31|active
18|9|2024-12-01|2026-12-31|ending
3|10|2023-10-01|2026-09-30|ended
5|11|2024-02-01|2026-10-31|ended
8|12|2025-01-15|2026-11-14|ended`.split('\n');

/** property, reported on, urgency, state, cost, contractor, text */
const REPAIRS = `1|2026-02-11|routine|done|145|1|Kitchen tap drips
4|2026-02-27|urgent|done|310|3|Sockets dead in the hall
9|2026-03-19|routine|done|95|5|Bedroom window sticks
6|2026-04-02|routine|done|60|5|Letterbox loose
1|2026-04-23|urgent|done|262.5|2|Shower runs cold
12|2026-05-08|routine|done|88|7|Fence panel down
17|2026-06-30|emergency|done|540|1|Burst pipe in the cellar
14|2026-07-14|routine|done|120|3|Extractor fan noisy
16|2026-08-03|urgent|done|410|4|Roof tiles off after the storm
1|2026-09-09|routine|done|75|5|Wardrobe hinge broken
18|2026-10-05|routine|done|132|7|Gutter blocked
9|2026-10-21|urgent|assigned||2|Radiator leaks in the lounge
4|2026-11-02|routine|assigned||5|Loose stair tread
12|2026-11-05|emergency|assigned||1|Water through the bathroom ceiling
6|2026-11-09|urgent|reported|||Oven trips the fuse
17|2026-11-12|routine|reported|||Garden gate latch broken
1|2026-11-16|routine|reported|||Window handle missing
16|2026-11-18|emergency|reported|||No heating at all
18|2026-11-20|urgent|reported|||Back gate does not lock
14|2026-11-24|emergency|reported|||Smell of gas in the kitchen`.split('\n');

const CONTRACTORS = `Delaney Plumbing|plumber|01628 555014
Taps & Boilers Ltd|plumber|01628 555077
Bright Spark Electrical|electrician|01628 555120
Ridge & Slate|roofer|01628 555163
Handy Hal|handyman|01628 555208
Keyes Locksmiths|locksmith|01628 555231
Greenways Gardens|gardener|01628 555290`.split('\n');

/** property, start, agent, applicant */
const VIEWINGS = `2|2026-11-24T10:00:00Z|Dana Whitfield|Elsie Grove
8|2026-11-25T11:00:00Z|Piers Colman|Ravi Menon
8|2026-11-25T15:30:00Z|Dana Whitfield|Tamsin Yeo
5|2026-11-26T09:30:00Z|Dana Whitfield|Bruno Castell
13|2026-11-26T11:00:00Z|Shona Baird|Leah Winter
2|2026-11-26T14:15:00Z|Dana Whitfield|Kofi Antwi
11|2026-11-27T10:00:00Z|Piers Colman|Marta Olsen
2|2026-11-28T12:00:00Z|Shona Baird|Greg Nolan
10|2026-11-30T16:00:00Z|Dana Whitfield|Anya Roth
3|2026-12-01T13:00:00Z|Piers Colman|Sid Carver`.split('\n');

const property = (number: string | number) => `DL-${pad(213 + Number(number), 4)}`;
const split = (lines: string[]) => lines.map((line) => line.split('|'));

function charges(): Row[] {
  const { next } = chance(17);
  const months = ['2026-08', '2026-09', '2026-10', '2026-11'];
  const rents = split(PROPERTIES).map((fields) => Number(fields[3]));
  const rows = split(TENANCIES).flatMap(([at, , start, end, state], index) =>
    months
      .filter((month) => start! <= `${month}-01` && `${month}-01` <= end! && state !== 'ended')
      .map((month) => {
        const late = index === 0 ? month >= '2026-10' : month === '2026-11' && next(5) === 0;
        const rent = rents[Number(at) - 1]!;
        return { tenancyId: `TN-${501 + index}`, month, amount: rent, state: late ? 'late' : 'paid' };
      }),
  );
  return rows.map((row, index) => ({ id: `RC-${pad(7001 + index)}`, ...row }));
}

/** @returns the agency’s records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  properties: split(PROPERTIES).map(([address, town, bedrooms, rent, status], index) => ({
    ref: property(index + 1),
    address,
    town,
    bedrooms: Number(bedrooms),
    monthlyRent: Number(rent),
    status,
    listedOn: dayAt(-190 + index * 9),
  })),
  tenants: TENANTS.map((name, index) => ({
    id: `T${pad(88 + index * 7, 4)}`,
    name,
    mobile: `07700 900${pad(115 + index * 31)}`,
    email: `${name.toLowerCase().replace(' ', '.')}${index === 6 ? '.2' : ''}@inbox.example`,
  })),
  tenancies: split(TENANCIES).map(([at, tenant, startsOn, endsOn, state], index) => ({
    id: `TN-${501 + index}`,
    propertyRef: property(at!),
    tenantId: `T${pad(88 + (Number(tenant) - 1) * 7, 4)}`,
    startsOn,
    endsOn,
    state,
  })),
  charges: charges(),
  repairs: split(REPAIRS).map(([at, reportedOn, urgency, state, cost, contractor, description], index) => ({
    id: `RP-${3281 + index}`,
    propertyRef: property(at!),
    description,
    urgency,
    state,
    reportedOn,
    contractorId: contractor ? `CON-${pad(Number(contractor) + 10)}` : null,
    visitOn: null,
    cost: cost ? Number(cost) : null,
  })),
  contractors: split(CONTRACTORS).map(([name, trade, phone], index) => ({
    id: `CON-${pad(index + 11)}`,
    name,
    trade,
    phone,
  })),
  viewings: split(VIEWINGS).map(([at, startsAt, agent, applicantName], index) => ({
    id: `VW-${904 + index}`,
    propertyRef: property(at!),
    startsAt,
    agent,
    applicantName,
    applicantPhone: `07700 9004${pad(11 + index * 8, 2)}`,
  })),
  messages: [],
});
