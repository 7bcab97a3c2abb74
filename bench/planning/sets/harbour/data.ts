import type { Row, Tables } from '../kit.ts';

const pad = (number: number, digits = 3) => String(number).padStart(digits, '0');
/** @returns the date so many days after 25 November 2026 */
export const dayAt = (offset: number) => new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);
const pick = <T>(values: T[], index: number) => values[index % values.length]!;

const OWNERS =
  `Maren Solberg|Marit Solberg|Anders Holt|Anders Holtz|Priya Raman|Thomas Berg|Thomas Berg|Nordlys Charter AS
Nordlys Fishing AS|Elin Haugen|Ingrid Moe|Jonas Lind|Sofie Dahl|Oskar Vik|Hanne Aas|Lars Fjeld|Petra Novak|Ruben Eide
Silje Strand|Magnus Strand|Yusuf Demir|Clara Winter|Felix Brandt|Greta Olsen|Henrik Olsen|Isabel Costa|Kari Nes
Leif Tangen|Mona Rygh|Fjordline Tours AS|Nils Aune|Olga Petrova`.split(/[|\n]/);

const VESSELS =
  `Sea Swallow|Sea Swallow II|Kittiwake|Northern Star|Northern Light|Aurora|Aurora|Storm Petrel|Havfrue|Blue Heron
Grey Heron|Tordenskjold|Windrose|Lady Ingrid|Skarv|Terne|Albatross|Black Pearl|Viking Queen|Fulmar|Gannet|Sandpiper
Curlew|Dunlin|Osprey|Halcyon|Moonraker|Sundance|Odin|Freya|Saga|Polaris|Vega|Nordlys I|Nordlys II|Nordlys III
Calypso|Marigold|Pelican|Seabright`.split(/[|\n]/);

const owners = (): Row[] =>
  OWNERS.map((name, index) => {
    const company = name.endsWith(' AS');
    const local = name.toLowerCase().replace(/[^a-z]+/g, '.');
    return {
      id: `own_${pad(index + 1)}`,
      name,
      email: `${index === 6 ? 'thomas.berg2' : local}@${company ? 'boats.example' : 'mail.example'}`,
      phone: `+47 90 00 ${pad(index + 10, 2)} ${pad((index * 37) % 100, 2)}`,
      kind: company ? 'company' : 'private',
      memberSince: `${2008 + ((index * 5) % 18)}-0${1 + (index % 9)}-15`,
      address: { street: `${index + 3} Quay Street`, town: pick(['Larvik', 'Horten', 'Moss', 'Risør'], index) },
    };
  });

const pontoons = (): Row[] =>
  ['A', 'B', 'C', 'D', 'E'].map((letter, index) => ({
    id: letter,
    basinId: pick(['north', 'north', 'south', 'south', 'old'], index),
    name: `Pontoon ${letter}`,
    lengthM: 60 + index * 12,
  }));

const berths = (): Row[] =>
  ['A', 'B', 'C', 'D', 'E'].flatMap((letter, at) =>
    Array.from({ length: 9 }, (_, index) => ({
      id: `${letter}-0${index + 1}`,
      pontoonId: letter,
      maxLengthM: 8 + at * 3 + (index % 3),
      depthM: 2 + at * 0.5,
      shorePower: (index + at) % 3 !== 0,
      dailyRate: 180 + at * 60 + (index % 3) * 15,
      status: pick(['occupied', 'free', 'occupied', 'reserved', 'free', 'occupied', 'closed'], index + at * 2),
    })),
  );

const vessels = (): Row[] =>
  VESSELS.map((name, index) => ({
    id: `ves_${pad(index + 1)}`,
    name,
    registration: `NO-${4100 + index * 17}`,
    ownerId: `own_${pad(name.startsWith('Nordlys') ? 8 : 1 + ((index * 11) % 32))}`,
    kind: pick(['sail', 'motor', 'motor', 'sail', 'fishing', 'catamaran'], index),
    lengthM: 7 + ((index * 7) % 23) / 2,
    draughtM: 1 + (index % 5) * 0.4,
    berthId: index % 4 === 3 ? null : `${pick(['A', 'B', 'C', 'D', 'E'], index)}-0${1 + (index % 9)}`,
    insuredUntil: dayAt(-20 + ((index * 13) % 90)),
  }));

const bookings = (): Row[] =>
  Array.from({ length: 66 }, (_, index) => {
    const arrives = -24 + ((index * 29) % 51);
    const departs = arrives + 2 + (index % 6);
    const states =
      arrives > 0
        ? ['confirmed', 'requested', 'confirmed', 'cancelled', 'requested']
        : departs < 0
          ? ['checked_out', 'checked_out', 'cancelled']
          : ['checked_in'];
    return {
      id: `bkg_${pad(index + 101, 4)}`,
      vesselId: `ves_${pad(1 + ((index * 7) % 40))}`,
      berthId: `${pick(['A', 'B', 'C', 'D', 'E'], index)}-0${1 + ((index * 4) % 9)}`,
      arrivesOn: dayAt(arrives),
      departsOn: dayAt(departs),
      status: pick(states, index),
      guests: 1 + (index % 5),
      note: index % 9 === 0 ? 'Late arrival, after 22:00' : '',
    };
  });

const invoices = (): Row[] =>
  Array.from({ length: 72 }, (_, index) => {
    const issued = -71 + index;
    const state = pick(['paid', 'open', 'paid', 'overdue', 'paid', 'open', 'void'], index);
    const status = state === 'overdue' && issued > -15 ? 'open' : state;
    return {
      id: `inv_${pad(index + 301, 4)}`,
      number: `2026-${pad(index + 301, 4)}`,
      ownerId: `own_${pad(1 + ((index * 5) % 32))}`,
      issuedOn: dayAt(issued),
      dueOn: dayAt(issued + (status === 'overdue' ? 14 : 30)),
      amount: 400 + ((index * 317) % 5200),
      currency: 'NOK',
      status,
    };
  });

const jobs = (): Row[] =>
  Array.from({ length: 36 }, (_, index) => ({
    id: `job_${pad(index + 1)}`,
    vesselId: `ves_${pad(1 + ((index * 3) % 40))}`,
    title: pick(
      ['Antifouling', 'Rigging check', 'Engine service', 'Replace bilge pump', 'Hull polish', 'Keel repair'],
      index,
    ),
    status: pick(['planned', 'in_progress', 'done', 'planned', 'done'], index),
    workerId: index % 8 === 7 ? null : `wrk_0${1 + (index % 6)}`,
    dueOn: dayAt(-12 + ((index * 11) % 40)),
    estimatedHours: 2 + (index % 7),
    priority: pick(['normal', 'high', 'normal', 'low'], index),
  }));

const WORKERS = ['Bjarne Lie', 'Bjarte Lie', 'Tone Myhre', 'Dana Whitfield', 'Karim Aziz', 'Sven Rud'];

/** @returns the harbour's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  basins: [
    { id: 'north', name: 'North Basin', depthM: 4.5, lockable: false },
    { id: 'south', name: 'South Basin', depthM: 3.8, lockable: false },
    { id: 'old', name: 'Old Dock', depthM: 6, lockable: true },
  ],
  pontoons: pontoons(),
  berths: berths(),
  owners: owners(),
  vessels: vessels(),
  bookings: bookings(),
  invoices: invoices(),
  jobs: jobs(),
  workers: WORKERS.map((name, index) => ({
    id: `wrk_0${index + 1}`,
    name,
    trade: pick(['rigger', 'mechanic', 'painter', 'mechanic', 'electrician', 'crane operator'], index),
  })),
  cards: owners().flatMap((owner, index) =>
    Array.from({ length: 1 + (index % 2) }, (_, at) => ({
      id: `crd_${pad(index * 2 + at + 1)}`,
      ownerId: owner.id,
      label: at ? 'spare' : 'main',
      status: index % 7 === 4 ? 'blocked' : 'active',
    })),
  ),
  notes: vessels()
    .slice(0, 12)
    .map((vessel, index) => ({
      id: `nte_${pad(index + 1)}`,
      vesselId: vessel.id,
      text: pick(
        ['Leaks at the stern gland', 'Owner wants a berth closer to the shore', 'Spare key in the office'],
        index,
      ),
      writtenAt: `${dayAt(-40 + index * 3)}T10:15:00Z`,
    })),
  contracts: Array.from({ length: 30 }, (_, index) => ({
    id: `ctr_${pad(index + 1)}`,
    ownerId: `own_${pad(1 + ((index * 7) % 32))}`,
    berthId: `${pick(['A', 'B', 'C', 'D', 'E'], index)}-0${1 + (index % 9)}`,
    startsOn: dayAt(-330 + index * 3),
    endsOn: dayAt(-8 + index * 6),
    yearlyFee: 9000 + (index % 6) * 1500,
    status: index < 2 ? 'ended' : 'active',
  })),
  waitlist: Array.from({ length: 9 }, (_, index) => ({
    id: `wtl_${pad(index + 1)}`,
    ownerId: `own_${pad(3 + index * 3)}`,
    vesselLengthM: 7 + index,
    joinedOn: dayAt(-200 + index * 21),
    basinId: pick(['north', 'south', 'old'], index),
  })),
  payments: invoices()
    .filter(({ status }) => status === 'paid')
    .map((invoice, index) => ({
      id: `pay_${pad(index + 1)}`,
      invoiceId: invoice.id,
      amount: invoice.amount,
      method: pick(['card', 'transfer', 'cash'], index),
      paidOn: invoice.dueOn,
    })),
  readings: berths().flatMap((berth, index) =>
    ['electricity', 'water'].flatMap((meter, at) =>
      [-21, -14, -7, -1].map((offset, week) => ({
        id: `rdg_${pad(index * 8 + at * 4 + week + 1, 4)}`,
        berthId: berth.id,
        meter,
        value: 100 * (index + 1) + at * 40 + week * 9,
        readAt: `${dayAt(offset)}T07:30:00Z`,
      })),
    ),
  ),
  lifts: Array.from({ length: 24 }, (_, index) => ({
    id: `lft_${pad(index + 1)}`,
    vesselId: `ves_${pad(1 + ((index * 9) % 40))}`,
    kind: pick(['haul_out', 'launch', 'haul_out'], index),
    startsAt: `${dayAt(-9 + index)}T${pad(8 + (index % 7), 2)}:00:00Z`,
    durationMinutes: 60 + (index % 3) * 30,
    status: index < 9 ? 'done' : pick(['scheduled', 'scheduled', 'cancelled'], index),
  })),
  fuelSales: Array.from({ length: 40 }, (_, index) => ({
    id: `fsl_${pad(index + 1)}`,
    vesselId: `ves_${pad(1 + ((index * 13) % 40))}`,
    fuel: pick(['diesel', 'diesel', 'petrol'], index),
    litres: 40 + ((index * 23) % 160),
    total: 800 + ((index * 431) % 3000),
    soldAt: `${dayAt(-30 + Math.floor((index * 3) / 4))}T${pad(9 + (index % 8), 2)}:20:00Z`,
  })),
  notices: [
    'Dredging in the South Basin',
    'Fuel pier closed on Sundays',
    'Winter rules for shore power',
    'New gate codes',
  ].map((title, index) => ({
    id: `ntc_${pad(index + 1)}`,
    title,
    text: `${title}. Ask the harbour office for details.`,
    severity: pick(['warning', 'info'], index),
    publishedOn: dayAt(-48 + index * 15),
  })),
});
