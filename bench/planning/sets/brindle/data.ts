import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const STAFF: [name: string, role: string][] = [
  ['Kwame Osei', 'vet'],
  ['Bronwen Pugh', 'vet'],
  ['Fergus Laidlaw', 'vet'],
  ['Tilda Marchbank', 'nurse'],
  ['Joss Emery', 'nurse'],
  ['Dana Whitfield', 'reception'],
  ['Nia Colwyn', 'reception'],
];
const OWNERS =
  `Agnes Tully|Rhona Baxter|Tom Ashdown|Priya Raman|Gwen Harcourt|Idris Vaughan|Hetty Lomax|Marek Dolan|Siobhan Keane
Alun Prosser|Beatrix Fold|Carys Meredith|Desmond Achebe|Eirwen Hopkin|Frank Tarbuck|Glenys Rowe|Hamish Orr|Imogen Sayle
Jun Nakano|Kirsty Doig|Lloyd Parry|Moira Cant|Nesta Griffith|Olwen Bebb|Percy Thwaite|Queenie Ball|Rafe Underhill|Sadie Crewe
Teifi Beynon|Ursula Stott|Vince Pardoe|Winifred Nott|Xanthe Pell|Yvonne Askew|Zack Trevanion|Adele Fry|Boyd Kemble|Cerys Tanner
Dilys Wain|Edmund Garth|Flora Pym|Gus Holloway|Hilda Rusk|Ivor Nance|Josie Platt|Kit Marlow`.split(/[|\n]/);
const TOWNS = ['Aberaeron', 'Borth', 'Tregaron', 'Lampeter', 'Llanon', 'Aberaeron', 'Tregaron'];
const PETS =
  `Biscuit|Mabel|Otto|Pippin|Luna|Barnaby|Clover|Duchess|Ember|Fidget|Ginger|Hazel|Inky|Jasper|Kipper|Luna|Monty|Nutmeg
Olive|Pickle|Quill|Rolo|Scamp|Thistle|Udo|Velvet|Waffles|Yogi|Ziggy|Acorn|Bramble|Conker|Domino|Echo|Figaro|Gizmo|Hugo|Indie|Juno
Kiwi|Lottie|Marble|Nelson|Oreo|Poppy|Queenie|Rusty|Smudge|Tansy|Ursa|Viola|Wispa|Yoyo|Zelda|Amber|Bertie|Cocoa|Dexter|Elsie
Freckle|Gromit|Hobnob|Iggy|Jinx`.split(/[|\n]/);
const BREEDS: Record<string, string[]> = {
  dog: ['Border Collie', 'Labrador', 'Whippet', 'Welsh Terrier', 'Cockapoo'],
  cat: ['Domestic Shorthair', 'Maine Coon', 'Burmese'],
  rabbit: ['Mini Lop', 'Rex'],
  guinea_pig: ['Abyssinian'],
  bird: ['Budgerigar', 'Cockatiel'],
};
const SPECIES = [
  'dog',
  'cat',
  'dog',
  'dog',
  'cat',
  'rabbit',
  'dog',
  'cat',
  'guinea_pig',
  'dog',
  'rabbit',
  'cat',
  'bird',
];
const WEIGHTS: Record<string, number> = { dog: 80, cat: 24, rabbit: 10, guinea_pig: 5, bird: 1 };
const VACCINES: Record<string, string[]> = {
  dog: ['Leptospirosis', 'Kennel cough', 'Rabies'],
  cat: ['Cat flu', 'Feline leukaemia'],
  rabbit: ['Myxomatosis'],
};
/** Pets whose owner matters. */
const OWNED: Record<number, number> = { 3: 1, 12: 3, 20: 3, 31: 3, 46: 3, 0: 10, 2: 12, 1: 15 };

const NAMED: [id: string, pet: string, vet: string, startsAt: string, kind: string, status: string][] = [
  ['ap-6169', 'pt-2001', 'st-1', '2026-09-02T09:40:00Z', 'checkup', 'completed'],
  ['ap-6170', 'pt-2001', 'st-2', '2026-11-10T15:00:00Z', 'surgery', 'completed'],
  ['ap-6171', 'pt-2001', 'st-2', '2026-12-15T11:20:00Z', 'checkup', 'booked'],
  ['ap-6172', 'pt-2001', 'st-2', '2026-12-01T08:40:00Z', 'follow_up', 'booked'],
  ['ap-6173', 'pt-2003', 'st-3', '2026-11-27T14:20:00Z', 'dental', 'booked'],
  ['ap-6174', 'pt-2003', 'st-1', '2026-10-15T10:00:00Z', 'checkup', 'completed'],
  ['ap-6175', 'pt-2003', 'st-3', '2026-12-11T09:00:00Z', 'follow_up', 'booked'],
];

function owners(): Row[] {
  const { next } = chance(7);
  return OWNERS.map((name, index) => {
    const [first, last] = name.split(' ');
    return {
      id: `ow-${310 + index}`,
      first_name: first,
      last_name: last,
      email: `${name.toLowerCase().replace(' ', '.')}@mail.example`,
      phone: `01970 555 ${pad(204 + index * 13)}`,
      town: TOWNS[index % 7],
      sms_ok: index % 5 !== 4,
      registered_on: dayAt(-1900 + index * 39 + next(20)),
    };
  });
}

function pets(): Row[] {
  const { next, pick } = chance(19);
  return PETS.map((name, index) => {
    const species = SPECIES[index % SPECIES.length]!;
    return {
      id: `pt-${2001 + index}`,
      name,
      species,
      breed: pick(BREEDS[species]!),
      sex: pick(['female', 'male']),
      born_on: dayAt(-4200 + next(3900)),
      weight_kg: (2 + next(WEIGHTS[species]! * 4)) / 8 + 0.5,
      owner_id: `ow-${310 + (OWNED[index] ?? 16 + ((index * 7) % 30))}`,
      microchip: `9820000${pad(41873 + index * 311, 8)}`,
      insured: next(5) < 2,
      status: index % 17 === 16 && species !== 'rabbit' ? 'deceased' : 'active',
    };
  });
}

function appointments(): Row[] {
  const { next, pick } = chance(29);
  const alive = pets().filter(({ status }) => status === 'active');
  const rows = Array.from({ length: 168 }, (_, index) => {
    const offset = Math.floor(-64 + index * 0.53);
    const day = dayAt(new Date(`${dayAt(offset)}T00:00:00Z`).getUTCDay() === 0 ? offset + 1 : offset);
    const roll = next(12);
    const past = day < '2026-11-25';
    return {
      id: `ap-${6001 + index}`,
      pet_id: alive[(3 + ((index * 11) % (alive.length - 3))) % alive.length]!.id,
      vet_id: `st-${1 + (index % 3)}`,
      kind: pick(['checkup', 'checkup', 'vaccination', 'dental', 'surgery', 'follow_up']),
      starts_at: `${day}T${pad(8 + next(9), 2)}:${pick(['00', '20', '40'])}:00Z`,
      duration_min: pick([20, 20, 40, 60]),
      reason: pick(['', 'limping', 'annual check', 'not eating', 'booster', 'scratches a lot']),
      status: past
        ? roll === 0
          ? 'no_show'
          : roll === 1
            ? 'cancelled'
            : 'completed'
        : roll === 0
          ? 'cancelled'
          : 'booked',
    };
  });
  const own = NAMED.map(([id, pet_id, vet_id, starts_at, kind, status]) => ({
    ...{ id, pet_id, vet_id, kind, starts_at, duration_min: 20 },
    ...{ reason: kind === 'follow_up' ? 'stitches out' : '', status },
  }));
  return [...rows, ...own];
}

function vaccinations(): Row[] {
  const { next, pick } = chance(43);
  const given = pets().filter(({ species }) => VACCINES[String(species)]);
  return Array.from({ length: 74 }, (_, index) => {
    const pet = given[(index * 5) % given.length]!;
    const offset = -420 + index * 5 + next(5);
    return {
      id: `vx-${801 + index}`,
      pet_id: pet.id,
      vaccine: pick(VACCINES[String(pet.species)]!),
      batch: `L${pad(next(9000) + 100, 4)}`,
      given_on: dayAt(offset),
      due_on: dayAt(offset + 365),
    };
  });
}

function bills(): Row[] {
  const { next, pick } = chance(61);
  return Array.from({ length: 104 }, (_, index) => {
    const offset = -128 + Math.floor(index * 1.2);
    return {
      id: `bl-${5001 + index}`,
      number: `BR-26-${pad(402 + index, 4)}`,
      owner_id: `ow-${310 + ((index * 13 + (index % 3)) % 46)}`,
      issued_on: dayAt(offset),
      due_on: dayAt(offset + 21),
      total: 28 + next(1560) / 4,
      status: index % 23 === 22 ? 'void' : offset < -100 ? 'paid' : pick(['paid', 'paid', 'open']),
    };
  });
}

/** @returns the practice's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  staff: STAFF.map(([name, role], index) => ({
    id: `st-${1 + index}`,
    name,
    role,
    email: name === 'Dana Whitfield' ? 'dana@example.com' : `${name.toLowerCase().split(' ')[0]}@brindle.example`,
  })),
  owners: owners(),
  pets: pets(),
  appointments: appointments(),
  vaccinations: vaccinations(),
  bills: bills(),
  messages: [],
});
