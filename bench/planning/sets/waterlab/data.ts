import type { Row, Tables } from '../kit.ts';

const pad = (number: number, digits = 3) => String(number).padStart(digits, '0');
const pick = <T>(values: T[], index: number) => values[index % values.length]!;
/** @returns the date so many days after 25 November 2026 */
export const dayAt = (offset: number) => new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);

const CUSTOMERS = `Stadtwerke Hollen|M|lab@hollen
Stadtwerke Hollenbeck|M|water@hollenbeck
Brauerei Kern|I|quality@kern
Kern Textile|I|office@kerntextile
Camping Seeblick|P|info@seeblick
Hotel Seeblick|P|desk@hotelseeblick
Molkerei Tannfeld|I|labor@tannfeld
Gemeinde Ostrau|M|rathaus@ostrau
Familie Peters|P|peters@home
Familie Petersen|P|petersen@home
Aqua Park Nord|I|pool@aquapark
Klinik Am Wald|M|technik@amwald`.split('\n');

const ANALYSTS =
  'HB|Hedda Bruns;JW|Jens Wolff;JU|Jens Wulf;MC|Marta Conti;RS|Rolf Sander;RT|Rolf Sander;TN|Thuy Nguyen'.split(';');

const METHODS = `NO3|Nitrate|mg/l|50
NO2|Nitrite|mg/l|0.5
NH4|Ammonium|mg/l|0.5
PB|Lead|ug/l|10
CU|Copper|mg/l|2
FE|Iron|mg/l|0.2
MN|Manganese|mg/l|0.05
CL|Chloride|mg/l|250
SO4|Sulphate|mg/l|250
PH|pH value||9.5
EC|E. coli|/100ml|0
LEG|Legionella|/100ml|100
TRB|Turbidity|NTU|1`.split('\n');

const points = (): Row[] =>
  Array.from({ length: 34 }, (_, index) => ({
    pid: `P${pad(index + 1)}`,
    cid: `K${pad(1 + ((index * 5) % 12))}`,
    loc: `${pick(['Well', 'Pump house', 'Kitchen tap', 'Outlet', 'Basin', 'Cooling tower'], index)} ${1 + Math.floor(index / 6)}`,
    mat: pick(['DW', 'DW', 'WW', 'SW'], index),
    act: index % 11 !== 10,
  }));

const samples = (): Row[] =>
  Array.from({ length: 68 }, (_, index) => ({
    ref_no: `26-${pad(index + 401, 4)}`,
    pid: `P${pad(1 + ((index * 5) % 34))}`,
    d_tk: dayAt(-67 + index),
    d_rc: dayAt(Math.min(0, -66 + index)),
    st: index < 48 ? pick(['A', 'A', 'X', 'A', 'A'], index) : pick(['R', 'T', 'T', 'R'], index),
    an: index < 48 || index % 4 !== 3 ? pick(['HB', 'JW', 'MC', 'TN', 'RS', 'JU'], index * 5) : null,
    vol_ml: pick([500, 1000, 250], index),
    prio: index % 6 === 2 ? 1 : 2,
    rmk: index % 12 === 5 ? 'bottle cracked' : '',
  }));

const results = (): Row[] =>
  Array.from({ length: 90 }, (_, index) => {
    const [mth, , u, limit] = pick(METHODS, index * 4).split('|');
    const v = Math.round(Number(limit || 1) * (0.2 + ((index * 7) % 11) / 9) * 100) / 100;
    return {
      rid: `r${pad(index + 1, 4)}`,
      ref_no: `26-${pad(401 + Math.floor(index / 1.6), 4)}`,
      mth,
      val: v,
      u,
      flg: v > Number(limit) ? 'HI' : 'OK',
      d_ms: dayAt(-64 + Math.floor(index / 1.6)),
    };
  });

/** @returns the laboratory's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  cu: CUSTOMERS.map((line, index) => {
    const [nm, typ, em] = line.split('|');
    return {
      cid: `K${pad(index + 1)}`,
      nm,
      typ,
      em: `${em}.example`,
      tel: `040 77${pad(index * 31 + 100)}`,
      blk: index === 10,
    };
  }),
  pt: points(),
  smp: samples(),
  res: results(),
  mth: METHODS.map((line, index) => {
    const [mth, nm, u, limit] = line.split('|');
    return { mth, nm, u, lim: Number(limit), prc: 18 + ((index * 7) % 40) };
  }),
  an: ANALYSTS.map((line) => {
    const [an, nm] = line.split('|');
    return { an, nm, em: `${an!.toLowerCase()}@lab.example` };
  }),
  wk: Array.from({ length: 24 }, (_, index) => ({
    wid: `W${pad(index + 71)}`,
    mth: pick(METHODS, index * 3).split('|')[0],
    an: pick(['HB', 'JW', 'MC', 'TN', 'JU'], index),
    st: index < 13 ? 'C' : 'O',
    d_due: dayAt(-26 + index * 2),
    n_smp: 4 + ((index * 5) % 13),
  })),
  inv: Array.from({ length: 56 }, (_, index) => ({
    ino: `F${pad(index + 901, 4)}`,
    cid: `K${pad(1 + ((index * 7) % 12))}`,
    amt: 60 + ((index * 173) % 1900),
    st: index < 26 ? pick(['P', 'P', 'L', 'P'], index) : pick(['O', 'P', 'O', 'O'], index),
    d_is: dayAt(-112 + index * 2),
  })),
});
