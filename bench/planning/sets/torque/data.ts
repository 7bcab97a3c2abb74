import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const CUSTOMERS =
  `Hollis & Daughters Ltd|Dunmore Taxis|Gareth Price|Odette Marchand|Basil Ferncombe|Lindy Cropper|Rashid Anwar
Tessa Goldring|Norbert Flack|Gareth Price|Petal & Stem Florists|Wilf Ashworth|Corinne Bassey|Dougal Strang|Effie Lunn|Fulton Bakery
Ivy Hargreave|Jerome Tuck|Kelda Roscoe|Lorcan Byrne|Minnie Oakes|Nils Haugen|Oldacre Dairy|Pru Danvers|Ralph Sibley|Sunniva Moe
Thaddeus Coe|Una Brock|Verity Lamb|Walt Innes|Yolanda Crisp|Zeb Cutler|Amos Trickett|Blanche Duval|Clem Rudge|Daphne Orrin`.split(
    /[|\n]/,
  );
const CARS: [make: string, models: string[]][] = [
  ['FORD', ['FIESTA', 'TRANSIT', 'FOCUS']],
  ['VAUXHALL', ['CORSA', 'VIVARO']],
  ['TOYOTA', ['PRIUS', 'YARIS']],
  ['SKODA', ['OCTAVIA', 'FABIA']],
  ['VOLVO', ['V60', 'XC40']],
];
const MECHANICS = ['Ilse', 'Bartek', 'Mo', 'Sven'];
const WORK = [
  'Full service',
  'Front brake pads',
  'MOT and service',
  'Clutch slips',
  'Engine light on',
  'Replace exhaust rear box',
  'Air con does not cool',
  'Two tyres front',
];
const PARTS: [string, string][] = [
  ['BD-3310', 'BRAKE DISC FRONT 280MM'],
  ['BD-3342', 'BRAKE DISC REAR 260MM'],
  ['BP-1107', 'BRAKE PAD SET FRONT'],
  ['BP-1108', 'BRAKE PAD SET REAR'],
  ['OF-0204', 'OIL FILTER'],
  ['AF-0311', 'AIR FILTER'],
  ['CF-0340', 'CABIN FILTER'],
  ['SP-2001', 'SPARK PLUG IRIDIUM'],
  ['WB-0600', 'WIPER BLADE 600MM'],
  ['WB-0450', 'WIPER BLADE 450MM'],
  ['BT-0070', 'BATTERY 70AH'],
  ['BT-0095', 'BATTERY 95AH STOP-START'],
  ['TB-5521', 'TIMING BELT KIT'],
  ['WP-5530', 'WATER PUMP'],
  ['TH-5544', 'THERMOSTAT'],
  ['CL-7710', 'CLUTCH KIT 3PC'],
  ['EX-8102', 'EXHAUST REAR BOX'],
  ['EX-8190', 'EXHAUST CLAMP 50MM'],
  ['SA-4410', 'SHOCK ABSORBER FRONT'],
  ['SA-4411', 'SHOCK ABSORBER REAR'],
  ['CS-4488', 'COIL SPRING'],
  ['TR-4502', 'TRACK ROD END'],
  ['WH-4601', 'WHEEL BEARING KIT'],
  ['CV-4710', 'CV BOOT KIT'],
  ['AL-6120', 'ALTERNATOR 120A'],
  ['ST-6201', 'STARTER MOTOR'],
  ['BL-0007', 'BULB H7'],
  ['BL-0021', 'BULB P21W'],
  ['CO-0005', 'COOLANT 5L'],
  ['OI-0530', 'ENGINE OIL 5W30 5L'],
];
const LETTERS = 'BCDFGHJKLMNPRSTVWXYZ';

function vehicles(): Row[] {
  const { next, pick } = chance(13);
  const letter = () => LETTERS[next(20)];
  return Array.from({ length: 54 }, (_, index) => {
    const [mk, models] = CARS[index % 9 < 5 ? index % 5 : next(5)]!;
    const yr = 2011 + next(13);
    return {
      vid: `V${pad(601 + index, 5)}`,
      reg: `${letter()}${letter()}${pad(yr - 2000, 2)} ${letter()}${letter()}${letter()}`,
      mk,
      mdl: pick(models),
      yr,
      odo: 14000 + next(150) * 731,
      mot: dayAt(-20 + ((index * 29) % 340)),
      cno: String(1101 + ((index * 7) % 36)),
    };
  });
}

function jobs(): Row[] {
  const { next, pick } = chance(37);
  return Array.from({ length: 92 }, (_, index) => {
    const offset = -72 + Math.floor(index * 0.83);
    const sunday = new Date(`${dayAt(offset)}T00:00:00Z`).getUTCDay() === 0;
    const roll = next(5);
    return {
      jno: String(40241 + index),
      vid: `V${pad(601 + ((index * 17 + next(3)) % 54), 5)}`,
      dt_in: dayAt(sunday ? offset + 1 : offset),
      txt: pick(WORK),
      mech: MECHANICS[next(4)],
      est: 45 + next(120) * 5,
      st: offset < -12 ? 'C' : offset > 0 ? 'O' : ['O', 'W', 'R', 'R', 'C'][roll],
    };
  });
}

function parts(): Row[] {
  const { next } = chance(53);
  return PARTS.map(([pno, dsc], index) => ({
    pno,
    dsc,
    qty: index % 7 === 3 || index === 28 ? next(3) : 3 + next(24),
    min: 2 + next(4),
    prc: (390 + next(2400) * 5) / 100,
    bin: `${'ABCD'[index % 4]}${pad(1 + (index % 9), 2)}`,
  }));
}

function invoices(): Row[] {
  const { next } = chance(67);
  return Array.from({ length: 88 }, (_, index) => {
    const offset = -94 + Math.floor(index * 1.06);
    return {
      ino: String(90201 + index),
      cno: String(1101 + ((index * 5 + next(2)) % 36)),
      dt: dayAt(offset),
      amt: 60 + next(1300) / 2,
      st: next(4) === 0 && offset > -70 ? 'U' : 'P',
    };
  });
}

/** @returns the records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  customers: CUSTOMERS.map((nm, index) => ({
    cno: String(1101 + index),
    nm,
    tel: `01204 555${pad(117 + index * 19)}`,
    eml: `${nm.toLowerCase().replaceAll(/[^a-z]+/g, '.')}${CUSTOMERS.indexOf(nm) < index ? '2' : ''}@mail.example`,
    cty: ['BOLTON', 'BURY', 'BOLTON', 'CHORLEY', 'WIGAN'][index % 5],
  })),
  vehicles: vehicles(),
  jobs: jobs(),
  parts: parts(),
  invoices: invoices(),
});
