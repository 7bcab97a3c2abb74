import type { Tables } from '../kit.ts';

/** name, categories */
const INSTRUCTORS = `Martin Egger|B,BE
Sabine Krall|B
Yusuf Aydin|A,B
Helen Brandt|B
Oliver Brandt|A
Dana Petrov|B`;

/** model, plate, category, gearbox, status, mileage in km, next service */
const VEHICLES = `Golf|RR 101|B|manual|available|48210|2027-02-15
Fabia|RR 102|B|manual|available|91875|2026-12-14
Corsa|RR 103|B|manual|workshop|120340|
Yaris|RR 104|B|automatic|available|33902|2027-01-11
Octavia|RR 105|BE|manual|available|76415|2026-12-07
MT-07|RR 201|A|manual|available|18760|2027-03-01
CB500|RR 202|A|manual|retired|64011|`;

/** first name, last name, whether there is an e-mail address, category, status, instructor (from 1), enrolled, balance */
const STUDENTS = `Lena|Hofer|yes|B|active|2|2026-06-08|120
Jakob|Steiner|yes|B|active|1|2026-07-14|-85
Amira|Haddad|yes|B|active|2|2026-08-03|0
Felix|Wagner||B|active|3|2026-08-17|-240
Nina|Wagner|yes|B|paused|3|2026-05-11|60
Tobias|Lindner||A|active|3|2026-09-01|45
Carla|Moretti|yes|B|passed|1|2026-02-02|0
Emil|Novotny|yes|B|active|4|2026-09-14|-30
Sophie|Albrecht|yes|B|active|4|2026-09-21|210
Daniel|Okoye|yes|BE|active|1|2026-10-05|0
Hannah|Pichler|yes|B|active|6|2026-10-12|-410
Marek|Dvorak||A|active|5|2026-10-12|90
Ida|Sommer|yes|B|left|6|2026-03-16|0
Luca|Ferri|yes|B|active|6|2026-10-19|35
Mia|Berger|yes|B|active|2|2026-10-26|300
Paul|Berger|yes|A|active|5|2026-11-02|-15
Zoe|Kaplan|yes|B|active||2026-11-09|0
Leon|Fuchs|yes|B|active||2026-11-16|150
Rosa|Jimenez|yes|B|passed|4|2026-04-20|0
Max|Huber|yes|B|active|1|2026-11-18|400
Anna|Koller|yes|B|active|4|2026-08-24|75
Anna|Koller||A|active|5|2026-10-05|-60`;

/** student (from 1), instructor (from 1), start, minutes, status, place */
const LESSONS = `3|2|2026-11-13T14:00|45|completed|Main Station
6|3|2026-11-13T09:00|90|cancelled|
1|2|2026-11-16T08:00|90|completed|Main Station
2|1|2026-11-16T10:00|45|completed|
4|3|2026-11-16T13:30|90|noShow|Mill Street 4
8|4|2026-11-17T09:00|90|completed|
9|4|2026-11-17T11:00|90|completed|
11|6|2026-11-17T15:00|45|noShow|
12|5|2026-11-18T12:00|90|completed|
14|6|2026-11-18T16:00|90|cancelled|
15|2|2026-11-19T08:00|90|completed|
10|1|2026-11-19T10:00|90|completed|
21|4|2026-11-19T13:00|45|completed|
16|5|2026-11-20T11:00|90|completed|
4|3|2026-11-20T15:00|90|completed|Mill Street 4
11|6|2026-11-23T08:00|90|completed|
1|2|2026-11-23T10:00|90|completed|Main Station
2|1|2026-11-24T09:00|90|completed|
8|4|2026-11-24T13:00|90|noShow|
9|4|2026-11-25T07:00|90|completed|
3|2|2026-11-25T13:00|45|booked|Main Station
14|6|2026-11-25T14:30|90|booked|
12|5|2026-11-25T15:00|90|booked|
1|2|2026-11-26T08:00|90|booked|Main Station
15|2|2026-11-26T10:00|90|booked|
4|3|2026-11-26T13:30|90|booked|Mill Street 4
10|1|2026-11-26T15:00|90|booked|
11|6|2026-11-27T08:00|45|booked|
8|4|2026-11-27T11:00|90|booked|
16|5|2026-11-27T12:00|90|booked|
9|4|2026-11-30T09:00|90|booked|
2|1|2026-11-30T11:00|90|booked|
21|4|2026-12-01T13:00|45|booked|
3|2|2026-12-02T14:00|90|booked|Main Station`;

/** student (from 1), amount, method, reference, day */
const PAYMENTS = `1|300|transfer|Enrolment|2026-06-10
2|200|card||2026-07-20
7|900|transfer||2026-03-04
1|240|card||2026-08-31
9|450|transfer|Package of ten|2026-09-22
20|400|transfer|Enrolment|2026-11-18
15|300|card||2026-10-27
1|180|cash||2026-11-16
4|60|cash||2026-10-15
12|250|card|Enrolment|2026-10-13`;

/** student (from 1), kind, day, centre, result, faults */
const TESTS = `7|practical|2026-10-08|Nordpark|passed|3
19|practical|2026-10-22|Nordpark|passed|5
1|theory|2026-09-17|Central|passed|
2|theory|2026-10-01|Central|failed|
2|theory|2026-10-29|Central|passed|
4|theory|2026-10-15|Central|failed|
8|theory|2026-11-12|Central|passed|
9|practical|2026-11-19|Nordpark|failed|11
12|theory|2026-11-12|Central|passed|
6|practical|2026-11-24|Southgate|pending|
3|theory|2026-11-26|Central|pending|
10|practical|2026-12-03|Southgate|pending|
4|theory|2026-12-03|Central|pending|
1|practical|2026-12-04|Nordpark|pending|
9|practical|2026-12-10|Nordpark|pending|`;

/** vehicle (from 1), what is wrong, severity, whether it is repaired, day */
const DEFECTS = `3|Clutch slips|major|no|2026-11-20
2|Left mirror cracked|minor|no|2026-11-12
2|Wiper streaks|minor|yes|2026-10-02
6|Front brake pads worn|major|yes|2026-09-15
1|Radio does not work|minor|no|2026-11-03`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const student = (number: string | undefined) => `stu_${200 + Number(number)}`;
const instructor = (number: string | undefined) => `ins_0${number}`;
/** Members whose text is empty are missing in the answer. */
const given = (members: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value));

/** @returns the school as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  instructors: split(INSTRUCTORS).map(([name, categories], index) => ({
    id: instructor(String(index + 1)),
    name,
    phone: `+43 660 55502${10 + index}`,
    categories: categories!.split(','),
  })),
  vehicles: split(VEHICLES).map(([model, plate, category, transmission, status, mileageKm, nextServiceOn], index) => ({
    id: `veh_${11 + index}`,
    model,
    plate,
    category,
    transmission,
    status,
    mileageKm: Number(mileageKm),
    ...given({ nextServiceOn }),
  })),
  students: split(STUDENTS).map(([firstName, lastName, mail, category, status, by, enrolledOn, balance], index) => ({
    id: student(String(index + 1)),
    firstName,
    lastName,
    ...given({ email: mail && `${firstName}.${lastName}@mail.example`.toLowerCase() }),
    phone: `+43 660 55501${10 + index}`,
    category,
    status,
    ...given({ instructorId: by && instructor(by) }),
    enrolledOn,
    balance: Number(balance),
  })),
  lessons: split(LESSONS).map(([who, by, start, length, status, pickupPlace], index) => ({
    id: `les_${501 + index}`,
    studentId: student(who),
    instructorId: instructor(by),
    startsAt: `${start}:00Z`,
    durationMinutes: Number(length),
    status,
    ...given({ pickupPlace }),
  })),
  payments: split(PAYMENTS).map(([who, paid, method, reference, paidOn], index) => ({
    id: `pay_${41 + index}`,
    studentId: student(who),
    amount: Number(paid),
    method,
    ...given({ reference }),
    paidOn,
  })),
  notes: [
    { id: 'not_71', studentId: student('4'), text: 'Nervous on roundabouts', createdAt: '2026-11-16T15:10:00Z' },
    { id: 'not_72', studentId: student('9'), text: 'Practise hill starts', createdAt: '2026-11-19T16:00:00Z' },
  ],
  tests: split(TESTS).map(([who, kind, date, center, result, faults], index) => ({
    id: `tst_${301 + index}`,
    studentId: student(who),
    kind,
    date,
    center,
    result,
    ...(faults ? { faults: Number(faults) } : {}),
  })),
  defects: split(DEFECTS).map(([vehicle, description, severity, fixed, reportedOn], index) => ({
    id: `def_${81 + index}`,
    vehicleId: `veh_${10 + Number(vehicle)}`,
    description,
    severity,
    fixed: fixed === 'yes',
    reportedOn,
  })),
});
