import type { Row, Tables } from '../kit.ts';

const pad = (number: number, digits = 3) => String(number).padStart(digits, '0');
const pick = <T>(values: T[], index: number) => values[index % values.length]!;
/** @returns the date so many days after 25 November 2026 */
export const dayAt = (offset: number) => new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);

const BEEKEEPERS =
  `Ola Brandt|Olaf Brandt|Mira Jensen|Mira Jensen|Tom Ashby|Tim Ashby|Rosa Delgado|Ewan Price|Hilde Krog|Samir Haddad
Agnes Birch|Noah Lindqvist|Judith Amsel`.split(/[|\n]/);
const SITES =
  'Oakfield|Oakfield North|Mill Street|Heather Moor|Orchard End|Quarry Bank|Station Roof|Vicarage|Long Meadow|Lime Avenue'.split(
    '|',
  );
const HIVES =
  `Marigold|Bluebell|Clover|Foxglove|Primrose|Lavender|Thistle|Heather|Bramble|Hawthorn|Clover|Sorrel|Tansy|Yarrow|Borage
Comfrey|Mallow|Teasel|Burdock|Campion|Cowslip|Dogwood|Elder|Fennel|Gorse|Hyssop|Ivy|Juniper|Larkspur|Myrtle|Nettle|Oxlip
Poppy|Ragwort|Saffron|Valerian`.split(/[|\n]/);
const CUSTOMERS =
  'Corner Deli|Corner Bakery|The Copper Kettle|Green Basket|Hotel Miramar|Anna Schuster|Farm Shop Elmhurst'.split('|');

const hives = (): Row[] =>
  HIVES.map((name, index) => ({
    id: `hv_${pad(index + 1)}`,
    name,
    apiary_id: `ap_${pad(1 + ((index * 3) % 10), 2)}`,
    status: pick(['strong', 'strong', 'weak', 'strong', 'queenless', 'strong', 'weak'], index),
    boxes: 1 + (index % 4),
    installed_on: dayAt(-1500 + index * 37),
  }));

const sales = (): Row[] =>
  Array.from({ length: 64 }, (_, index) => ({
    id: `sl_${pad(index + 1, 4)}`,
    customer: pick(CUSTOMERS, index * 3),
    jars: 2 + ((index * 5) % 23),
    jar_grams: pick([250, 500], index),
    total_cents: (2 + ((index * 5) % 23)) * pick([420, 790], index),
    ordered_on: dayAt(-96 + Math.floor(index * 1.5)),
    status:
      index < 44
        ? pick(['delivered', 'delivered', 'refunded', 'delivered'], index)
        : pick(['ordered', 'packed', 'ordered'], index),
  }));

/** @returns the beekeepers' records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  keepers: BEEKEEPERS.map((name, index) => ({
    id: `kp_${pad(index + 1, 2)}`,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}${index === 3 ? '.2' : ''}@bees.example`,
    phone: `0555 01${pad(20 + index * 3, 2)}`,
    role: pick(['keeper', 'keeper', 'apprentice', 'inspector'], index),
  })),
  apiaries: SITES.map((name, index) => ({
    id: `ap_${pad(index + 1, 2)}`,
    name,
    keeper_id: `kp_${pad(1 + ((index * 4) % 13), 2)}`,
    town: pick(['Elmhurst', 'Hadley', 'Marsh End'], index),
    altitude_m: 40 + ((index * 67) % 380),
  })),
  hives: hives(),
  queens: hives().map((hive, index) => ({
    id: `qn_${pad(index + 1)}`,
    hive_id: hive.id,
    breed: pick(['carnica', 'buckfast', 'mellifera'], index),
    born_year: 2022 + ((index * 3) % 5),
    marked: pick(['blue', 'white', 'yellow', 'none'], index),
  })),
  harvests: Array.from({ length: 84 }, (_, index) => ({
    id: `hr_${pad(index + 1)}`,
    hive_id: `hv_${pad(1 + ((index * 5) % 36))}`,
    honey: pick(['heather', 'lime', 'rape', 'forest', 'lime'], index),
    weight_grams: 4200 + ((index * 1370) % 15500),
    harvested_on: dayAt(-500 + index * 5),
  })),
  inspections: Array.from({ length: 66 }, (_, index) => ({
    id: `in_${pad(index + 1)}`,
    hive_id: `hv_${pad(1 + ((index * 7) % 36))}`,
    keeper_id: `kp_${pad(1 + ((index * 5) % 13), 2)}`,
    inspected_at: `${dayAt(-98 + Math.floor(index * 1.5))}T${pad(8 + (index % 9), 2)}:30:00Z`,
    mites: (index * 11) % 19,
    temper: pick(['calm', 'calm', 'nervous', 'aggressive'], index),
    remarks: pick(['Plenty of stores', 'Brood in two boxes', 'Wax moth on the floor', 'Queen not seen'], index),
  })),
  treatments: Array.from({ length: 40 }, (_, index) => ({
    id: `tr_${pad(index + 1)}`,
    hive_id: `hv_${pad(1 + ((index * 11) % 36))}`,
    product: pick(['oxalic acid', 'formic acid', 'thymol'], index),
    dose_ml: 20 + (index % 5) * 10,
    started_on: dayAt(-80 + index * 2),
    ended_on: index < 24 ? dayAt(-60 + index * 2) : null,
    status: index < 24 ? 'ended' : 'running',
  })),
  sales: sales(),
  swarms: Array.from({ length: 33 }, (_, index) => ({
    id: `sw_${pad(index + 1)}`,
    place: `${pick(['Church tower', 'School yard', 'Garden fence', 'Bus shelter', 'Apple tree'], index)}, ${pick(['Elmhurst', 'Hadley', 'Marsh End'], index)}`,
    reported_at: `${dayAt(-190 + index * 5)}T15:45:00Z`,
    status: index < 24 ? pick(['collected', 'collected', 'gone'], index) : pick(['open', 'assigned', 'open'], index),
    keeper_id: index < 24 || index % 3 === 1 ? `kp_${pad(1 + (index % 13), 2)}` : null,
  })),
});
