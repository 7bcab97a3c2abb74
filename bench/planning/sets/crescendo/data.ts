import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const TEACHERS: [name: string, instruments: string[]][] = [
  ['Marta Lindgren', ['piano', 'voice']],
  ['Martin Lindgren', ['guitar']],
  ['Theo Brandauer', ['violin', 'viola']],
  ['Aiko Tanabe', ['piano']],
  ['Gabriel Santos', ['cello']],
  ['Helene Roux', ['flute', 'clarinet']],
  ['Piotr Zielinski', ['piano', 'guitar']],
  ['Sara Lindqvist', ['violin']],
  ['Owen Marsh', ['drums']],
];
const PUPILS = `Anton Weiss|Lena Hofmann|Lena Hoffmann|Emil Berger|Emilia Berger|Nora Castellan|Jonas Keller|Oskar Lund
Mila Sorensen|Yara Haddad|Henrik Solberg|Clara Vogt|Klara Vogel|Ben Okafor|Lucia Ferrari|Luca Ferrari|Jonas Keller|Ida Strand
Finn Strand|Maya Patel|Samuel Adler|Noemi Adler|Felix Baumann|Greta Baumann|Tariq Aziz|Zoe Winter|Leo Winter|Alma Nygaard
Jakob Nygaard|Elif Demir|Can Demir|Rosa Klein|Rosalie Klein|Viktor Hagen|Viktoria Hagen|Isabelle Moreau|Paul Steiner|Paula Steiner
Hugo Almeida|Ines Almeida|Theresa Wolf|Tessa Wolff|Mats Eriksen|Ronja Eriksen|David Cohen|Dora Cohen|Kasimir Novak|Katja Novak
Liam Byrne|Orla Byrne|Pia Schuster|Quentin Faure|Ruth Engel|Sven Tauber|Uma Krishnan|Wanda Kowalska|Xenia Petrov|Yusuf Kaya`.split(
  /[|\n]/,
);
const MAKERS: Record<string, string[]> = {
  violin: ['Stentor', 'Hofner'],
  cello: ['Stentor', 'Eastman'],
  flute: ['Yamaha', 'Pearl'],
  clarinet: ['Buffet', 'Yamaha'],
  guitar: ['Alhambra', 'Yamaha'],
};
const CODES: Record<string, string> = { violin: 'VN', cello: 'VC', flute: 'FL', clarinet: 'CL', guitar: 'GT' };
const FEES: Record<string, number> = { violin: 1800, cello: 3200, flute: 1600, clarinet: 1700, guitar: 1200 };

function pupils(): Row[] {
  const { next, pick } = chance(11);
  return PUPILS.map((name, index) => {
    const second = PUPILS.indexOf(name) < index;
    const teacher = [0, 3, 6, 2, 0, 1, 3, 4, 6, 7, 5, 3, 8, 0, 2, 6][index % 16]!;
    const instruments = TEACHERS[teacher]![1];
    return {
      id: `p-${1001 + index}`,
      name,
      email: `${name.toLowerCase().replace(' ', '.')}${second ? '2' : ''}@mail.example`,
      phone: `0151 555 ${pad(3100 + index * 17, 4)}`,
      birthDate: `${2006 + next(13)}-${pad(1 + next(12), 2)}-${pad(1 + next(28), 2)}`,
      instrument: instruments[next(instruments.length) && index % 2],
      level: pick(['beginner', 'beginner', 'intermediate', 'advanced']),
      status: index % 11 === 7 ? 'paused' : index % 13 === 12 ? 'left' : 'active',
      teacherId: `t-${11 + teacher}`,
      joinedOn: dayAt(-2000 + index * 31 + next(20)),
    };
  });
}

function lessons(): Row[] {
  const { next, pick } = chance(23);
  const all = pupils().filter(({ status }) => status === 'active');
  return Array.from({ length: 190 }, (_, index) => {
    const pupil = all[(index * 7 + next(3)) % all.length]!;
    const offset = Math.floor(-82 + index * 0.56);
    const sunday = new Date(`${dayAt(offset)}T00:00:00Z`).getUTCDay() === 0;
    const roll = next(12);
    return {
      id: `l-${20401 + index}`,
      pupilId: pupil.id,
      teacherId: pupil.teacherId,
      roomId: pick(['r-1', 'r-2', 'r-3', 'r-4', 'r-5']),
      date: dayAt(sunday ? offset + 1 : offset),
      startsAt: `${13 + next(7)}:${pick(['00', '15', '30', '45'])}`,
      minutes: pick([30, 45, 45, 60]),
      status:
        offset >= 0 ? (roll === 0 ? 'cancelled' : 'planned') : roll < 2 ? 'missed' : roll === 2 ? 'cancelled' : 'held',
      cancelReason: roll === (offset >= 0 ? 0 : 2) ? pick(['pupil is ill', 'school trip', 'teacher is ill']) : null,
    };
  });
}

function instruments(): Row[] {
  const { next, pick } = chance(37);
  const kinds = Object.keys(MAKERS);
  return Array.from({ length: 34 }, (_, index) => {
    const kind = kinds[index % kinds.length]!;
    return {
      id: `i-${301 + index}`,
      kind,
      maker: pick(MAKERS[kind]!),
      serialNumber: `${CODES[kind]}-${2201 + index * 4 + next(3)}`,
      status: index < 20 ? 'rented' : index % 5 === 3 ? 'repair' : 'available',
      monthlyFeeCents: FEES[kind],
    };
  });
}

function rentals(): Row[] {
  const { next } = chance(41);
  return Array.from({ length: 46 }, (_, index) => {
    const active = index >= 26;
    return {
      id: `n-${501 + index}`,
      instrumentId: `i-${active ? 301 + ((index * 3) % 20) : 301 + next(34)}`,
      pupilId: `p-${1001 + ((index * 5 + 2) % 57)}`,
      startedOn: dayAt(-700 + index * 14 + next(9)),
      endedOn: active ? null : dayAt(-400 + index * 14 + next(9)),
      status: active ? 'active' : 'returned',
    };
  });
}

function invoices(): Row[] {
  const { next } = chance(53);
  return Array.from({ length: 116 }, (_, index) => {
    const offset = Math.floor(-174 + index * 1.5);
    const due = offset + 14;
    return {
      id: `v-${7001 + index}`,
      number: `2026-${pad(311 + index, 4)}`,
      pupilId: `p-${1001 + ((index * 11 + next(4)) % 57)}`,
      issuedOn: dayAt(offset),
      dueOn: dayAt(due === 0 ? 1 : due),
      totalCents: 4200 + next(170) * 115,
      status: index % 19 === 18 ? 'cancelled' : offset < -90 || next(3) < (due < 0 ? 2 : 1) ? 'paid' : 'open',
    };
  });
}

const CONCERTS =
  `Spring Matinee|Spring Recital|Summer Party|Strings in the Park|Piano Marathon|Autumn Matinee|Lantern Concert
Young Soloists|Advent Concert|Carol Evening|New Year Recital|Ensemble Night`.split(/[|\n]/);

/** @returns the school's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  teachers: TEACHERS.map(([name, taught], index) => ({
    id: `t-${11 + index}`,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@crescendo.example`,
    phone: `0151 555 0${pad(110 + index * 7)}`,
    instruments: taught,
    weeklyHours: [24, 12, 18, 20, 10, 16, 22, 8, 14][index],
  })),
  pupils: pupils(),
  rooms: ['Bartók', 'Clara Schumann', 'Ellington', 'Small hall', 'Great hall'].map((name, index) => ({
    id: `r-${index + 1}`,
    name,
    seats: [4, 6, 10, 40, 160][index],
    hasPiano: index !== 2,
  })),
  lessons: lessons(),
  instruments: instruments(),
  rentals: rentals(),
  invoices: invoices(),
  concerts: CONCERTS.map((title, index) => ({
    id: `c-${81 + index}`,
    title,
    date:
      ['2026-04-19', '2026-05-09', '2026-06-27', '2026-07-11', '2026-09-19', '2026-10-04', '2026-11-11', '2026-11-21'][
        index
      ] ?? ['2026-12-06', '2026-12-18', '2027-01-09', '2027-02-13'][index - 8],
    venue: ['Great hall', 'Great hall', 'Courtyard', 'City park'][index % 4],
    performers:
      index < 8 ? [{ pupilId: `p-${1003 + index}`, piece: ['Minuet in G', 'Gymnopédie No. 1'][index % 2] }] : [],
  })),
});
