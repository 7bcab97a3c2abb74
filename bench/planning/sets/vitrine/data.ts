import type { Tables } from '../kit.ts';

/** name, kind, floor */
const LOCATIONS = `Gallery 1|gallery|0
Gallery 2|gallery|0
Gallery 3|gallery|1
Silver Cabinet|gallery|1
Textile Store|store|-1
Ceramics Store|store|-1
Picture Store|store|-1
Conservation Studio|studio|2`;

/** name, role */
const STAFF = `Ingrid Halvorsen|registrar
Elena Ferraro|conservator
Marco Ferraro|registrar
Tomas Reyes|conservator
Judith Amsel|curator
Samuel Osei|curator
Klara Witt|technician
Bela Horvath|conservator`;

/** accession number, title, maker, department, date, height, width, condition, location (from 1), value, currency, acquired */
const OBJECTS = `1921.4|Still Life with Lemons|Pieter Maes|Painting|1658|62|48|good|1|420000|EUR|1921-05-14
1934.11|Portrait of a Notary|Unknown|Painting|about 1710|88|70|fair|1|65000|EUR|1934-09-02
1950.2|Harbour at Dusk|Henri Vasseur|Painting|1881|54|81|good|7|180000|EUR|1950-03-28
1968.7|Winter Market|Lotte Brand|Painting|1926|70|95|good|2|310000|EUR|1968-10-11
1972.1|The Ferryman|Lotte Brand|Painting|1931|120|90|poor|7|145000|EUR|1972-01-19
1988.30|Red Interior|Anton Kriel|Painting|1962|100|100|good|3|260000|EUR|1988-06-07
2026.3|Study of Hands|Lotte Brand|Painting|1924|30|24|fair|7|38000|EUR|2026-03-12
1979.5|Harbour at Dusk|Ada Lindqvist|Photography|1936|24|30|good|7|9000|EUR|1979-04-23
1979.6|Dockers at Noon|Ada Lindqvist|Photography|1937|24|30|fair|7|7500|EUR|1979-04-23
1991.14|Tram Depot|Ada Lindqvist|Photography|1941|30|40|fair|7|8200|EUR|1991-11-15
2003.8|Salt Flats I|Ruben Sato|Photography|1998|90|120|good|3|16000|USD|2003-02-20
2003.9|Salt Flats II|Ruben Sato|Photography|1998|90|120|fair|3|16000|USD|2003-02-20
2026.9|Night Bus|Ines Couto|Photography|2019|60|90|good|7|5200|EUR|2026-09-04
1929.2|Lace Fan||Textiles|about 1780|28|50|poor|8|4800|EUR|1929-12-01
1947.6|Blue Kimono||Textiles|about 1890|148|126|fair|2|12500|EUR|1947-07-30
1955.3|Coptic Tunic||Textiles|6th century|110|98|poor|5|54000|EUR|1955-08-18
2026.5|Pilgrim Banner||Textiles|1844|210|140|fair|5|9500|GBP|2026-05-21
1912.1|Delft Charger|De Roos workshop|Ceramics|1690|5|39|fair|6|7800|EUR|1912-02-02
1912.8|Meissen Teapot|Meissen|Ceramics|1735|13|17|good|6|23000|EUR|1912-02-02
1963.9|Iznik Dish||Ceramics|about 1570|6|31|good|2|88000|EUR|1963-05-09
1999.12|Moon Jar|Han Seo-yun|Ceramics|1996|45|44|good|3|14000|USD|1999-10-26
1925.7|Coffee Pot|Daniel Orme|Silver|1768|27|15|good|4|18500|EUR|1925-03-17
1925.8|Sugar Tongs|Daniel Orme|Silver|1768|2|14|good|4|900|EUR|1925-03-17
1938.20|Guild Cup|Unknown|Silver|1611|41|16|fair|4|132000|EUR|1938-04-04
1966.2|Candlestick Pair|Martha Vane|Silver|1802|30|13|good|4|11600|EUR|1966-09-22
1909.5|Gilt Mirror||Furniture|about 1750|160|95|fair|2|27000|EUR|1909-01-08
1958.4|Writing Desk|Jean Oudry|Furniture|1772|102|118|good|1|76000|EUR|1958-11-03`;

/** object (from 1), borrower, first day, last day, state, returned */
const LOANS = `1|Rijksgalerij Utrecht|2024-02-01|2024-06-30|returned|2024-07-02
4|Museum Ludwig|2025-03-15|2025-09-14|returned|2025-09-12
20|Textile Museum Lyon|2026-01-10|2026-10-31|out|
1|Kunsthalle Basel|2026-09-01|2026-12-31|out|
11|Fotohuis Ghent|2026-05-02|2026-11-15|out|
16|British Museum|2026-07-01|2027-01-10|out|
24|Silver Museum Sheffield|2026-02-01|2026-08-31|returned|2026-09-03
6|Museum Ludwig|2027-02-01|2027-07-31|requested|
21|Museum of Craft Seoul|2027-03-01|2027-08-31|requested|
9|Fotohuis Ghent|2026-12-10|2027-04-30|approved|
26|Schloss Arnsberg|2026-12-01|2027-02-28|refused|
4|Musee du Nord|2027-01-15|2027-05-15|approved|`;

/** object (from 1), member of staff (from 1), kind, state, first day, finished, report */
const TREATMENTS = `1|2|examination|finished|2024-01-15|2024-01-16|Stable, no work needed
14|4|repair|running|2026-11-09||
5|2|cleaning|planned|2026-12-07||
22|8|cleaning|finished|2026-10-12|2026-10-14|Tarnish removed
16|4|examination|finished|2026-06-08|2026-06-09|Fit to travel
9|2|examination|finished|2026-11-02|2026-11-03|Fit to travel
14|4|examination|finished|2026-08-17|2026-08-18|Two sticks are broken
2|8|cleaning|running|2026-11-18||`;

/** title, curator (from 1), first day, last day, objects (from 1) */
const EXHIBITIONS = `Northern Light|5|2026-10-03|2027-02-14|4,20,26
Working Hands|6|2027-03-20|2027-08-01|7,9,10
The Silver Table|5|2025-11-08|2026-03-29|22,23,25
Paper and Salt|6|2026-06-13|2026-12-06|11,12,21`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const object = (number: string | number | undefined) => `obj_${100 + Number(number)}`;
const location = (number: string | number | undefined) => `loc_${number}`;
const staff = (number: string | number | undefined) => `stf_${number}`;
/** Members whose text is empty are missing in the answer. */
const given = (members: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value));

/** @returns the museum as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  locations: split(LOCATIONS).map(([name, kind, floor], index) => ({
    locationId: location(index + 1),
    name,
    kind,
    floor: Number(floor),
  })),
  staff: split(STAFF).map(([name, role], index) => ({
    staffId: staff(index + 1),
    name,
    role,
    extension: String(310 + index),
  })),
  objects: split(OBJECTS).map(
    (
      [accessionNumber, title, maker, department, dated, height, width, condition, where, value, currency, acquiredOn],
      index,
    ) => ({
      objectId: object(index + 1),
      accessionNumber,
      title,
      ...given({ maker }),
      department,
      dated,
      heightCm: Number(height),
      widthCm: Number(width),
      condition,
      locationId: location(where),
      insuranceValue: Number(value),
      currency,
      acquiredOn,
    }),
  ),
  loans: split(LOANS).map(([lent, borrower, startsOn, endsOn, status, returnedOn], index) => ({
    loanId: `L-${841 + index}`,
    objectId: object(lent),
    borrower,
    startsOn,
    endsOn,
    status,
    ...given({ returnedOn }),
  })),
  treatments: split(TREATMENTS).map(([treated, by, kind, status, startsOn, finishedOn, report], index) => ({
    treatmentId: `trt_${61 + index}`,
    objectId: object(treated),
    conservatorId: staff(by),
    kind,
    status,
    startsOn,
    ...given({ finishedOn, report }),
  })),
  exhibitions: split(EXHIBITIONS).map(([title, curator, opensOn, closesOn, shown], index) => ({
    exhibitionId: `exh_${21 + index}`,
    title,
    curatorId: staff(curator),
    opensOn,
    closesOn,
    objectIds: shown!.split(',').map(object),
  })),
  notes: [{ noteId: 'not_51', objectId: object(26), text: 'Frame is loose', writtenOn: '2026-11-20' }],
});
