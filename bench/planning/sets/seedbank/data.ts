import type { Row, Tables } from '../kit.ts';

const pad = (number: number, digits = 3) => String(number).padStart(digits, '0');
const pick = <T>(values: T[], index: number) => values[index % values.length]!;
/** @returns the date so many days after 25 November 2026 */
export const dayAt = (offset: number) => new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);

const TAXA = `Arnica montana|Mountain arnica|Asteraceae
Gentiana lutea|Great yellow gentian|Gentianaceae
Gentiana verna|Spring gentian|Gentianaceae
Gentiana acaulis|Stemless gentian|Gentianaceae
Leontopodium nivale|Edelweiss|Asteraceae
Primula auricula|Bear's ear|Primulaceae
Primula veris|Cowslip|Primulaceae
Primula farinosa|Bird's-eye primrose|Primulaceae
Hordeum vulgare|Barley|Poaceae
Hordeum spontaneum|Wild barley|Poaceae
Triticum monococcum|Einkorn wheat|Poaceae
Triticum dicoccum|Emmer wheat|Poaceae
Secale cereale|Rye|Poaceae
Lens culinaris|Lentil|Fabaceae
Vicia faba|Broad bean|Fabaceae
Lathyrus sativus|Grass pea|Fabaceae
Pulsatilla alpina|Alpine pasqueflower|Ranunculaceae
Aquilegia alpina|Alpine columbine|Ranunculaceae
Campanula barbata|Bearded bellflower|Campanulaceae
Dianthus alpinus|Alpine pink|Caryophyllaceae
Silene acaulis|Moss campion|Caryophyllaceae
Papaver alpinum|Alpine poppy|Papaveraceae`.split('\n');

const COLLECTORS =
  'Lena Hofer|Lena Hofmann|Maria Keller|Maria Keller|Tariq Aslam|Johan Lund|Chiara Bruni|Wen Li|Pavel Kos';

const INSTITUTIONS = `Botanical Garden Graz|AT|Ulrike Steiner
Botanical Garden Geneva|CH|Luc Favre
Botanical Garden Genoa|IT|Paola Ricci
Alpine Research Station Obergurgl|AT|Martin Egger
Alpine Institute Grenoble|FR|Claire Martin
Kew Conservation Trust|GB|Rose Thornton
Nordic Grain Institute|SE|Astrid Ek
Andean Potato Centre|PE|Rosa Quispe
Wageningen Plant Lab|NL|Bram de Wit
Heritage Wheat Association|DE|Jana Vogel
Ljubljana Herbarium|SI|Miha Zupan
Prairie Restoration Fund|US|Kate Monroe`.split('\n');

const accessions = (): Row[] =>
  Array.from({ length: 64 }, (_, index) => ({
    number: `SB-${pad(2001 + index, 4)}`,
    taxonId: `tx-${101 + ((index * 5) % TAXA.length)}`,
    collectorId: `col-${1 + ((index * 4) % 9)}`,
    collectedOn: dayAt(-1400 + index * 22),
    country: pick(['AT', 'CH', 'IT', 'SI', 'FR'], index * 3),
    seedCount: 40 + ((index * 353) % 4100),
    weightGrams: Math.round(10 * (2 + ((index * 7.3) % 55))) / 10,
    viabilityPercent: 52 + ((index * 17) % 47),
    vaultId: pick(['V1', 'V2', 'V3'], index),
    status: pick(['stored', 'stored', 'quarantine', 'stored', 'depleted', 'stored', 'stored', 'withdrawn'], index),
    remarks: index % 10 === 3 ? 'Mixed with chaff, clean again' : '',
  }));

const tests = (): Row[] =>
  Array.from({ length: 46 }, (_, index) => {
    const status = index < 32 ? pick(['finished', 'finished', 'failed', 'finished'], index) : 'running';
    return {
      id: `gt-${pad(index + 1)}`,
      accession: `SB-${pad(2001 + ((index * 9) % 64), 4)}`,
      startedOn: dayAt(-160 + index * 3 + (index % 3)),
      status,
      temperatureC: pick([5, 15, 20, 25], index),
      sown: pick([50, 100], index),
      germinated: status === 'finished' ? pick([31, 44, 27, 49, 38], index) : null,
    };
  });

const requests = (): Row[] =>
  Array.from({ length: 52 }, (_, index) => ({
    id: `rq-${pad(index + 1, 4)}`,
    institutionId: `ins-${pad(1 + ((index * 5) % 12), 2)}`,
    accession: `SB-${pad(2001 + ((index * 11) % 64), 4)}`,
    seeds: 25 * (1 + ((index * 7) % 20)),
    status:
      index < 30
        ? pick(['shipped', 'declined', 'shipped', 'shipped'], index)
        : pick(['submitted', 'approved', 'submitted'], index),
    submittedOn: dayAt(-120 + Math.floor(index * 2.35)),
    purpose: pick(['research', 'restoration', 'education', 'breeding'], index),
    shippedOn: index < 30 && index % 4 !== 1 ? dayAt(-100 + index * 3) : null,
  }));

/** @returns the seed bank's records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  taxa: TAXA.map((line, index) => {
    const [scientificName, commonName, family] = line.split('|');
    return {
      id: `tx-${101 + index}`,
      scientificName,
      commonName,
      family,
      threat: pick(['least_concern', 'vulnerable', 'least_concern', 'endangered'], index),
    };
  }),
  accessions: accessions(),
  tests: tests(),
  requests: requests(),
  institutions: INSTITUTIONS.map((line, index) => {
    const [name, country, contactName] = line.split('|');
    const local = contactName!.toLowerCase().replaceAll(' ', '.');
    return {
      id: `ins-${pad(index + 1, 2)}`,
      name,
      country,
      contactName,
      contactEmail: `${local}@${country!.toLowerCase()}.plants.example`,
    };
  }),
  collectors: COLLECTORS.split('|').map((name, index) => ({
    id: `col-${index + 1}`,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}${index === 3 ? '2' : ''}@field.example`,
    active: index !== 7,
  })),
  vaults: ['Glacier Vault', 'Dry Room', 'Working Store'].map((name, index) => ({
    id: `V${index + 1}`,
    name,
    temperatureC: pick([-18, 15, 4], index),
    capacityBoxes: 400 - index * 120,
  })),
});
