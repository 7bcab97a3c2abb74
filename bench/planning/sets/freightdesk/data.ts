import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const CUSTOMERS =
  `Pemberton Glass|Pemberton Glass Recycling|Pemberton Glazing|Thornbury Mills|Thornbury Tiles|Ashdown Brewery|Ashdown Foods
Kestrel Furniture|Marlow Paper|Marlow & Sons|Hightown Ceramics|Brackley Seeds|Northgate Paints|Northgate Plumbing|Oldfield Bakers
Severn Steel|Severn Timber|Quayside Coffee|Redhill Tyres|Upton Textiles|Verity Lamps|Wexford Cables|Yardley Soap|Ziegler Tools
Fenwick Toys|Gilmour Carpets|Ivybridge Wool|Jarrow Pumps|Langley Motors|Dalton Bricks|Easton Garden Supplies|Hartwell Books`.split(
    /[|\n]/,
  );
const DRIVERS =
  `Sean Mulligan|Shaun Mulligan|Chris Walker|Amina Yusuf|Derek Holt|Gwen Pritchard|Chris Walker|Piotr Lis|Kelly Frost
Raj Sandhu|Tony Marsh|Toni Marsh|Bill Hargreaves|Joanne Speight`.split(/[|\n]/);
export const DEPOTS = ['LEE', 'BRI', 'GLA', 'NOR'];
const DEPOT_NAMES = ['Leeds', 'Bristol', 'Glasgow', 'Norwich'];
const TOWNS = ['York', 'Bath', 'Perth', 'Ely', 'Hull', 'Exeter', 'Stirling', 'Ipswich', 'Derby', 'Cardiff'];
const PLATES =
  `LK19 TRE|MX21 OPA|LK19 TRB|YD70 KLM|BV68 WES|SF22 HJU|NA20 PLO|YK18 DDR|BX73 ZUM|SH19 VAT|NB71 CEL|YJ22 FOG|WX69 BIN|GL18 TOR
LS20 MUD|MX21 OPE|NR19 SKY|BT72 ROW`.split(/[|\n]/);

function consignments(): Row[] {
  const { next, pick } = chance(101);
  return Array.from({ length: 150 }, (_, index) => {
    const offset = Math.floor(-88 + index * 0.58);
    const roll = next(12);
    return {
      conNo: `FD-${260301 + index * 3}`,
      custNo: `${10021 + next(CUSTOMERS.length)}`,
      dp: pick(DEPOTS),
      dest: pick(TOWNS),
      pcs: 1 + next(24),
      kg: 40 + next(2300),
      bookDt: dayAt(offset),
      st: index > 130 ? pick(['NEW', 'COL', 'HLD']) : roll === 0 ? 'HLD' : roll === 1 ? 'RET' : 'DEL',
      ref: `PO ${4000 + next(5000)}`,
    };
  });
}

function runs(): Row[] {
  const { next, pick } = chance(67);
  return Array.from({ length: 88 }, (_, index) => {
    const offset = Math.floor(-40 + index * 0.5);
    return {
      runNo: `R${5501 + index}`,
      dt: dayAt(offset),
      drvNo: `D${pad(101 + ((index * 3) % 14))}`,
      regNo: pick(PLATES),
      dp: pick(DEPOTS),
      st: offset < 0 ? 'DONE' : offset === 0 ? 'OUT' : 'PLAN',
      conNos: [`FD-${260301 + next(150) * 3}`],
    };
  });
}

function charges(): Row[] {
  const { next, pick } = chance(131);
  const all = consignments();
  const thornbury = all.filter(({ custNo }) => custNo === '10024');
  return Array.from({ length: 170 }, (_, index) => {
    const offset = Math.floor(-85 + index * 0.5);
    const con = index % 6 === 1 && thornbury.length ? pick(thornbury) : pick(all);
    return {
      chgNo: `C${30201 + index}`,
      custNo: con.custNo,
      conNo: con.conNo,
      kind: pick(['FRT', 'FRT', 'FRT', 'FRT', 'FUEL', 'WAIT', 'STOR']),
      amt: 18 + next(310) * 2.25,
      dt: dayAt(offset),
      paid: offset < -30 ? next(9) > 0 : next(3) === 0,
      txt: '',
    };
  });
}

/** @returns the haulier's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => {
  const { next, pick } = chance(17);
  return {
    depots: DEPOTS.map((dp, index) => ({ dp, nm: DEPOT_NAMES[index], tel: `01632 9605${pad(12 + index * 9, 2)}` })),
    customers: CUSTOMERS.map((nm, index) => ({
      custNo: `${10021 + index}`,
      nm,
      cty: pick(TOWNS),
      contact: pick(['Ann Teague', 'Bob Lister', 'Carol Finch', 'Dev Rao', 'Ed Nunn']),
      em: `transport@${nm.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example`,
      tel: `01632 960${pad(100 + index * 7)}`,
      crLimit: 1000 * (2 + next(24)) + index * 50,
      stopped: index % 9 === 8,
    })),
    drivers: DRIVERS.map((nm, index) => ({
      drvNo: `D${pad(101 + index)}`,
      nm,
      mob: `07700 900${pad(110 + index * 23)}`,
      dp: DEPOTS[(index * 3) % 4],
      cl: ['C', 'CE', 'C1'][index % 3],
      act: index !== 9,
    })),
    vehicles: PLATES.map((regNo, index) => ({
      regNo,
      ty: ['VAN', 'RIG', 'ART'][index % 3],
      dp: DEPOTS[index % 4],
      maxKg: [1200, 9000, 24000][index % 3],
      st: index % 8 === 5 ? 'WKS' : 'OK',
      motDt: dayAt(-20 + index * 19),
    })),
    consignments: consignments(),
    runs: runs(),
    charges: charges(),
    bookings: [{ bkNo: 'W801', regNo: 'SF22 HJU', dt: dayAt(-1), remark: 'clutch' }],
  };
};
