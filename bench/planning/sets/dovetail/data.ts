import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, speciality */
const JOINERS = `Samir Haddou|Chairs and frames
Rosa Eibl|Tables
Peter Kranz|Wardrobes and built-ins
Lene Madsen|Veneer and inlay`;

/** name, city, country, e-mail, phone */
const CUSTOMERS = `Beatrix Amann|Bregenz|AT|b.amann@mail.example|+43 5574 0100401
Thomas Berger|Lindau|DE|thomas.berger@mail.example|+49 8382 0100402
Hotel Seeblick|Lindau|DE|einkauf@seeblick.example|+49 8382 0100403
Clemens Kessler|Dornbirn|AT|kessler@mail.example|
Thomas Berger|Zurich|CH|t.berger@post.example|+41 44 0100405
Ursina Caduff|Chur|CH|ursina@caduff.example|+41 81 0100406
Praxis Dr. Wolff|Ravensburg|DE|praxis@wolff.example|+49 751 0100407
Marlene Fuchs|Feldkirch|AT|marlene.fuchs@mail.example|+43 5522 0100408
Cafe Morgenrot|Konstanz|DE|hallo@morgenrot.example|+49 7531 0100409
Johann Moosbrugger|Bregenz|AT|j.moosbrugger@mail.example|
Eva Stadler|Friedrichshafen|DE|eva.stadler@mail.example|+49 7541 0100411
Gemeinde Hard|Hard|AT|bauamt@hard.example|+43 5574 0100412`;

/** customer (from 1), title, status, price, currency, deposit, joiner (from 1), ordered, due, delivered */
const ORDERS = `3|Reception counter in oak|delivered|14800|EUR|true|3|2025-09-15|2025-12-01|2025-12-03
8|Cherry writing desk|delivered|2350|EUR|true|2|2026-02-10|2026-04-20|2026-04-18
6|Larch bench|delivered|1180|CHF|true|1|2026-03-02|2026-04-30|2026-05-06
9|Six cafe tables in beech|delivered|5400|EUR|true|2|2026-04-14|2026-06-12|2026-06-12
2|Ash bookcase|delivered|3120|EUR|true|3|2026-05-20|2026-08-14|2026-08-20
12|Council chamber chairs, 24 pieces|delivered|11760|EUR|true|1|2026-05-27|2026-10-01|2026-09-29
11|Baby cot in maple|cancelled|980|EUR|false||2026-06-08|2026-08-31|
10|Corner bench for the parlour|delivered|4260|EUR|true|1|2026-07-01|2026-10-15|2026-11-04
5|Walnut dining table, 2.4 m|finished|6900|CHF|true|2|2026-08-11|2026-11-27|
1|Walnut sideboard|in_production|4480|EUR|true|4|2026-08-24|2026-11-27|
4|Built-in wardrobe|in_production|7350|EUR|true|3|2026-09-01|2026-12-09|
7|Waiting room shelves|finished|2890|EUR|true|3|2026-09-07|2026-11-24|
3|Twelve bedside tables|in_production|6240|EUR|true|2|2026-09-14|2026-12-18|
8|Dressing table with mirror|in_production|2640|EUR|true|4|2026-09-29|2026-12-15|
2|Oak coffee table|confirmed|1290|EUR|false||2026-10-06|2026-12-22|
6|Stone pine bed|confirmed|3950|CHF|true|1|2026-10-12|2027-01-15|
9|Bar counter|confirmed|8650|EUR|true||2026-10-20|2027-01-29|
11|Shoe cabinet|confirmed|1460|EUR|true|3|2026-10-27|2027-01-22|
12|Notice board frames|quoted|740|EUR|false||2026-11-03||
10|Kitchen dresser in elm|quoted|5180|EUR|false||2026-11-09||
5|Set of four chairs|quoted|2600|CHF|false||2026-11-12||
7|Reception desk in ash|quoted|4930|EUR|false||2026-11-16||
1|Wine rack|quoted|865|EUR|false||2026-11-23||`;

/** name, country, contact, e-mail, phone, days */
const SUPPLIERS = `Hofer & Sons Timber|AT|Kilian Hofer|office@hofertimber.example|+43 5572 0100501|12
Alpenholz|CH|Reto Zgraggen|verkauf@alpenholz.example|+41 81 0100502|15
Brenner Beschlaege|DE|Monika Brenner|order@brenner.example|+49 711 0100503|4
Osmoline|DE||service@osmoline.example|+49 251 0100504|6
Plattenwerk Sued|DE|Gerd Lutz|gerd.lutz@plattenwerk.example|+49 7351 0100505|9
Tessuti Garda|IT|Chiara Zanetti|chiara@tessutigarda.example|+39 045 0100506|21`;

/** name, kind, unit, stock, reorder level, price, supplier (from 1) */
const MATERIALS = `Oak Plank 30 mm|wood|m2|42.5|25|68|1
Walnut Plank 30 mm|wood|m2|9|12|119.5|1
Ash Plank 26 mm|wood|m2|31|15|54|1
Elm Plank 40 mm|wood|m2|14|8|97|1
Stone Pine Plank 27 mm|wood|m2|18|10|61|2
Larch Plank 30 mm|wood|m2|22|10|49.9|2
Birch Plywood 18 mm|board|m2|36|30|38|5
Black MDF 19 mm|board|m2|11|12|29.5|5
Drawer Runner 450 mm|hardware|piece|58|40|11.2|3
Brass Knob|hardware|piece|17|20|6.8|3
Soft-Close Hinge|hardware|piece|140|80|4.1|3
Table Leg Bracket|hardware|piece|64|24|3.3|3
Hard Wax Oil|finish|litre|7.5|10|32|4
Soap Finish|finish|litre|12|5|14.5|4
Water-Based Lacquer|finish|litre|16|10|24|4
Wool Fabric, Grey|fabric|m|13|6|58|6
Linen Webbing|fabric|m|85|40|2.4|6`;

/** supplier (from 1), material (from 1), quantity, status, created, expected */
const PURCHASES = `1|1|30|received|2026-09-22|2026-10-05
3|9|100|received|2026-10-08|2026-10-13
4|15|20|received|2026-10-19|2026-10-26
6|16|15|received|2026-10-20|2026-11-12
2|5|12|sent|2026-11-10|2026-11-26
1|2|15|sent|2026-11-17|2026-12-01
5|8|24|sent|2026-11-19|2026-11-30
3|10|50|draft|2026-11-23|
6|17|60|draft|2026-11-24|`;

/** order, text, written */
const COMMENTS = `DT-2049|Delivery only by the lake road, the lift is too small|2026-11-18T10:20
DT-2050|Grain has to run through all fronts|2026-09-02T14:05
DT-2051|Sockets are 40 cm from the floor|2026-09-08T09:10
DT-2053|Sample of the brass handle is in the showroom|2026-10-05T16:45`;

const id = (prefix: string, number: string | undefined) => number && `${prefix}_${number.padStart(2, '0')}`;

/** @returns the workshop as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  joiners: split(JOINERS).map(([name, speciality], index) => ({ id: id('joi', String(index + 1)), name, speciality })),
  customers: split(CUSTOMERS).map(([name, city, country, email, phone], index) =>
    filled({ id: id('cus', String(index + 1)), name, city, country, email, phone }),
  ),
  orders: split(ORDERS).map(([by, title, status, price, currency, deposit, joiner, ...days], index) => {
    const [ordered_on, due_on, delivered_on] = days;
    const head = {
      id: `DT-${2041 + index}`,
      customer_id: id('cus', by),
      title,
      status,
      price: Number(price),
      currency,
    };
    const dates = { ordered_on, due_on, delivered_on };
    return filled({ ...head, deposit_paid: deposit === 'true', joiner_id: id('joi', joiner), ...dates });
  }),
  suppliers: split(SUPPLIERS).map(([name, country, contact, email, phone, days], index) =>
    filled({
      ...{ id: id('sup', String(index + 1)), name, country, contact, email, phone },
      lead_time_days: Number(days),
    }),
  ),
  materials: split(MATERIALS).map(([name, kind, unit, stock, level, price, supplier], index) => ({
    ...{ id: id('mat', String(index + 1)), name, kind, unit, stock: Number(stock) },
    ...{ reorder_level: Number(level), unit_price: Number(price), supplier_id: id('sup', supplier) },
  })),
  purchase_orders: split(PURCHASES).map(([supplier, material, quantity, status, created_on, expected_on], index) =>
    filled({
      ...{ id: `PO-${311 + index}`, supplier_id: id('sup', supplier), material_id: id('mat', material) },
      ...{ quantity: Number(quantity), status, created_on, expected_on },
    }),
  ),
  comments: split(COMMENTS).map(([order_id, text, written], index) => ({
    ...{ id: `com_${21 + index}`, order_id },
    ...{ text, created_at: `${written}:00Z` },
  })),
});
