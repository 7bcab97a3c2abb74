import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, street address, landlord, number of flats */
const BUILDINGS = `Alder Court|12 Alder Street|Pemberton Estates|24
Quay House|1 Quay Road|Pemberton Estates|12
Mill Terrace|30 Mill Road|Northgate Lettings|16
Beacon Tower|5 Beacon Hill|City Housing Office|68
Fern Yard|8 Fern Street||6`;

/** name, flat, building (from 1), e-mail, phone, joined, status, role, whether the dues are reduced */
const MEMBERS = `Abdul Karim|4B|1|abdul.karim@mail.example|020 555 0101|2019-03-02|active|chair|
Bridget Foley|2A|1|bridget.foley@mail.example|020 555 0102|2019-03-02|active|treasurer|
Carlos Mendes|7|2|carlos.mendes@mail.example|020 555 0103|2020-01-17|active|committee|
Deborah Quinn|11|2|deborah.quinn@mail.example|020 555 0104|2021-06-08|active|member|
Edith Lawson|1C|3||020 555 0105|2019-05-23|active|member|reduced
Farah Siddiqui|3A|3|farah.siddiqui@mail.example|020 555 0106|2022-02-14|active|committee|
George Hill|9F|4|george.hill@mail.example|020 555 0107|2020-10-01|active|member|
Helen Hill|9F|4|helen.hill@mail.example||2020-10-01|active|member|
Ivan Petrov|12D|4|ivan.petrov@mail.example|020 555 0109|2023-04-19|active|member|
Janet Moore|2|5|janet.moore@mail.example|020 555 0110|2024-09-30|active|member|
Kofi Mensah|5|5|kofi.mensah@mail.example|020 555 0111|2021-11-11|active|committee|
Lucy Tran|6C|1|lucy.tran@mail.example|020 555 0112|2025-01-20|active|member|
Martin Shaw|8|2|martin.shaw@mail.example|020 555 0113|2022-08-05|active|member|
Niamh Byrne|3B|3|niamh.byrne@mail.example||2026-02-27|active|member|reduced
Omar Farouk|14A|4|omar.farouk@mail.example|020 555 0115|2023-12-12|active|member|
Pauline Shaw|1|5|pauline.shaw@mail.example|020 555 0116|2020-07-07|active|member|
Qasim Ali|2C|1|qasim.ali@mail.example|020 555 0117|2019-03-02|ended|member|
Rita Gomes|10|2|rita.gomes@mail.example|020 555 0118|2024-03-15|active|member|
Stefan Wolf|5D|3|stefan.wolf@mail.example|020 555 0119|2025-10-06|active|member|
Tara Singh|7E|4|tara.singh@mail.example|020 555 0120|2026-05-31|active|member|
Umar Yusuf|3|5||020 555 0121|2026-10-05|active|member|reduced
Vera Novak|6|2|vera.novak@mail.example|020 555 0122|2021-02-01|ended|member|`;

/** member (from 1), category, title, status, who looks after it (from 1), opened, resolved */
const COMPLAINTS = `4|heating|No heating in bedroom|resolved|3|2026-09-14|2026-09-30
7|noise|Music after midnight|resolved|11|2026-09-21|2026-10-02
5|damp|Mould behind wardrobe|withLandlord|6|2026-10-01|
10|repairs|Entrance does not lock|resolved|11|2026-10-05|2026-10-09
12|heating|Radiators cold on weekends|withLandlord|1|2026-10-12|
9|safety|Lift stops between floors|withLandlord|11|2026-10-14|
18|rent|Service charge not explained|open|3|2026-10-20|
14|damp|Water stain on ceiling|open|6|2026-10-26|
20|safety|Fire exit blocked|resolved||2026-10-28|2026-11-03
13|heating|Boiler pressure drops|open|3|2026-11-02|
8|repairs|Broken intercom|open||2026-11-04|
16|noise|Building works at 6 am|withdrawn||2026-11-06|
19|damp|Mould in bathroom|open|6|2026-11-09|
15|repairs|Window does not close|withLandlord|11|2026-11-11|
2|repairs|Bin store lock broken|open|1|2026-11-12|
21|heating|No hot water|open|11|2026-11-16|
12|noise|Barking dog upstairs|open||2026-11-18|
5|heating|Storage heater broken|open|6|2026-11-20|
20|safety|Lights out in stairwell|open||2026-11-22|
10|rent|Deposit not protected|open||2026-11-24|`;

/** quarter, day it is due, members (from 1) who have not paid, a member who has paid in part with the sum, a member who need not pay */
const QUARTERS = `2026-Q3|2026-07-15|9,15||5
2026-Q4|2026-10-15|4,9,13,15,18,21|10:5|5`;

/** title, start, place, building (from 1), status */
const MEETINGS = `Annual general meeting|2026-03-12T18:30|Community Hall||held
Heating in Alder Court|2026-10-22T19:00|Alder Court, flat 4B|1|held
Committee meeting|2026-11-05T18:00|Library, room 2||held
Lift in Beacon Tower|2026-11-30T19:00|Beacon Tower, lobby|4|planned
Committee meeting|2026-12-03T18:00|Library, room 2||planned
Rent advice evening|2026-12-09T18:30|Community Hall||planned
Winter party|2026-12-12T15:00|Community Hall||planned`;

const members = split(MEMBERS);
const memberId = (number: string | number) => `mem-${100 + Number(number)}`;
const buildingOf = (member: string) => `bld-${members[Number(member) - 1]![2]}`;

/** What the members that joined before the end of a quarter owe for it. */
const duesOf = ([period, dueOn, unpaid = '', part = '', waived]: string[]) =>
  members.flatMap(([, , , , , joined, state, , reduced], index) => {
    if (state === 'ended' || (period === '2026-Q3' && joined! > '2026-09-30')) return [];
    const number = String(index + 1);
    const amount = reduced ? 6 : 12;
    const [partly, sum] = part.split(':');
    const status = unpaid.split(',').includes(number)
      ? 'unpaid'
      : number === waived
        ? 'waived'
        : number === partly
          ? 'partlyPaid'
          : 'paid';
    const amountPaid = status === 'paid' ? amount : status === 'partlyPaid' ? Number(sum) : 0;
    const paidOn = amountPaid > 0 ? dueOn : undefined;
    return [filled({ memberId: memberId(number), period, amount, currency: 'GBP', amountPaid, status, dueOn, paidOn })];
  });

/** @returns the association as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  buildings: split(BUILDINGS).map(([name, address, landlord, flats], index) =>
    filled({ id: `bld-${index + 1}`, name, address, landlord, flats: Number(flats) }),
  ),
  members: members.map(([name, flat, building, email, phone, joinedOn, status, role], index) =>
    filled({
      id: memberId(index + 1),
      ...{ name, flat, buildingId: `bld-${building}`, email, phone, joinedOn, status, role },
    }),
  ),
  complaints: split(COMPLAINTS).map(([by, category, title, status, assignee, openedOn, resolvedOn], index) =>
    filled({
      id: `cmp-${2001 + index}`,
      memberId: memberId(by!),
      buildingId: buildingOf(by!),
      ...{ category, title, status, assigneeId: assignee && memberId(assignee), openedOn, resolvedOn },
    }),
  ),
  comments: [
    {
      id: 'com-31',
      complaintId: 'cmp-2006',
      text: 'City Housing Office promises an engineer',
      writtenOn: '2026-10-19',
    },
    { id: 'com-32', complaintId: 'cmp-2003', text: 'Photos sent to Northgate Lettings', writtenOn: '2026-10-08' },
  ],
  dues: split(QUARTERS)
    .flatMap(duesOf)
    .map((due, index) => ({ id: `due-${301 + index}`, ...due })),
  meetings: split(MEETINGS).map(([title, start, place, building, status], index) =>
    filled({
      id: `mtg-${index + 1}`,
      title,
      startsAt: `${start}:00Z`,
      place,
      buildingId: building && `bld-${building}`,
      status,
    }),
  ),
});
