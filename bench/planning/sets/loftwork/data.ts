import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

const LOCATIONS = `loc_1|Harbour Street|Harbour Street 14|07:30
loc_2|Mill Road|Mill Road 3|08:00
loc_3|Station Yard|Station Yard 1|07:00`;

/** name, location, capacity, rate, screen, status */
const ROOMS = `Atlas|1|12|48|true|open
Beacon|1|6|28|true|open
Cabin|1|2|12|false|open
Drift|2|8|34|true|open
Ember|2|4|18.5|false|maintenance
Fjord|2|20|75|true|open
Grove|3|10|42|false|open
Hive|3|4|20|true|open
Isle|3|6|26|true|maintenance`;

/** label, location, kind, status, price, member (from 1) */
const DESKS = `H-01|1|fixed|assigned|290|1
H-02|1|fixed|assigned|290|4
H-03|1|fixed|free|290|
H-04|1|adjustable|free|330|
H-05|1|hot|free|160|
H-06|1|hot|out_of_service|160|
M-01|2|fixed|assigned|260|6
M-02|2|fixed|assigned|260|9
M-03|2|adjustable|assigned|300|12
M-04|2|adjustable|free|300|
M-05|2|hot|free|140|
S-01|3|fixed|assigned|240|3
S-02|3|fixed|free|240|
S-03|3|adjustable|out_of_service|280|
S-04|3|hot|free|130|
S-05|3|hot|free|130|`;

/** name, e-mail, phone, company, plan, status, location, joined */
const MEMBERS = `Clara Engel|clara@engelstudio.example|+49 40 0100201|Engel Studio|resident|active|1|2023-03-01
Mateo Rivas|mateo.rivas@post.example|||flex|active|1|2025-06-15
Ines Okafor|ines@okaforlaw.example|+49 40 0100203|Okafor Translations|resident|active|3|2024-01-08
Bo Lindqvist|bo@northlight.example|+49 40 0100204|Northlight Games|team|active|1|2022-11-02
Sara Lindqvist|sara@lindqvist.example||Lindqvist Foto|flex|paused|2|2024-09-01
Dimitri Vass|dimitri@vass.example|+49 40 0100206||resident|active|2|2025-02-10
Yuki Arai|yuki.arai@post.example|||day_pass|active|3|2026-11-03
Hannah Pohl|hannah@pohlpartner.example|+49 40 0100208|Pohl Partner|team|active|2|2021-05-17
Rafael Nunes|rafael@tidewater.example|+49 40 0100209|Tidewater Maps|resident|active|2|2023-08-21
Greta Holm|greta.holm@post.example|||flex|left|1|2022-02-01
Omar Haddad|omar@haddad.example|+49 40 0100211|Haddad Acoustics|flex|active|3|2026-10-12
Lea Brandt|lea@brandtpr.example|+49 40 0100212|Brandt PR|resident|paused|2|2024-04-22
Tom Keller|tom.keller@post.example|||day_pass|active|1|2026-11-16
Tom Keller|tom@kellerbau.example|+49 40 0100214|Keller Bau|flex|active|3|2025-11-03
Noor Aziz|noor@northlight.example||Northlight Games|team|active|1|2025-01-20`;

/** room (from 1), member (from 1), title, start, end, attendees, status */
const BOOKINGS = `1|4|Sprint review|2026-11-18T13:00|2026-11-18T15:00|9|confirmed
4|9|Map workshop|2026-11-19T09:00|2026-11-19T12:00|7|confirmed
2|1|Logo pitch|2026-11-20T10:00|2026-11-20T11:00|4|cancelled
6|8|Partner meeting|2026-11-23T14:00|2026-11-23T17:00|16|confirmed
3|2|Job interview|2026-11-24T09:30|2026-11-24T10:30|2|confirmed
2|1|Client briefing|2026-11-25T10:00|2026-11-25T11:30|5|confirmed
8|11|Sound check|2026-11-25T13:00|2026-11-25T14:00||confirmed
1|15|Playtest|2026-11-25T15:00|2026-11-25T18:00|12|confirmed
4|6|Tax advice|2026-11-26T09:00|2026-11-26T10:00|2|confirmed
7|3|Translators' circle|2026-11-26T17:00|2026-11-26T19:00|10|confirmed
2|4|One-to-ones|2026-11-26T13:00|2026-11-26T16:00|2|cancelled
6|8|Year planning|2026-11-27T09:00|2026-11-27T16:00|18|confirmed
1|4|Board call|2026-11-30T08:00|2026-11-30T09:00|6|confirmed
8|14|Site plans|2026-12-01T10:00|2026-12-01T12:00|3|confirmed
4|9|Map workshop|2026-12-03T09:00|2026-12-03T12:00|8|confirmed
6|12|Press breakfast|2026-12-08T08:00|2026-12-08T10:30|20|confirmed`;

/** member (from 1), amount, currency, issued, due, status */
const INVOICES = `4|1180|EUR|2026-10-01|2026-10-15|paid
8|960|EUR|2026-10-01|2026-10-15|paid
1|290|EUR|2026-10-01|2026-10-15|paid
9|260|EUR|2026-10-01|2026-10-15|overdue
5|95|EUR|2026-10-01|2026-10-15|overdue
4|1180|EUR|2026-11-02|2026-11-16|paid
8|1035.5|EUR|2026-11-02|2026-11-16|overdue
1|318|EUR|2026-11-02|2026-11-30|open
9|260|EUR|2026-11-02|2026-11-30|open
3|240|EUR|2026-11-02|2026-11-16|paid
6|275|EUR|2026-11-02|2026-11-30|open
11|149|CHF|2026-11-04|2026-12-04|open
14|89|EUR|2026-11-04|2026-11-18|overdue
2|75|EUR|2026-11-09|2026-11-23|paid
7|25|EUR|2026-11-10|2026-11-24|paid`;

/** location, room (from 1), title, priority, status, created */
const TICKETS = `2|5|Water stain on the ceiling|high|in_progress|2026-11-12T08:10
1||Coffee machine leaks|normal|open|2026-11-19T07:50
3|9|Heating does not start|high|open|2026-11-20T16:05
1|1|Screen flickers|normal|done|2026-11-16T11:30
2||Badge reader at the entrance slow|low|open|2026-11-23T09:20
3||Two chairs broken in the lounge|low|open|2026-11-24T12:45
1|2|Whiteboard pens are dry|low|done|2026-11-18T15:00`;

const NOTES = `4|Wants a second team room from January|2026-11-05T10:00
8|Pays by bank transfer only|2026-09-14T09:30
12|Paused until the end of parental leave|2026-10-02T14:15`;

const loc = (number: string) => `loc_${number}`;
const room = (number: string) => number && `room_${10 + Number(number)}`;
const member = (number: string) => number && `mem_${200 + Number(number)}`;
const at = (minute: string) => `${minute}:00Z`;

export const seed = (): Tables => ({
  locations: split(LOCATIONS).map(([id, name, address, opensAt]) => ({ id, name, address, opensAt })),
  rooms: split(ROOMS).map(([name, place, seats, rate, screen, status], i) => ({
    ...{ id: room(String(i + 1)), name, locationId: loc(place!), capacity: Number(seats), hourlyRate: Number(rate) },
    ...{ hasScreen: screen === 'true', status },
  })),
  desks: split(DESKS).map(([label, place, kind, status, price, who], i) =>
    filled({
      ...{ id: `desk_${41 + i}`, label, locationId: loc(place!), kind, status, monthlyPrice: Number(price) },
      memberId: member(who!),
    }),
  ),
  members: split(MEMBERS).map(([name, mail, phone, company, plan, status, place, joinedOn], i) =>
    filled({
      ...{ id: member(String(i + 1)), name, email: mail, phone, company, plan, status },
      ...{ locationId: loc(place!), joinedOn },
    }),
  ),
  bookings: split(BOOKINGS).map(([where, who, title, start, end, attendees, status], i) =>
    filled({
      ...{ id: `bkg_${501 + i}`, roomId: room(where!), memberId: member(who!), title },
      ...{ startsAt: at(start!), endsAt: at(end!), attendees: attendees ? Number(attendees) : undefined, status },
    }),
  ),
  invoices: split(INVOICES).map(([who, sum, currency, issuedOn, dueOn, status], i) => ({
    ...{ id: `inv_${801 + i}`, number: `LW-${2601 + i}`, memberId: member(who!), amount: Number(sum), currency },
    ...{ issuedOn, dueOn, status },
  })),
  tickets: split(TICKETS).map(([place, where, title, priority, status, created], i) =>
    filled({
      ...{ id: `tic_${31 + i}`, locationId: loc(place!), roomId: room(where!), title, priority, status },
      createdAt: at(created!),
    }),
  ),
  notes: split(NOTES).map(([who, words, created], i) => ({
    ...{ id: `note_${71 + i}`, memberId: member(who!), text: words, createdAt: at(created!) },
  })),
});
