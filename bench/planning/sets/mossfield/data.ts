import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, price, weight, available */
const BOXES = `Small Box|1150|4|true
Family Box|1890|8.5|true
Salad Box|980|2.5|false
Roots Box|1320|7|true
Fruit Box|1475|5|true`;

const ROUTES = `North Loop|Wednesday|Gwen Parry
Valley|Thursday|Ted Marsh
Town|Friday|Gwen Parry
Coast|Friday|Ravi Anand`;

/** first and last name, phone, village, box, frequency, route, status, paused until, delivery note, started */
const SUBSCRIBERS = `Alice|Thornton|01632 960101|Ashby|2|weekly|1|active|||2022-04-06
Ben|Carver||Ashby|1|weekly|1|active||Leave behind the bins|2024-10-02
Priya|Nair|01632 960103|Lower Wick|2|weekly|2|active|||2023-01-12
Colin|Fraser|01632 960104|Lower Wick|4|fortnightly|2|paused|2026-12-10||2023-06-01
Margaret|Fraser|01632 960105|Stoke Mill|1|weekly|2|active||Porch, there is a dog|2021-09-16
Dylan|Hughes||Harwell Town|2|weekly|3|active|||2025-03-07
Esther|Boateng|01632 960107|Harwell Town|5|fortnightly|3|active|||2025-05-23
Jim|Ollerton|01632 960108|Harwell Town|1|weekly|3|cancelled|||2020-02-14
Fatima|Rahman|01632 960109|Sandhaven|2|weekly|4|active||Ring twice|2024-07-05
George|Pike||Sandhaven|3|weekly|4|active|||2026-05-01
Nell|Whitby|01632 960111|Ashby|5|weekly|1|paused|2027-01-06||2025-11-05
Olu|Adeyemi|01632 960112|Stoke Mill|4|weekly|2|active|||2026-11-05
Harriet|Lowe|01632 960113|Harwell Town|1|fortnightly|3|active||Garage, code on file|2026-11-13
Sam|Bell||Lower Wick|1|weekly|2|active|||2024-03-14
Sam|Bell|01632 960115|Sandhaven|4|fortnightly|4|active|||2025-08-15
Rosa|Dunne|01632 960116|Ashby|2|fortnightly|1|active|||2026-09-09
Kit|Marlow||Harwell Town|2|weekly|3|active|||2023-10-20
Vera|Stanton|01632 960118|Sandhaven|1|weekly|4|cancelled|||2022-08-12`;

/** name, unit, stock, field, end of harvest */
const CROPS = `Carrots|kg|310|Long Acre|2026-12-20
Beetroot|kg|145.5|Long Acre|2026-12-05
Potatoes|kg|820|Top Field|
Leeks|kg|96|Brook Field|2027-02-28
Kale|bunch|74|Brook Field|2027-03-15
Spinach|bunch|0|Polytunnel|2026-11-30
Chard|bunch|18|Polytunnel|2026-12-12
Parsnips|kg|130|Top Field|2027-01-31
Apples|kg|265|Orchard|
Pumpkins|piece|41|Top Field|
Celeriac|piece|0|Brook Field|2027-01-15
Pears|kg|38.5|Orchard|`;

/** box, crop, quantity */
const ITEMS = `1|1|0.8
1|3|1.5
1|5|1
2|1|1.5
2|3|3
2|4|1
2|6|1
2|10|1
3|6|2
3|7|1
4|1|1.5
4|2|1
4|8|1
4|11|1
5|9|3
5|12|1.5`;

/** subscriber, date, status, problem */
const DELIVERIES = `1|2026-11-11|delivered|
2|2026-11-11|delivered|
16|2026-11-11|delivered|
3|2026-11-12|delivered|
5|2026-11-12|missed|Gate was locked
14|2026-11-12|delivered|
6|2026-11-13|delivered|
7|2026-11-13|delivered|
9|2026-11-13|delivered|
10|2026-11-13|missed|Nobody at home
1|2026-11-18|delivered|
2|2026-11-18|delivered|
3|2026-11-19|delivered|
5|2026-11-19|delivered|
12|2026-11-19|delivered|
14|2026-11-19|missed|Van broke down
6|2026-11-20|delivered|
13|2026-11-20|delivered|
17|2026-11-20|delivered|
9|2026-11-20|delivered|
10|2026-11-20|skipped|
15|2026-11-20|delivered|
1|2026-11-25|packed|
2|2026-11-25|packed|
16|2026-11-25|packed|
3|2026-11-26|scheduled|
5|2026-11-26|scheduled|
12|2026-11-26|scheduled|
14|2026-11-26|scheduled|
6|2026-11-27|scheduled|
7|2026-11-27|scheduled|
17|2026-11-27|scheduled|
9|2026-11-27|scheduled|
10|2026-11-27|scheduled|
1|2026-12-02|scheduled|
3|2026-12-03|scheduled|
13|2026-12-04|scheduled|
15|2026-12-04|scheduled|`;

const CREDITS = `5|1150|Missed delivery|2026-11-13T08:20
10|980|Missed delivery|2026-11-16T09:05
3|350|Soft potatoes|2026-10-08T10:40
3|200|No kale in the box|2026-11-13T11:15`;

const box = (number: string) => `box_${number}`;
const route = (number: string) => `rt_${number}`;
const person = (number: string) => `sub_${100 + Number(number)}`;
const crop = (number: string) => `crop_${20 + Number(number)}`;

const subscribers = () =>
  split(SUBSCRIBERS).map(([first, last, phone, village, kind, frequency, way, status, until, note, started], i) =>
    filled({
      ...{ id: person(String(i + 1)), first_name: first, last_name: last },
      email: `${first}.${last}${i === 14 ? '2' : ''}@post.example`.toLowerCase(),
      ...{ phone, village, box_id: box(kind!), frequency, route_id: route(way!), status },
      ...{ paused_until: until, delivery_note: note, started_on: started },
    }),
  );

export const seed = (): Tables => {
  const people = subscribers();
  const boxes = split(BOXES).map(([name, price, weight, available], i) => ({
    ...{ id: box(String(i + 1)), name, price_pence: Number(price), weight_kg: Number(weight) },
    available: available === 'true',
  }));
  return {
    subscribers: people,
    boxes,
    // The name under which ids called `box_id` are looked up.
    boxs: boxes,
    routes: split(ROUTES).map(([name, weekday, driver], i) => ({ id: route(String(i + 1)), name, weekday, driver })),
    crops: split(CROPS).map(([name, unit, stock, field, until], i) =>
      filled({ id: crop(String(i + 1)), name, unit, stock: Number(stock), field, harvest_ends_on: until }),
    ),
    items: split(ITEMS).map(([kind, what, quantity], i) => ({
      ...{ id: `item_${301 + i}`, box_id: box(kind!), crop_id: crop(what!), quantity: Number(quantity) },
    })),
    deliveries: split(DELIVERIES).map(([who, date, status, problem], i) => {
      const { box_id, route_id } = people[Number(who) - 1]!;
      return filled({ id: `del_${4001 + i}`, subscriber_id: person(who!), box_id, route_id, date, status, problem });
    }),
    credits: split(CREDITS).map(([who, sum, reason, created], i) => ({
      ...{ id: `cr_${61 + i}`, subscriber_id: person(who!), amount_pence: Number(sum), reason },
      created_at: `${created}:00Z`,
    })),
  };
};
