import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, e-mail, whether they still work here, whether they may open electric bikes */
const MECHANICS = `Rosa Lindqvist|rosa@truewheel.example|true|false
Tomek Baran|tomek@truewheel.example|true|false
Idris Bello|idris@truewheel.example|true|true
Jo Hartley|jo@truewheel.example|false|false
Sanne Visser|sanne@truewheel.example|true|true`;

/** first name, last name, e-mail, phone, how they want to be told, customer since */
const CUSTOMERS = `Ada|Okafor|ada.okafor@mail.example|+353 1 555 0111|email|2023-04-18
Ben|Okafor||+353 1 555 0112|sms|2025-09-02
Claire|Dunne|claire.dunne@mail.example|+353 1 555 0113|email|2022-06-30
Femi|Adeyemi|femi@adeyemi.example|+353 1 555 0114|sms|2024-02-11
Hugo|Brandt|hugo.brandt@post.example|+353 1 555 0115|email|2021-09-14
Ines|Carvalho|ines.carvalho@correio.example||email|2026-03-21
Kieran|Walsh||+353 1 555 0117|none|2020-05-07
Laura|Petersen|laura.petersen@mail.example|+353 1 555 0118|email|2025-01-29
Marcus|Reid|marcus@reid.example|+353 1 555 0119|sms|2022-11-02
Nadia|Rahman|nadia.rahman@mail.example|+353 1 555 0120|email|2024-08-16
Oisin|Kelly|oisin.kelly@mail.example|+353 1 555 0121|sms|2023-10-05
Paula|Kelly|paula@kelly.example|+353 1 555 0122|email|2025-05-19
Ruth|Steiner|ruth.steiner@post.example|+44 28 555 0123|email|2021-03-26
Samir|Haddad|samir.haddad@mail.example|+353 1 555 0124|sms|2026-06-08
Tess|Vandenberg|tess@vandenberg.example|+353 1 555 0125|email|2024-04-13
Una|Molloy|una.molloy@mail.example|+353 1 555 0126|sms|2022-02-24
Victor|Nowak|victor.nowak@poczta.example|+353 1 555 0127|email|2023-07-31
Wendy|Osei|wendy.osei@mail.example|+353 1 555 0128|none|2026-10-29`;

/** customer (from 1), brand, model, colour, frame number, whether it is electric */
const BIKES = `1|Kestrel|Tour 7|green|KT7-00912|false
2|Norda|City E|black|NE-44120|true
3|Velmont|Gravel 2|sand|VG2-7781|false
4|Halden|Cargo E|blue|HC-10233|true
5|Kestrel|Race 3|red||false
6|Norda|City|white|NC-30911|false
7|Brisk|Fold 16|orange|BF-5520|false
8|Halden|Cargo E|grey|HC-10871|true
9|Velmont|Trail 5|black|VT5-1203|false
10|Kestrel|Tour 7|blue||false
11|Norda|City E|silver|NE-45007|true
12|Brisk|Kid 20|yellow||false
13|Kestrel|Tour 9|green|KT9-00077|false
14|Velmont|Gravel 2|black|VG2-8140|false
15|Halden|Cargo E|red|HC-11402|true
16|Norda|City|blue|NC-31200|false
17|Kestrel|Race 3|white|KR3-2219|false
18|Brisk|Fold 20|black|BF-6004|false
1|Brisk|Fold 16|red||false
9|Norda|City E|green|NE-45310|true`;

/** bike (from 1), what is to be done, status, mechanic (from 1), urgent, received, due, estimate, currency, collected */
const REPAIRS = `3|Replace rear derailleur|collected|1|false|2026-10-05|2026-10-09|140|EUR|2026-10-09
9|Bleed hydraulic brakes|collected|2|false|2026-10-06|2026-10-08|65|EUR|2026-10-08
5|Full service before race|collected|1|true|2026-10-12|2026-10-15|180|EUR|2026-10-15
11|Battery does not charge|collected|3|false|2026-10-14|2026-10-21|220|EUR|2026-10-23
6|Fix flat tyre, front|collected|2|false|2026-10-19|2026-10-19|25|EUR|2026-10-19
17|True both wheels|collected|1|false|2026-10-22|2026-10-27|50|EUR|2026-10-26
1|Replace chain and cassette|collected|2|false|2026-10-28|2026-10-30|95|EUR|2026-10-30
18|New brake pads|cancelled|2|false|2026-10-29||30|EUR|
13|Annual service|collected|4|false|2026-11-02|2026-11-06|95|GBP|2026-11-06
4|Motor cuts out uphill|waitingForParts|3|true|2026-11-05|2026-11-20|310|EUR|
10|Creaking bottom bracket|collected|1|false|2026-11-06|2026-11-11|75|EUR|2026-11-12
15|Replace spokes, rear wheel|ready|1|false|2026-11-09|2026-11-13|70|EUR|
2|Display stays dark|waitingForParts|3|false|2026-11-10|2026-11-27|160|EUR|
7|Hinge is loose|ready|2|false|2026-11-12|2026-11-16|40|EUR|
20|Firmware update and check|ready|3|false|2026-11-13|2026-11-18|45|EUR|
14|Tubeless conversion|inProgress|1|false|2026-11-16|2026-11-26|90|EUR|
8|Kickstand broken|waitingForParts|5|false|2026-11-16|2026-11-30|55|EUR|
16|Annual service|inProgress|5|false|2026-11-17|2026-11-25|110|EUR|
12|Fit new saddle and grips|ready|5|false|2026-11-18|2026-11-20|35|EUR|
19|Gear cable snapped|inProgress|2|true|2026-11-19|2026-11-24|30|EUR|
5|Headset has play|received||false|2026-11-20|2026-11-27|45|EUR|
13|Replace dynamo light|received||false|2026-11-21|2026-12-01|70|GBP|
11|Annual service|received|3|false|2026-11-23|2026-12-02|130|EUR|
17|Crash damage, assess frame|received||true|2026-11-24||||
3|Replace brake discs|received|1|false|2026-11-24|2026-11-28|115|EUR|
6|Fix flat tyre, rear|received||false|2026-11-25|2026-11-26|25|EUR|`;

/** repair (from 1201), kind, part (from 1), text, quantity, price of one */
const ITEMS = `1201|part|4|Rear derailleur 11-speed|1|89
1201|labour||Fit and adjust gears|1|48
1203|labour||Full service|1|120
1203|part|1|Chain 11-speed|1|32.5
1207|part|1|Chain 11-speed|1|32.5
1207|part|3|Cassette 11-42|1|68
1210|labour||Find the fault in the motor|2|40
1212|part|14|Spoke 264 mm|10|0.9
1212|part|9|Inner tube 28 inch|1|6.5
1212|labour||Build and true the rear wheel|1|48
1214|part|21|Folding hinge bolt|2|7.5
1214|labour||Set the hinge|1|20
1215|labour||Firmware update|1|45
1216|part|13|Tubeless sealant 1 l|1|28
1216|part|11|Tyre 40 mm gravel|2|44
1219|part|19|Children saddle|1|19
1219|labour||Fit saddle and grips|1|12`;

/** repair, text, when it was written */
const NOTES = `1210|Error 504 on the display after ten minutes|2026-11-06T10:12
1210|Voltparts says two weeks for the cable|2026-11-06T15:40
1213|Tried the display of another bike, that one works|2026-11-11T09:05
1216|Rims are tubeless ready|2026-11-17T11:31
1224|Insurance needs a written assessment|2026-11-24T16:22`;

/** SKU, name, category, price, stock, reorder level, supplier (from 1), shelf */
const PARTS = `CHN-11|Chain 11-speed|drivetrain|32.5|14|6|1|A1
CHN-9|Chain 9-speed|drivetrain|24|3|6|1|A1
CAS-1142|Cassette 11-42|drivetrain|68|4|3|1|A2
DER-R11|Rear derailleur 11-speed|drivetrain|89|2|2|1|A2
PAD-H|Brake pads hydraulic|brakes|18.5|22|10|2|B1
PAD-V|Brake pads rim|brakes|9.9|31|10|2|B1
DSC-160|Brake disc 160 mm|brakes|27|6|4|2|B2
DSC-180|Brake disc 180 mm|brakes|31|1|4|2|B2
TUB-28|Inner tube 28 inch|tyres|6.5|48|20|3|C1
TUB-20|Inner tube 20 inch|tyres|6.5|9|10|3|C1
TYR-40|Tyre 40 mm gravel|tyres|44|7|4|3|C2
TYR-20|Tyre 20 inch cargo|tyres|39|0|4|3|C2
SEA-1|Tubeless sealant 1 l|tyres|28|5|2|3|C3
SPK-264|Spoke 264 mm|wheels|0.9|180|100|1|D1
DYN-L|Dynamo headlight|lights|54|2|2|4|E1
BAT-L|Battery light set|lights|29.9|16|5|4|E1
DSP-NE|Display for Norda City E|electric|149|0|1|4|
MOT-HC|Motor cable for Halden Cargo E|electric|46|0|2|4|
SAD-K|Children saddle|other|19|3|2|2|F1
KST-C|Cargo kickstand|other|42|0|1|2|
HNG-16|Folding hinge bolt|other|7.5|6|3|2|F1`;

/** name, e-mail, days until they deliver */
const SUPPLIERS = `Northgear|orders@northgear.example|4
Brakewell Trading|sales@brakewell.example|6
Rubberline|office@rubberline.example|3
Voltparts|parts@voltparts.example|14`;

/** part (from 1), quantity, status, ordered, expected */
const PART_ORDERS = `5|20|received|2026-10-12|2026-10-16
14|200|received|2026-10-20|2026-10-26
17|2|sent|2026-11-11|2026-11-27
18|3|sent|2026-11-06|2026-11-19
20|2|sent|2026-11-17|2026-11-26
9|40|received|2026-11-03|2026-11-06
12|6|draft||
8|4|draft||`;

const bikes = split(BIKES);
const parts = split(PARTS);
const customerId = (number: string) => `cus-${300 + Number(number)}`;
const partId = (number: string) => `prt-${500 + Number(number)}`;
const supplierOf = (part: string) => `sup-${parts[Number(part) - 1]![6]}`;

const repairs = () =>
  split(REPAIRS).map(([bike, summary, status, by, urgent, receivedOn, dueOn, cost, currency, collectedOn], index) =>
    filled({
      id: `R-${1201 + index}`,
      customerId: customerId(bikes[Number(bike) - 1]![0]!),
      bikeId: `bik-${400 + Number(bike)}`,
      summary,
      status,
      mechanicId: by && `mec-${by}`,
      urgent: urgent === 'true',
      receivedOn,
      dueOn,
      estimate: cost ? { amount: Number(cost), currency } : undefined,
      collectedOn,
    }),
  );

/** @returns the workshop as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  mechanics: split(MECHANICS).map(([name, email, active, electric], index) => ({
    id: `mec-${index + 1}`,
    name,
    email,
    active: active === 'true',
    certifiedForElectric: electric === 'true',
  })),
  customers: split(CUSTOMERS).map(([firstName, lastName, email, phone, notifyBy, customerSince], index) =>
    filled({ id: customerId(String(index + 1)), firstName, lastName, email, phone, notifyBy, customerSince }),
  ),
  bikes: bikes.map(([owner, brand, model, colour, frameNumber, electric], index) =>
    filled({
      id: `bik-${401 + index}`,
      customerId: customerId(owner!),
      brand,
      model,
      colour,
      frameNumber,
      electric: electric === 'true',
    }),
  ),
  repairs: repairs(),
  items: split(ITEMS).map(([repair, kind, part, description, quantity, unitPrice], index) =>
    filled({
      id: `itm-${801 + index}`,
      repairId: `R-${repair}`,
      kind,
      partId: part && partId(part),
      description,
      quantity: Number(quantity),
      unitPrice: Number(unitPrice),
    }),
  ),
  notes: split(NOTES).map(([repair, text, written], index) => ({
    id: `nte-${51 + index}`,
    repairId: `R-${repair}`,
    text,
    writtenAt: `${written}:00Z`,
  })),
  parts: parts.map(([sku, name, category, price, stock, reorderLevel, supplier, shelf], index) =>
    filled({
      id: partId(String(index + 1)),
      sku,
      name,
      category,
      price: Number(price),
      stock: Number(stock),
      reorderLevel: Number(reorderLevel),
      supplierId: `sup-${supplier}`,
      shelf,
    }),
  ),
  suppliers: split(SUPPLIERS).map(([name, email, days], index) => ({
    id: `sup-${index + 1}`,
    name,
    email,
    leadTimeDays: Number(days),
  })),
  partOrders: split(PART_ORDERS).map(([part, quantity, status, orderedOn, expectedOn], index) =>
    filled({
      id: `po-${71 + index}`,
      partId: partId(part!),
      supplierId: supplierOf(part!),
      quantity: Number(quantity),
      status,
      orderedOn,
      expectedOn,
    }),
  ),
});
