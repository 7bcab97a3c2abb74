import type { Tables } from '../kit.ts';

const CATEGORIES = ['Cookware', 'Knives', 'Tableware', 'Textiles', 'Storage', 'Kitchen Tools'];

/** name, SKU, price in cents, category (from 1), status, stock */
const PRODUCTS = `Copper Saucepan 18 cm|PAN-18|6900|1|active|14
Cast Iron Skillet|SKI-26|5400|1|active|0
Linen Apron|APR-LN|2900|4|active|33
Olive Wood Board|BRD-OL|4500|6|active|8
Chef Knife 20 cm|KNF-20|8900|2|active|11
Paring Knife|KNF-09|1900|2|active|47
Stoneware Mug|MUG-ST|1400|3|active|120
Dinner Plates, Set of 4|PLT-04|5200|3|active|0
Pasta Bowl|BWL-PA|1600|3|active|62
Tea Towel|TWL-TE|900|4|active|88
Table Runner|RUN-LN|3400|4|active|5
Pepper Mill|MIL-PP|3900|6|active|3
Salt Pig|SLT-PG|2200|6|active|0
Bread Bin|BIN-BR|6200|5|active|9
Storage Jar 1 l|JAR-10|1200|5|active|140
Knife Block|BLK-05|7900|2|draft|20
Enamel Kettle|KET-EN|5900|1|archived|2`;

/** name, e-mail, phone, country, city, whether they take newsletters */
const CUSTOMERS = `Elena Marchetti|elena.marchetti@posta.example|+39 055 0100101|IT|Florence|true
Jonas Weber|jonas.weber@mail.example|+49 30 0100102|DE|Berlin|true
Sofie Maes|sofie@maes.example|+32 2 0100103|BE|Ghent|false
Pierre Lambert|p.lambert@courriel.example|+33 1 0100104|FR|Lyon|true
Aoife Brennan|aoife.brennan@mail.example|+353 1 0100105|IE|Cork|false
Lukas Novak|lukas.novak@posta.example|+43 1 0100106|AT|Vienna|true
Maria Santos|maria.santos@correio.example|+351 22 0100107|PT|Porto|true
Anna Fischer|anna.fischer@mail.example|+49 40 0100108|DE|Hamburg|true
Maria Santos|msantos@lisboa.example|+351 21 0100109|PT|Lisbon|false
Henrik Dahl|henrik@dahl.example|+45 86 0100110|DK|Aarhus|true
Camille Roux|camille.roux@courriel.example|+33 2 0100111|FR|Nantes|false
Piotr Zielinski|piotr.z@poczta.example|+48 12 0100112|PL|Krakow|true
Greta Lindholm|greta@lindholm.example|+46 40 0100113|SE|Malmo|true
Isabel Ortega|isabel.ortega@correo.example|+34 95 0100114|ES|Seville|false
Tom de Vries|tom@devries.example|+31 30 0100115|NL|Utrecht|true
Nora Keane|nora.keane@mail.example|+353 1 0100116|IE|Dublin|true`;

/** customer (from 1), status, created, products (from 1) with quantities, tracking number */
const ORDERS = `4|delivered|2026-09-28T10:12|3x1,10x2|PX70011
2|delivered|2026-10-01T08:40|5x1|PX70012
1|delivered|2026-10-02T17:25|7x4,9x4|PX70013
6|delivered|2026-10-05T12:03|14x1|PX70014
10|refunded|2026-10-07T19:51|8x1|PX70015
12|delivered|2026-10-09T09:30|15x6|PX70016
16|delivered|2026-10-12T14:44|1x1,12x1|PX70017
8|delivered|2026-10-14T11:15|11x1,10x4|PX70018
3|delivered|2026-10-15T20:09|7x2|PX70019
13|cancelled|2026-10-19T07:58|2x1|
15|delivered|2026-10-20T16:37|6x2|PX70020
2|delivered|2026-10-22T13:22|17x1|PX70021
7|delivered|2026-10-27T10:05|4x1,13x1|PX70022
5|delivered|2026-10-30T21:18|9x6|PX70023
11|delivered|2026-11-02T09:11|3x2|PX70024
14|delivered|2026-11-03T18:26|5x1,6x1|PX70025
9|shipped|2026-11-09T08:02|12x1|PX70026
4|shipped|2026-11-10T15:40|1x1|PX70027
8|shipped|2026-11-12T12:12|15x8|PX70028
10|shipped|2026-11-13T07:35|14x1|PX70029
1|packed|2026-11-16T19:09|10x6|
12|paid|2026-11-17T10:50|7x6|
6|packed|2026-11-17T16:21|5x1,4x1|
13|paid|2026-11-18T08:33|11x2|
2|paid|2026-11-19T13:47|9x2,7x2|
16|cancelled|2026-11-19T20:55|13x1|
5|paid|2026-11-20T11:28|14x1,15x3|
3|packed|2026-11-20T17:02|3x1|
11|pending|2026-11-21T09:44|13x2|
8|paid|2026-11-22T14:19|5x2,1x1|
15|paid|2026-11-23T07:12|6x1|
14|pending|2026-11-23T18:30|1x2|
7|paid|2026-11-24T10:01|12x1,10x2|
16|pending|2026-11-24T22:16|7x1|
2|pending|2026-11-25T06:53|4x1|`;

/** order, amount in cents, reason, created */
const REFUNDS = `4105|5200|Plates arrived broken|2026-10-16T09:20
4103|1400|One mug missing|2026-10-19T11:02
4114|3200|Wrong colour|2026-11-06T15:45
4116|1900|Changed her mind|2026-11-11T08:27`;

/** code, type, value, first day, last day */
const DISCOUNTS = `SUMMER10|percentage|10|2026-06-01|2026-08-31
WELCOME5|fixed_amount|500|2026-01-01|2026-12-31
HARVEST20|percentage|20|2026-10-01|2026-10-31
BLACKFRIDAY|percentage|25|2026-11-23|2026-11-30
KNIVES15|percentage|15|2026-11-01|2026-12-15
NEWYEAR|percentage|30|2026-12-27|2027-01-05`;

/** product (from 1), customer (from 1), stars, status, day, text */
const REVIEWS = `5|2|5|approved|2026-10-12|Sharpest knife I ever had
7|1|4|approved|2026-10-15|Lovely glaze
8|10|1|approved|2026-10-16|Two plates were in pieces
14|6|5|approved|2026-10-21|Keeps the bread fresh
15|12|3|rejected|2026-10-25|Buy cheaper at my shop
1|16|5|pending|2026-11-14|Heats evenly, worth it
12|9|2|pending|2026-11-17|Grinds far too coarse
3|11|5|pending|2026-11-19|Beautiful and sturdy
6|15|4|pending|2026-11-20|Good for the price`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const customer = (number: string) => `cust_${500 + Number(number)}`;
const product = (number: string) => `prod_${100 + Number(number)}`;
const customers = split(CUSTOMERS);
const products = split(PRODUCTS);

const linesOf = (text: string) =>
  text.split(',').map((line) => {
    const [number, quantity] = line.split('x') as [string, string];
    const [name, , price] = products[Number(number) - 1]!;
    return { product_id: product(number), name, quantity: Number(quantity), unit_price: Number(price) };
  });

const orders = () =>
  split(ORDERS).map(([by, status, created, bought, tracking], index) => {
    const line_items = linesOf(bought!);
    const [, , , country, city] = customers[Number(by) - 1]!;
    return {
      id: String(4101 + index),
      customer_id: customer(by!),
      status,
      total: line_items.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, 0),
      line_items,
      shipping_city: city,
      shipping_country: country,
      tracking_number: tracking || null,
      created_at: `${created}:00Z`,
    };
  });

/** @returns the shop as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  categories: CATEGORIES.map((name, index) => ({ id: `cat_${index + 1}`, name })),
  products: products.map(([name, sku, price, category, status, stock], index) => ({
    id: product(String(index + 1)),
    name,
    sku,
    price: Number(price),
    category_id: `cat_${category}`,
    status,
    stock: Number(stock),
  })),
  customers: customers.map(([name, email, phone, country, city, newsletter], index) => ({
    id: customer(String(index + 1)),
    name,
    email,
    phone,
    city,
    country,
    accepts_marketing: newsletter === 'true',
  })),
  orders: orders(),
  notes: [{ id: 'note_21', order_id: '4123', text: 'Gift wrap, please', created_at: '2026-11-18T09:00:00Z' }],
  refunds: split(REFUNDS).map(([order_id, refunded, reason, created], index) => ({
    id: `ref_${61 + index}`,
    order_id,
    amount: Number(refunded),
    reason,
    created_at: `${created}:00Z`,
  })),
  discounts: split(DISCOUNTS).map(([code, type, value, starts_on, ends_on], index) => ({
    id: `disc_${11 + index}`,
    code,
    type,
    value: Number(value),
    starts_on,
    ends_on,
  })),
  reviews: split(REVIEWS).map(([about, by, rating, status, written_on, body], index) => ({
    id: `rev_${31 + index}`,
    product_id: product(about!),
    customer_name: customers[Number(by) - 1]![0],
    rating: Number(rating),
    status,
    body,
    written_on,
  })),
});
