import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** code, name, streets, bays, fee of a year in pence */
const ZONES = `A|Harbour Quarter|Quay Street, Anchor Row, Custom Row|140|9500
B|Castle Hill|Castle Street, Bishop Road|85|8200
C|Station|Railway Terrace, Mill Road, Foundry Row|210|7000
D|Meadows|Willow Avenue, Park Crescent|320|4500
E|University|College Road, Observatory Row|175|6800`;

/** name, e-mail, phone, address, zone (from 1) */
const RESIDENTS = `Edith Lawson|edith.lawson@mail.example|01632 960101|4 Quay Street|1
Kwame Mensah|kwame.mensah@mail.example|01632 960102|17 Anchor Row|1
Priya Nair|priya.nair@mail.example||9 Castle Street|2
Gareth Pugh|gareth@pugh.example|01632 960104|22 Bishop Road|2
Sarah Whitfield|sarah.whitfield@mail.example|01632 960105|3 Mill Road|3
Sarah Whitfield|s.whitfield@post.example|01632 960106|48 Willow Avenue|4
Damian Kowal|damian.kowal@mail.example|01632 960107|61 Foundry Row|3
Ruth Okafor|ruth.okafor@mail.example||12 Park Crescent|4
Leonard Finch|l.finch@mail.example|01632 960109|7 College Road|5
Beatrice Finch|bea.finch@post.example|01632 960110|7 College Road|5
Mill Road Bakery|orders@millroadbakery.example|01632 960111|30 Mill Road|3
Hassan Aziz|hassan.aziz@mail.example|01632 960112|15 Observatory Row|5`;

/** resident (from 1), zone (from 1), kind, plate, from, to, status */
const PERMITS = `1|1|resident|KB21 EDL|2026-02-01|2027-01-31|active
2|1|resident|KW19 AME|2025-12-01|2026-11-30|active
2|1|visitor||2026-11-20|2026-12-04|active
3|2|resident|PN70 NAR|2026-06-15|2027-06-14|active
4|2|resident|GP68 UGH|2025-11-10|2026-11-09|expired
5|3|resident|SW22 FLD|2025-12-12|2026-12-11|active
5|3|resident|SW15 OLD|2025-08-01|2026-07-31|revoked
6|4|resident|WH71 TFD|2026-04-01|2027-03-31|active
7|3|resident|DK20 WAL|2026-09-01|2027-08-31|active
8|4|resident|RO18 KAF|2025-12-20|2026-12-19|active
8|4|visitor||2026-12-23|2027-01-02|pending
9|5|resident|LF66 NCH|2025-10-01|2026-09-30|expired
10|5|resident|BF23 NCH|2026-01-15|2027-01-14|active
11|3|business|MR69 BKY|2026-03-01|2027-02-28|active
11|3|business|MR24 VAN|2026-05-01|2027-04-30|active
12|5|resident|HA17 ZIZ|2026-11-24|2027-11-23|pending
1|1|visitor||2026-08-01|2026-08-14|expired`;

/** plate, zone (from 1), street, amount in pence, issued, status, offence */
const FINES = `KW19 AME|3|Railway Terrace|3500|2026-10-02T09:12|paid|no_permit
TR12 VLR|1|Quay Street|7000|2026-10-05T14:40|unpaid|loading_bay
GP68 UGH|2|Bishop Road|3500|2026-11-11T08:20|unpaid|expired_permit
GP68 UGH|2|Bishop Road|3500|2026-11-16T08:35|unpaid|expired_permit
LF66 NCH|5|College Road|3500|2026-10-14T11:02|appealed|expired_permit
MR24 VAN|1|Custom Row|7000|2026-10-21T06:55|appealed|loading_bay
ZX09 QPT|3|Mill Road|10500|2026-10-26T17:30|unpaid|disabled_bay
BF23 NCH|3|Foundry Row|3500|2026-10-29T13:15|waived|no_permit
OU55 TSD|4|Park Crescent|3500|2026-11-02T10:10|paid|no_permit
DK20 WAL|1|Anchor Row|3500|2026-11-03T19:44|unpaid|no_permit
TR12 VLR|1|Quay Street|7000|2026-11-05T14:05|unpaid|loading_bay
PN70 NAR|5|Observatory Row|3500|2026-11-06T12:28|paid|no_permit
HA17 ZIZ|5|Observatory Row|3500|2026-11-18T09:50|appealed|no_permit
ZX09 QPT|3|Railway Terrace|3500|2026-11-19T16:22|unpaid|no_permit
EL64 MNT|2|Castle Street|10500|2026-11-20T11:37|unpaid|disabled_bay
SW22 FLD|1|Quay Street|7000|2026-11-20T07:18|paid|loading_bay
RO18 KAF|3|Mill Road|3500|2026-11-23T15:03|unpaid|no_permit
NV16 LKA|3|Mill Road|3500|2026-11-24T10:25|unpaid|no_permit
TR12 VLR|1|Custom Row|7000|2026-11-24T13:58|unpaid|loading_bay`;

/** fine (from 1), filed, grounds, state */
const APPEALS = `5|2026-10-20|I never got the reminder letter.|open
6|2026-10-30|We were delivering bread to the hotel.|open
8|2026-11-01|The sign was hidden by a tree.|accepted
13|2026-11-19|My application was already with you.|open
1|2026-10-04|I was only gone for five minutes.|rejected`;

const id = (prefix: string, index: number | string, from: number) => `${prefix}${from + Number(index)}`;
const zoneAt = (index: string | undefined) => `zone-${'abcde'[Number(index) - 1]}`;

export const seed = (): Tables => ({
  zones: split(ZONES).map(([code, name, streets, bays, fee]) => ({
    ...{ id: `zone-${code!.toLowerCase()}`, code, name, streets: streets!.split(', '), bays: Number(bays) },
    annualFeePence: Number(fee),
  })),
  residents: split(RESIDENTS).map(([name, email, phone, address, zone], i) =>
    filled({ id: id('res-', i, 401), name, email, phone, address, zoneId: zoneAt(zone) }),
  ),
  permits: split(PERMITS).map(([resident, zone, kind, plate, validFrom, validTo, status], i) =>
    filled({
      ...{ id: id('PM', i, 7001), residentId: id('res-', resident!, 400), zoneId: zoneAt(zone), kind, plate },
      ...{ validFrom, validTo, status },
    }),
  ),
  fines: split(FINES).map(([plate, zone, street, amount, issued, status, offence], i) => ({
    ...{ id: id('FN', i, 3001), plate, zoneId: zoneAt(zone), street, amountPence: Number(amount) },
    ...{ issuedAt: `${issued}:00Z`, status, offence },
  })),
  appeals: split(APPEALS).map(([fine, filedOn, grounds, status], i) => ({
    ...{ id: id('AP', i, 51), fineId: id('FN', fine!, 3000), filedOn, grounds, status },
  })),
});
