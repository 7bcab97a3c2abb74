import type { Tables } from '../kit.ts';

const LOCATIONS = ['Harbour Street', 'Mill Road'];

/** name, specialty, location (from 1), whether they take new patients */
const PRACTITIONERS = `Miriam Feld|general_practice|1|true
Samuel Adeyemi|general_practice|1|false
Clara Jensen|dermatology|1|true
Paul Brandt|cardiology|2|true
Nadine Rowe|physiotherapy|2|true
Ivo Marek|physiotherapy|2|false
Hana Sato|paediatrics|1|true
Leah Quinn|nursing|1|true`;

/** name, minutes, fee in pounds */
const TYPES = `Consultation|15|45
Long consultation|30|80
Skin check|20|65.5
Heart screening|45|140
Physiotherapy session|40|52
Vaccination|10|25
Child check-up|30|60
Blood test|10|30`;

/** name, date of birth, e-mail, phone, usual practitioner (from 1), registered */
const PATIENTS = `Rosa Delgado|1957-04-12|rosa.delgado@mail.example|020 7946 0601|1|2019-03-04
Oliver Stanton|1984-09-30|oliver.stanton@mail.example|020 7946 0602|2|2021-06-15
Anna Kowalska|1991-01-22|anna.kowalska@mail.example|020 7946 0603|1|2020-01-13
Desmond Achebe|1949-11-08|desmond.achebe@mail.example|020 7946 0604|2|2015-09-01
Yusuf Demir|1978-06-17|yusuf.demir@mail.example|020 7946 0605|1|2022-02-21
Freya Lindgren|2019-08-03|lindgren.family@mail.example|020 7946 0606|7|2019-09-10
Margaret Doyle|1941-02-27|margaret.doyle@mail.example|020 7946 0607|2|2012-05-08
Hiroshi Tanaka|1969-12-19|hiroshi.tanaka@mail.example|020 7946 0608|1|2018-11-26
Anna Kowalska|1966-07-05|a.kowalska@post.example|020 7946 0609|2|2024-04-17
Beatrice Moreau|1995-03-14|beatrice.moreau@mail.example|020 7946 0610|1|2023-08-30
Caleb Winters|2016-10-25|winters.home@mail.example|020 7946 0611|7|2017-01-11
Layla Haddad|1988-05-09|layla.haddad@mail.example|020 7946 0612|2|2025-10-02
George Pappas|1954-08-21|george.pappas@mail.example|020 7946 0613|1|2016-07-19
Sinead Murphy|1973-04-01|sinead.murphy@mail.example|020 7946 0614|2|2020-12-07
Viktor Petrov|1982-11-29|viktor.petrov@mail.example|020 7946 0615|1|2026-11-03
Imani Brooks|2021-02-16|brooks.imani@mail.example|020 7946 0616|7|2021-03-22
Noah Feldman|1999-09-07|noah.feldman@mail.example|020 7946 0617|1|2026-11-16`;

/** start, patient (from 1), practitioner (from 1), type (from 1), status */
const APPOINTMENTS = `2026-10-05T09:00|1|1|2|completed
2026-10-06T10:00|2|3|3|completed
2026-10-08T14:00|7|2|1|no_show
2026-10-12T11:00|4|4|4|completed
2026-10-13T09:30|12|2|1|completed
2026-10-15T15:00|6|7|7|completed
2026-10-19T10:00|5|6|5|no_show
2026-10-22T13:00|13|4|4|cancelled
2026-10-26T09:00|8|1|2|completed
2026-10-28T16:00|10|5|5|no_show
2026-11-02T10:00|5|6|5|completed
2026-11-04T09:00|15|1|2|completed
2026-11-05T11:30|14|2|1|completed
2026-11-09T10:00|5|6|5|completed
2026-11-10T14:00|9|2|8|no_show
2026-11-12T09:00|11|7|6|completed
2026-11-16T13:00|17|1|2|completed
2026-11-17T10:00|7|2|1|completed
2026-11-18T15:00|10|5|5|completed
2026-11-19T11:00|13|4|4|completed
2026-11-23T09:00|3|1|1|completed
2026-11-24T14:00|12|3|3|completed
2026-11-25T08:30|16|7|6|completed
2026-11-25T11:00|4|2|1|confirmed
2026-11-25T15:00|8|1|1|booked
2026-11-26T09:00|1|1|1|booked
2026-11-26T10:00|14|2|8|confirmed
2026-11-26T11:00|2|5|5|booked
2026-11-26T13:00|10|6|5|cancelled
2026-11-26T14:00|6|7|6|booked
2026-11-27T10:00|5|6|5|confirmed
2026-11-27T12:00|17|4|4|booked
2026-11-30T09:00|7|4|4|confirmed
2026-11-30T10:00|13|5|5|booked
2026-11-30T11:00|11|7|7|booked
2026-11-30T13:00|15|6|5|booked
2026-12-01T10:00|9|3|3|booked
2026-12-02T14:00|3|2|1|booked
2026-12-03T11:00|1|1|8|booked
2026-12-08T10:00|12|1|1|booked`;

/** appointment (from 1), status, issued, due */
const INVOICES = `1|paid|2026-10-05|2026-10-19
2|paid|2026-10-06|2026-10-20
4|unpaid|2026-10-12|2026-10-26
5|paid|2026-10-13|2026-10-27
6|paid|2026-10-15|2026-10-29
8|void|2026-10-22|2026-11-05
9|paid|2026-10-26|2026-11-09
11|paid|2026-11-02|2026-11-16
12|unpaid|2026-11-04|2026-11-18
13|paid|2026-11-05|2026-11-19
14|unpaid|2026-11-09|2026-11-23
16|paid|2026-11-12|2026-11-26
17|unpaid|2026-11-16|2026-11-30
18|paid|2026-11-17|2026-12-01
19|unpaid|2026-11-18|2026-12-02
20|paid|2026-11-19|2026-12-03
22|unpaid|2026-11-24|2026-12-08`;

/** patient (from 1), practitioner (from 1), added, note */
const WAITLIST = `14|3|2026-11-12|Mornings only
5|6|2026-11-17|
2|3|2026-11-20|Any day
9|4|2026-11-23|After 3 pm`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const practitioner = (number: string) => `prac_${20 + Number(number)}`;
const patient = (number: string) => `pat_${1000 + Number(number)}`;
const types = split(TYPES).map(([name, minutes, fee], index) => ({
  id: `typ_${index + 1}`,
  name: name!,
  durationMinutes: Number(minutes),
  fee: Number(fee),
}));
const practitioners = split(PRACTITIONERS).map(([name, specialty, location, accepting], index) => ({
  id: practitioner(String(index + 1)),
  name: name!,
  email: `${name!.toLowerCase().replace(' ', '.')}@carenote.example`,
  specialty,
  locationId: `loc_${location}`,
  acceptingNewPatients: accepting === 'true',
}));
const appointments = () =>
  split(APPOINTMENTS).map(([start, by, at, type, status], index) => ({
    id: `apt_${7001 + index}`,
    patientId: patient(by!),
    practitionerId: practitioner(at!),
    typeId: `typ_${type}`,
    locationId: practitioners[Number(at) - 1]!.locationId,
    start: `${start}:00Z`,
    durationMinutes: types[Number(type) - 1]!.durationMinutes,
    status: status!,
  }));

/** @returns the practice as it is on the morning of 25 November 2026 */
export const seed = (): Tables => {
  const booked = appointments();
  return {
    locations: LOCATIONS.map((name, index) => ({ id: `loc_${index + 1}`, name })),
    practitioners: structuredClone(practitioners),
    types: structuredClone(types),
    patients: split(PATIENTS).map(([name, dateOfBirth, email, phone, usual, registeredOn], index) => ({
      id: patient(String(index + 1)),
      name,
      dateOfBirth,
      email,
      phone,
      usualPractitionerId: practitioner(usual!),
      registeredOn,
    })),
    appointments: booked,
    invoices: split(INVOICES).map(([number, status, issuedOn, dueOn], index) => {
      const { id, patientId, typeId } = booked[Number(number) - 1]!;
      const { fee } = types.find((type) => type.id === typeId)!;
      return { id: `inv_${5001 + index}`, patientId, appointmentId: id, amount: fee, status, issuedOn, dueOn };
    }),
    waitlist: split(WAITLIST).map(([by, at, addedOn, note], index) => ({
      id: `wl_${81 + index}`,
      patientId: patient(by!),
      practitionerId: practitioner(at!),
      addedOn,
      note,
    })),
    messages: [
      {
        id: 'msg_301',
        patientId: patient('1'),
        channel: 'sms',
        text: 'Please bring your vaccination card.',
        sentAt: '2026-11-20T10:15:00Z',
      },
    ],
    timeOff: [
      { id: 'off_41', practitionerId: 'prac_24', from: '2026-12-21', to: '2026-12-31', reason: 'Annual leave' },
      { id: 'off_42', practitionerId: 'prac_27', from: '2026-12-03', to: '2026-12-04', reason: 'Training' },
    ],
  };
};
