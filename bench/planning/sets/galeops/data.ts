import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const SITES: [id: string, name: string, code: string, turbines: number, region: string][] = [
  ['st_4kq', 'Harrow Ridge', 'HR', 8, 'north'],
  ['st_9fd', 'Harrow Ridge East', 'HE', 5, 'north'],
  ['st_2mx', 'Skerry Bank', 'SB', 12, 'coast'],
  ['st_7tb', 'Lowmoor', 'LM', 6, 'south'],
  ['st_1vz', 'Lowmere', 'LR', 4, 'south'],
  ['st_8cn', 'Cold Fell', 'CF', 7, 'north'],
  ['st_3hw', 'Dunmore Sands', 'DS', 18, 'coast'],
  ['st_6pj', 'Whinny Hill', 'WH', 3, 'south'],
];
const TECHNICIANS =
  `Priya Raman|Tomasz Wilk|Tomas Wilke|Ingrid Solheim|Daniel Okafor|Kirsty Munro|Jan de Vries|Daniel Okafor|Lars Mikkelsen
Fatima Benali|Euan Sinclair|Ewan Sinclair|Marek Dudek|Sofia Lindholm`.split(/[|\n]/);
const TITLES =
  `Gearbox oil sample|Replace anemometer|Inspect blade bolts|Retorque tower flange|Yaw drive noise|Replace pitch battery
Clean nacelle filter|Check lightning receptors|Hydraulic leak at brake|Update controller firmware|Rope access blade inspection
Grease main bearing|Replace aviation light|Repair access ladder|Transformer oil test|Calibrate wind vane`.split(
    /[|\n]/,
  );
const CODES: [string, string][] = [
  ['PT-110', 'Pitch angle deviates'],
  ['GB-204', 'Gearbox oil temperature high'],
  ['YW-031', 'Yaw motor overload'],
  ['GE-415', 'Generator vibration'],
  ['CM-007', 'Communication lost'],
];
const BASES = ['Aberdeen', 'Esbjerg', 'Emden'];

function turbines(): Row[] {
  const { next, pick } = chance(5);
  return SITES.flatMap(([site, , code, count], place) =>
    Array.from({ length: count }, (_, index) => ({
      id: `tb_${'bcdfghjk'[place]}${pad(7 + index * 3, 2)}${'mnpqrstv'[next(8)]}`,
      site_id: site,
      name: `${code}-${pad(index + 1, 2)}`,
      model: pick(['V90', 'V112', 'E-82', 'SG 4.5']),
      rated_kw: pick([2000, 3000, 3450]),
      state: next(6) === 0 ? 'paused' : next(12) === 0 ? 'faulted' : 'running',
      commissioned_on: dayAt(-3600 + place * 311 + index * 9),
    })),
  );
}

function faults(): Row[] {
  const { next, pick } = chance(29);
  const all = turbines();
  return Array.from({ length: 96 }, (_, index) => {
    const [code, message] = pick(CODES);
    const offset = Math.floor(-150 + index * 1.57);
    const open = index > 60 && next(5) < 3;
    return {
      id: `ft_${pad(3301 + index * 2, 4)}`,
      turbine_id: pick(all).id,
      code,
      message,
      severity: pick(['info', 'warning', 'warning', 'critical']),
      state: open ? 'open' : next(4) === 0 ? 'acknowledged' : 'cleared',
      raised_at: `${dayAt(offset === -7 || offset === -6 ? -5 : offset)}T${pad(next(9), 2)}:${pad(next(60), 2)}:00Z`,
      comment: null,
    };
  });
}

function workOrders(): Row[] {
  const { next, pick } = chance(71);
  const all = turbines();
  return Array.from({ length: 110 }, (_, index) => {
    const site = SITES[next(SITES.length)]!;
    const there = all.filter(({ site_id }) => site_id === site[0]);
    const state =
      index < 46 ? pick(['completed', 'completed', 'archived']) : pick(['open', 'open', 'in_progress', 'completed']);
    const started = state !== 'open';
    return {
      id: `WO-${1001 + index}`,
      site_id: site[0],
      turbine_id: next(5) === 0 ? null : pick(there).id,
      title: TITLES[(index * 5 + next(3)) % TITLES.length],
      description: null,
      priority: pick(['low', 'normal', 'normal', 'high']),
      state,
      technician_id: started ? `tc_${pad(21 + next(14), 2)}` : null,
      created_on: dayAt(-200 + Math.floor(index * 1.8)),
      due_on: dayAt(-170 + Math.floor(index * 1.9) + next(12)),
      hours_spent: state === 'completed' || state === 'archived' ? 1 + next(9) + next(30) / 4 : null,
    };
  });
}

function outputs(): Row[] {
  const { next } = chance(83);
  return turbines().flatMap((turbine) =>
    Array.from({ length: 50 }, (_, index) => ({
      turbine_id: turbine.id,
      date: dayAt(-50 + index),
      kwh: 4000 + next(48000),
      downtime_minutes: next(4) === 0 ? next(600) : 0,
    })),
  );
}

/** @returns the operator's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  sites: SITES.map(([id, name, , count, region]) => ({ id, name, region, turbine_count: count })),
  turbines: turbines(),
  faults: faults(),
  outputs: outputs(),
  technicians: TECHNICIANS.map((name, index) => ({
    id: `tc_${pad(21 + index, 2)}`,
    name,
    email: `${name.toLowerCase().replaceAll(' ', '.')}${index === 7 ? '2' : ''}@galeops.example`,
    phone: `+44 20 7946 0${pad(211 + index * 13)}`,
    base: BASES[(index * 2) % 3],
    certified_until: dayAt(-40 + index * 37),
  })),
  work_orders: workOrders(),
  notes: Array.from({ length: 44 }, (_, index) => ({
    id: `nt_${pad(index + 1)}`,
    work_order_id: `WO-${1001 + ((index * 17) % 110)}`,
    text: ['Parts are on order', 'Waiting for calm weather', 'Access road was blocked', 'Second visit needed'][
      index % 4
    ],
    created_at: `${dayAt(-60 + index)}T14:20:00Z`,
  })),
});
