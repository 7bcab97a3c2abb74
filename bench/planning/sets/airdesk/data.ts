import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, e-mail */
const REPS = `Orla Devane|orla.devane@estuary.example
Cathal Moran|cathal.moran@estuary.example
Sinead Walsh|sinead.walsh@estuary.example`;

/** name, sector, contact, e-mail, phone, rep (from 1), status */
const ADVERTISERS = `Harbour Bakery|food|Deirdre Nolan|deirdre@harbourbakery.example|+353 91 0100601|1|active
Lough Motors|cars|Fergal Tierney|fergal@loughmotors.example|+353 91 0100602|2|active
Corrib Toys|retail|Una Costello|una@corribtoys.example|+353 91 0100603|1|active
Burke Tyres|cars|Liam Burke|liam@burketyres.example|+353 93 0100604|2|active
Burke Interiors|retail|Ailbhe Burke|ailbhe@burkeinteriors.example||3|active
Salthill Dental|health|Dr. Mary Fahy|reception@salthilldental.example|+353 91 0100606|3|active
Claddagh Cinema|leisure|Peadar Joyce|peadar@claddaghcinema.example|+353 91 0100607|1|active
Glenlo Lighting|retail|Roisin Kilbane|roisin@glenlolighting.example|+353 91 0100608|2|active
Atlantic Windows|services|Shane Hession|shane@atlanticwindows.example|+353 95 0100609|3|blocked
Oranmore Credit Union|services|Grainne Lally|grainne@oranmorecu.example|+353 91 0100610|3|active
Seaweed Spa|health|Tara McHugh|tara@seaweedspa.example||1|active
Kinvara Cheese|food|Bríd Quinn|brid@kinvaracheese.example|+353 91 0100612|2|active`;

/** advertiser (from 1), name, status, first day, last day, budget */
const CAMPAIGNS = `1|Autumn Loaves|ended|2026-09-14|2026-10-11|1800
2|New Plate Sale|ended|2026-07-01|2026-07-31|5200
4|Winter Tyre Check|running|2026-11-02|2026-12-06|2600
3|Santa's Workshop|booked|2026-12-01|2026-12-23|3800
8|Black Friday Lamps|running|2026-11-20|2026-11-30|1450
7|Monday Movies|running|2026-10-05|2026-12-28|2100
6|Bright Smiles|ended|2026-08-03|2026-08-30|1200
1|Christmas Cakes|running|2026-11-16|2026-12-20|2400
5|Kitchen Weekend|booked|2026-12-04|2026-12-13|1900
10|Car Loans|running|2026-11-09|2026-12-04|4300
9|Warm Homes|cancelled|2026-10-01|2026-10-31|3000
12|Cheese Board|booked|2026-12-07|2026-12-24|1350
2|January Deals|draft|2027-01-04|2027-01-31|6500
11|Gift Vouchers|booked|2026-12-02|2026-12-22|950
6|New Year Check-Up|draft|2027-01-04|2027-01-24|1100
7|Summer Matinees|ended|2026-06-01|2026-08-28|1600`;

/** campaign (from 1), title, seconds, status, voice, reason */
const SPOTS = `1|Warm From the Oven|20|approved|Nuala Ford|
2|Plates and Prices|30|approved|Eoin Hayes|
3|Before the Frost|20|approved|Eoin Hayes|
3|Grip|15|rejected|Nuala Ford|Brand name is not clear
4|Elves at Work|40|awaiting_approval|Nuala Ford|
4|Last Sleigh|20|in_production||
5|Lamps at Half Price|20|approved|Donal Rice|
6|Popcorn Monday|25|approved|Donal Rice|
8|Plum Pudding|30|approved|Nuala Ford|
8|Mince Pie Morning|20|approved|Nuala Ford|
9|Open Drawers|30|awaiting_approval|Eoin Hayes|
10|Drive Away|30|approved|Eoin Hayes|
12|A Slice of Kinvara|20|in_production||
14|Steam and Stillness|45|awaiting_approval|Donal Rice|
13|Shiny January|30|in_production||
16|Cool Afternoons|20|approved|Donal Rice|`;

/** spot (from 1), day and time, daypart, status, price */
const AIRINGS = `3|2026-11-23T07:20|breakfast|aired|48
12|2026-11-23T08:05|breakfast|aired|52
9|2026-11-23T12:30|midday|aired|35
8|2026-11-23T16:45|drive|aired|44
7|2026-11-24T07:40|breakfast|missed|48
3|2026-11-24T08:20|breakfast|aired|48
10|2026-11-24T09:10|breakfast|aired|46
12|2026-11-24T17:15|drive|missed|50
8|2026-11-24T20:10|evening|aired|18
7|2026-11-25T07:40|breakfast|aired|48
9|2026-11-25T12:30|midday|planned|35
12|2026-11-25T16:15|drive|planned|50
3|2026-11-25T17:50|drive|planned|44
7|2026-11-26T07:40|breakfast|planned|48
10|2026-11-26T08:15|breakfast|planned|46
12|2026-11-26T08:50|breakfast|planned|52
9|2026-11-26T12:30|midday|planned|35
7|2026-11-26T16:30|drive|planned|44
8|2026-11-26T20:10|evening|planned|18
7|2026-11-27T07:40|breakfast|planned|48
3|2026-11-27T08:20|breakfast|planned|48
9|2026-11-27T13:10|midday|planned|35
7|2026-11-27T17:05|drive|planned|44
12|2026-11-27T18:20|drive|planned|50
8|2026-11-30T19:30|evening|planned|18
7|2026-11-30T07:40|breakfast|planned|48`;

/** advertiser (from 1), campaign (from 1), amount, status, issued, due, paid */
const INVOICES = `2|2|5200|paid|2026-07-31|2026-08-30|2026-08-28
6|7|1200|paid|2026-08-31|2026-09-30|2026-10-02
7|16|1600|paid|2026-08-31|2026-09-30|2026-09-21
9||640.5|overdue|2026-09-04|2026-10-04|
1|1|1800|paid|2026-10-12|2026-11-11|2026-11-09
4|3|1300|open|2026-11-02|2026-12-02|
7|6|1050|overdue|2026-10-05|2026-11-04|
10|10|2150|open|2026-11-09|2026-12-09|
1|8|1200|open|2026-11-16|2026-12-16|
8|5|725|open|2026-11-20|2026-12-20|
9||380|overdue|2026-10-09|2026-11-08|
3||290.75|overdue|2026-10-19|2026-11-18|
12||410|paid|2026-10-26|2026-11-25|2026-11-19`;

const id = (prefix: string, number: string | number | undefined) =>
  number ? `${prefix}_${String(number).padStart(3, '0')}` : undefined;

/** @returns the desk as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  reps: split(REPS).map(([name, email], index) => ({ id: id('rep', index + 1), name, email })),
  advertisers: split(ADVERTISERS).map(([name, sector, contactName, email, phone, rep, status], index) =>
    filled({ id: id('adv', index + 1), name, sector, contactName, email, phone, repId: id('rep', rep), status }),
  ),
  campaigns: split(CAMPAIGNS).map(([advertiser, name, status, startsOn, endsOn, budget], index) => ({
    ...{ id: id('cmp', index + 1), advertiserId: id('adv', advertiser), name, status },
    ...{ startsOn, endsOn, budget: Number(budget) },
  })),
  spots: split(SPOTS).map(([campaign, title, seconds, status, voice, rejectionReason], index) =>
    filled({
      ...{ id: id('spt', index + 1), campaignId: id('cmp', campaign), title },
      ...{ lengthSeconds: Number(seconds), status, voice, rejectionReason },
    }),
  ),
  airings: split(AIRINGS).map(([spot, at, daypart, status, price], index) => ({
    ...{ id: id('air', index + 1), spotId: id('spt', spot), airsAt: `${at}:00Z` },
    ...{ daypart, status, price: Number(price) },
  })),
  invoices: split(INVOICES).map(([advertiser, campaign, due, status, issuedOn, dueOn, paidOn], index) =>
    filled({
      ...{ id: `INV-${7001 + index}`, advertiserId: id('adv', advertiser), campaignId: id('cmp', campaign) },
      ...{ amount: Number(due), status, issuedOn, dueOn, paidOn },
    }),
  ),
});
