import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const OUTLETS = `The Wild Goose|pub|Riverside|Petra Lindqvist
The Anchor Tap|bar|Docks|Omar Haddad
The Red Lion|pub|Upper Town|Gwen Pascoe
Sparrow & Vine|restaurant|Riverside|Luc Fontaine
The Cooper’s Arms|pub|Mill End|Brenda Okafor
Hop & Barrow|bottle_shop|Upper Town|Kit Marlowe
The Railway Inn|pub|Station|Ted Vickers
Copper Kettle|restaurant|Docks|Ines Moreau
The Lock Keeper|pub|Canal Side|Dilys Hopkins
The Red Lion|pub|Mill End|Shaun Tranter
Cask Corner|bottle_shop|Station|Noor Aziz
The Blue Heron|pub|Canal Side|Harvey Stott
Number Nine|bar|Riverside|Sofia Bianchi
The Plough|pub|Mill End|Agnes Reid
Fern & Fig|restaurant|Upper Town|Tomas Vrba
The Bell Ringers|pub|Upper Town|Maud Elsworth
Driftwood|bar|Docks|Callan Burke
The Weavers|pub|Canal Side|Rosie Nuttall
The Signal Box|bar|Station|Peter Amadi
The Fox Under the Hill|pub|Mill End|Lena Croft
The Gallery Bar|bar|Upper Town|Yusuf Kaya
The Old Forge|pub|Riverside|Nell Garside
Table Fourteen|restaurant|Station|Ciara Doyle
The Ferry Steps|pub|Docks|Winston Grange`.split('\n');

const BEERS = `TWB|Towpath Bitter|bitter|3.8|true
LMP|Lamplighter|stout|4.9|true
HGP|Hedgerow Pale|pale_ale|4.2|true
SKY|Skylark|ipa|5.6|true
FRG|Frost Giant|porter|6.1|true
MLM|Miller’s Mild|mild|3.4|true
WHN|White Heron|wheat|4.7|false
ORS|Orchard Saison|saison|5.2|false
GLF|Golden Fleece|golden_ale|4|true`.split('\n');

const BATCHES = `B26-031|TWB|2026-09-14|packaged|1650|
B26-032|GLF|2026-09-18|packaged|1640|
B26-033|LMP|2026-09-24|packaged|820|
B26-034|SKY|2026-09-29|packaged|1590|
B26-035|HGP|2026-10-02|dumped|1600|
B26-036|TWB|2026-10-06|packaged|1660|
B26-037|MLM|2026-10-12|packaged|810|
B26-038|HGP|2026-10-19|packaged|1630|
B26-039|FRG|2026-10-23|conditioning|790|CT1
B26-040|GLF|2026-11-02|conditioning|1650|CT2
B26-041|SKY|2026-11-09|fermenting|1580|FV1
B26-042|LMP|2026-11-11|conditioning|815|CT4
B26-043|HGP|2026-11-13|fermenting|1625|FV3
B26-044|TWB|2026-11-16|fermenting|1655|FV2
B26-045|MLM|2026-11-19|fermenting|805|FV5
B26-046|TWB|2026-11-25|mashing|1650|MT`.split('\n');

const READINGS: [batch: string, takenOn: string, gravity: number, temperature: number][] = [
  ['B26-041', '2026-11-10', 1.054, 19],
  ['B26-041', '2026-11-14', 1.031, 20.5],
  ['B26-041', '2026-11-18', 1.019, 20],
  ['B26-041', '2026-11-23', 1.013, 18.5],
  ['B26-043', '2026-11-14', 1.041, 19],
  ['B26-043', '2026-11-20', 1.017, 19.5],
  ['B26-044', '2026-11-17', 1.037, 18],
  ['B26-044', '2026-11-24', 1.009, 17.5],
  ['B26-045', '2026-11-20', 1.033, 19],
];

const CASK_STATES = ['clean', 'filled', 'out', 'out', 'out', 'dirty'];
const ROUNDS = `2026-11-23|Jonas Pike|Van 1
2026-11-24|Bea Holroyd|Van 2
2026-11-25|Jonas Pike|Van 1
2026-11-26|Marek Zielinski|Van 3
2026-11-27|Bea Holroyd|Van 2
2026-11-30|Jonas Pike|Van 1`.split('\n');

const beers = (): Row[] =>
  BEERS.map((line, index) => {
    const [code, name, style, abv, available] = line.split('|');
    const firkin = 84 + index * 4;
    const prices = { firkin, keg_30l: firkin + 21, case_12: 28 + index };
    return { code, name, style, abv: Number(abv), available: available === 'true', prices };
  });

function orders(): Row[] {
  const { next, pick } = chance(71);
  const all = beers();
  return Array.from({ length: 70 }, (_, index) => {
    const offset = -62 + Math.floor(index * 0.88);
    const chosen = new Set(Array.from({ length: 1 + next(3) }, () => next(9)));
    const lines = [...chosen].map((at) => {
      const container = pick(['firkin', 'keg_30l', 'case_12'] as const);
      const beer = all[at] as { code: string; prices: Record<string, number> };
      return { beerCode: beer.code, container, quantity: 1 + next(5), price: beer.prices[container]! };
    });
    const late = ['draft', 'confirmed', 'confirmed', 'draft', 'dispatched'][next(5)];
    return {
      orderNo: `SO-26-${1131 + index}`,
      outletId: `OUT-${pad(401 + ((index * 11 + next(3)) % 24), 4)}`,
      placedOn: dayAt(offset),
      deliverOn: dayAt(offset + 4),
      status: offset > -6 ? late : next(9) === 0 ? 'cancelled' : 'delivered',
      lines: lines.map(({ price: _, ...line }) => line),
      total: lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
    };
  });
}

function casks(): Row[] {
  const { next, pick } = chance(29);
  return Array.from({ length: 64 }, (_, index) => {
    const state = pick(CASK_STATES);
    const out = state === 'out';
    return {
      id: `K-${pad(70 + index, 4)}`,
      size: pick(['pin', 'firkin', 'firkin', 'keg_30l']),
      state,
      outletId: out ? `OUT-${pad(401 + next(12), 4)}` : null,
      outSince: out ? dayAt(-3 - next(80)) : null,
    };
  });
}

/** @returns the brewery’s books as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  outlets: OUTLETS.map((line, index) => {
    const [name, kind, area, contactName] = line.split('|');
    const phone = `01632 960${pad(104 + index * 23)}`;
    return {
      id: `OUT-${pad(401 + index, 4)}`,
      name,
      kind,
      area,
      contactName,
      phone,
      creditLimit: 800 + (index % 5) * 300,
    };
  }),
  beers: beers(),
  orders: orders(),
  batches: BATCHES.map((line) => {
    const [batchNo, beerCode, brewedOn, stage, litres, tank] = line.split('|');
    return { batchNo, beerCode, brewedOn, stage, litres: Number(litres), tank: tank || null };
  }),
  readings: READINGS.map(([batchNo, takenOn, gravity, temperatureC]) => ({ batchNo, takenOn, gravity, temperatureC })),
  casks: casks(),
  rounds: ROUNDS.map((line, index) => {
    const [date, driver, van] = line.split('|');
    return { roundNo: `RND-${612 + index}`, date, driver, van, stops: 4 + ((index * 3) % 7) };
  }),
});
