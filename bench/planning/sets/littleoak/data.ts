import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, room, capacity, leading teacher (staff, from 1) */
const GROUPS = `Ladybirds|Garden Room|8|2
Hedgehogs|Blue Room|10|3
Otters|River Room|12|4
Swallows|Attic|12|5
Foxes|Forest Hut|10|6`;

/** name, role, group, phone */
const STAFF = `Dorothea Lindner|head||+49 351 0100201
Sabine Roth|teacher|1|+49 351 0100202
Milan Horak|teacher|2|+49 351 0100203
Agnes Weiland|teacher|3|+49 351 0100204
Katrin Scholz|teacher|4|+49 351 0100205
Oliver Funke|teacher|5|+49 351 0100206
Paula Nowak|assistant|1|+49 351 0100207
Deniz Arslan|assistant|3|+49 351 0100208
Birgit Thoma|cook||+49 351 0100209`;

/** first name, last name, born, group, status, start, end, allergies, photos, fee */
const CHILDREN = `Mia|Hartmann|2022-03-14|3|enrolled|2025-08-01|||true|290
Jonah|Hartmann|2024-05-02|1|enrolled|2026-02-01||cow's milk|true|340
Noah|Keller|2021-07-19|4|enrolled|2024-08-01|||false|260
Emma|Lindqvist|2022-01-08|3|enrolled|2024-09-01||peanuts|true|290
Finn|Aldous|2020-11-30|5|enrolled|2023-08-01|||true|245
Theo|Brandt|2022-06-25|2|enrolled|2025-03-01|||true|310
Anton|Vogel|2023-02-11|2|enrolled|2025-08-01|||false|310
Ida|Sorensen|2024-08-21|1|enrolled|2026-08-01|||true|340
Emma|Okafor|2021-04-03|4|enrolled|2024-08-01||bee stings|true|260
Luis|Moreno|2020-09-17|5|enrolled|2023-08-01||hazelnuts|true|245
Clara|Winter|2021-12-09|4|enrolled|2025-01-01|||false|275.5
Ruben|Schaaf|2024-01-27|1|enrolled|2026-01-01|||true|340
Zeynep|Kaya|2022-10-05|3|enrolled|2025-08-01||eggs|false|290
Oskar|Petersen|2021-02-28|5|enrolled|2023-10-01|||true|245
Lotte|Brandt|2021-09-12|4|enrolled|2024-08-01|||true|260
Hana|Suzuki|2023-06-16|2|enrolled|2025-11-01||wheat|true|310
Bruno|Falk|2022-12-20|3|enrolled|2025-08-01|||true|290
Amira|Haddad|2020-12-04|5|enrolled|2024-01-01|||false|245
Pia|Engel|2025-01-15||waiting|2027-02-01|||true|340
Moritz|Jahn|2024-10-30||waiting|2027-01-01||soy|true|340
Elsa|Novotny|2025-03-22||waiting|2027-03-01|||false|340
Kasimir|Graf|2024-11-11||waiting|2027-01-01|||true|340
Nele|Ostermann|2020-02-19|5|left|2023-08-01|2026-07-31||true|245`;

/** child (from 1), name, relation, phone, email, may collect */
const GUARDIANS = `1|Julia Hartmann|mother|+49 351 0100301|julia.hartmann@mail.example|true
1|Stefan Hartmann|father|+49 351 0100302||true
2|Julia Hartmann|mother|+49 351 0100301|julia.hartmann@mail.example|true
3|Petra Keller|mother|+49 351 0100304|petra.keller@mail.example|true
3|Horst Keller|grandparent|+49 351 0100305||false
4|Annika Lindqvist|mother|+49 351 0100306|annika@lindqvist.example|true
5|James Aldous|father|+49 351 0100307|james.aldous@mail.example|true
6|Ulrike Brandt|mother|+49 351 0100308|ulrike.brandt@mail.example|true
7|Greta Vogel|grandparent|+49 351 0100309||true
7|Simon Vogel|father|+49 351 0100310|simon.vogel@mail.example|true
8|Maren Sorensen|mother|+49 351 0100311|maren@sorensen.example|true
9|Chidi Okafor|father|+49 351 0100312|chidi.okafor@mail.example|true
10|Carmen Moreno|mother|+49 351 0100313||true
11|Felix Winter|father|+49 351 0100314|felix.winter@mail.example|true
13|Elif Kaya|mother|+49 351 0100315|elif.kaya@mail.example|true
13|Nuray Kaya|other|+49 351 0100316||false
15|Ulrike Brandt|mother|+49 351 0100308|ulrike.brandt@mail.example|true
16|Kenji Suzuki|father|+49 351 0100318|kenji.suzuki@mail.example|true
18|Rana Haddad|mother|+49 351 0100319||true
19|Tobias Engel|father|+49 351 0100320|tobias.engel@mail.example|true
22|Ines Graf|mother|+49 351 0100322|ines.graf@mail.example|true`;

/** day, child (from 1), reason; on those days all the others were there */
const ABSENCES = `2026-11-24|5|holiday
2026-11-24|13|sick
2026-11-24|17|sick
2026-11-25|10|sick
2026-11-25|13|sick
2026-11-25|16|other`;

/** title, day, start, place, group */
const EVENTS = `Lantern Walk|2026-11-11|17:00|Town Park|
Fire Drill|2026-11-24|10:15||
Dentist Visit|2026-11-27|09:30|Blue Room|2
Saint Nicholas Breakfast|2026-12-04|08:30|Dining Hall|
Theatre Trip|2026-12-09|09:00|City Theatre|5
Winter Concert|2026-12-17|16:00|Dining Hall|
Closing Day|2026-12-23|||
Parents' Coffee|2027-01-14|15:00|Garden Room|1`;

/** child (from 1), text, written */
const NOTES = `2|Needs the oat milk from his bag|2026-11-12T08:05
4|Emergency pen is in the red box|2026-10-01T07:50
8|First day without tears|2026-11-20T15:10`;

const childId = (number: string | number) => `chd_${100 + Number(number)}`;
const groupId = (number: string | undefined) => number && `grp_${number}`;
const children = split(CHILDREN);

const attendance = () => {
  const absences = new Map(split(ABSENCES).map(([date, child, reason]) => [`${date} ${child}`, reason]));
  const enrolled = children.flatMap((row, index) => (row[4] === 'enrolled' ? [{ group: row[3], index }] : []));
  const rows = ['2026-11-24', '2026-11-25'].flatMap((date) =>
    enrolled.map(({ group, index }) => {
      const reason = absences.get(`${date} ${index + 1}`);
      const arrivedAt = reason ? undefined : `08:${String(10 + ((index * 7) % 40))}`;
      const status = reason ? 'absent' : 'present';
      return { childId: childId(index + 1), groupId: groupId(group), date, status, reason, arrivedAt };
    }),
  );
  return rows.map((row, index) => filled({ id: `att_${4001 + index}`, ...row }));
};

/** @returns the kindergarten as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  groups: split(GROUPS).map(([name, room, capacity, lead], index) => ({
    ...{ id: `grp_${index + 1}`, name, room },
    ...{ capacity: Number(capacity), leadTeacherId: `stf_1${lead}` },
  })),
  staff: split(STAFF).map(([name, role, group, phone], index) =>
    filled({ id: `stf_1${index + 1}`, name, role, groupId: groupId(group), phone }),
  ),
  childs: children.map(([firstName, lastName, birthDate, group, status, ...rest], index) => {
    const [startDate, endDate, allergies, photos, fee] = rest;
    const person = { id: childId(index + 1), firstName, lastName, birthDate, groupId: groupId(group), status };
    const more = { photoConsent: photos === 'true', monthlyFee: Number(fee) };
    return filled({ ...person, startDate, endDate, allergies: allergies ? [allergies] : [], ...more });
  }),
  guardians: split(GUARDIANS).map(([child, name, relation, phone, email, collects], index) =>
    filled({
      ...{ id: `gua_${301 + index}`, childId: childId(child!), name, relation, phone, email },
      mayCollect: collects === 'true',
    }),
  ),
  attendance: attendance(),
  events: split(EVENTS).map(([title, date, startsAt, place, group], index) =>
    filled({ id: `evt_${61 + index}`, title, date, startsAt, place, groupId: groupId(group) }),
  ),
  notes: split(NOTES).map(([child, text, written], index) => ({
    ...{ id: `nte_${81 + index}`, childId: childId(child!) },
    ...{ text, createdAt: `${written}:00Z` },
  })),
});
