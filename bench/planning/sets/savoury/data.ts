import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, contact person, e-mail, phone, city */
const CLIENTS = `Brandt & Hofer Architects|Julia Brandt|julia@brandthofer.example|+43 512 010201|Innsbruck
Lakeside Rowing Club|Oskar Lindner|office@lakesiderowing.example||Bregenz
Ferrand Watches|Chloe Ferrand|chloe@ferrand.example|+41 22 010203|Geneva
Marta Kowalczyk|Marta Kowalczyk|marta.k@mail.example|+43 699 010204|Dornbirn
Tobias Frei|Tobias Frei|tobias.frei@mail.example|+41 71 010205|St. Gallen
Alpine Textile Group|Samuel Egger|s.egger@alpinetextile.example|+43 5572 010206|Dornbirn
St. Anna School|Renate Moser|sekretariat@stanna.example|+43 5574 010207|Bregenz
Helvia Insurance|Nadine Keller|events@helvia.example|+41 44 010208|Zurich
Paula Winkler|Paula Winkler|paula.winkler@mail.example||Innsbruck
Georg Winkler|Georg Winkler|georg.w@mail.example|+43 664 010210|Feldkirch`;

/** client (from 1), title, day, guests, venue, status, price per guest, currency, note */
const BOOKINGS = `7|Autumn Fair|2026-10-03|180|School yard|completed|14.5|EUR|
1|Office Opening|2026-10-16|60|Studio Maria-Theresien|completed|48|EUR|
4|Garden Birthday|2026-10-24|35|Private garden|cancelled|39|EUR|
8|Broker Day|2026-11-05|120|Kongresshaus|completed|72|CHF|
6|Supplier Lunch|2026-11-12|28|Canteen West|completed|44|EUR|
2|Season Finale|2026-11-20|90|Boathouse|completed|36|EUR|
5|Engagement Dinner|2026-11-27|24|Weinstube Adler|confirmed|95|CHF|Two guests use wheelchairs
3|Watch Preview|2026-11-28|55|Atelier Ferrand|confirmed|110|CHF|
6|St. Nicholas Party|2026-12-04|140|Canteen West|confirmed|41|EUR|
7|Advent Concert|2026-12-06|200|Gymnasium|quoted|12|EUR|
1|Christmas Dinner|2026-12-11|45|Studio Maria-Theresien|confirmed|78|EUR|
8|Year-End Gala|2026-12-17|260|Kongresshaus|confirmed|125|CHF|
2|Winter Regatta Brunch|2026-12-19|70|Boathouse|quoted|29|EUR|
9|Silver Wedding|2027-01-16|48|Gasthof Post|quoted|69|EUR|
10|Retirement Party|2027-01-23|32|Montforthaus|enquiry||EUR|
3|Staff Skiing Day|2027-02-06|85|Chalet Rosière|enquiry||CHF|
4|Wedding|2027-05-29|110|Castle Hotel|quoted|118|EUR|No nuts anywhere`;

/** name, course, diet, price of a portion in EUR, allergens */
const RECIPES = `Pumpkin Velouté|starter|vegan|5.2|celery
Smoked Trout Tartlet|starter|none|6.8|fish,gluten,egg
Beetroot Carpaccio|starter|vegan|5.9|nuts
Venison Ragout|main|none|16.4|celery,milk
Mushroom Risotto|main|vegetarian|11.5|milk
Roast Chicken with Thyme|main|none|12.9|
Lentil Roast|main|vegan|10.2|nuts,celery
Cheese Dumplings|main|vegetarian|9.8|milk,egg,gluten
Apple Strudel|dessert|vegetarian|4.9|gluten,nuts
Chocolate Mousse|dessert|vegetarian|5.4|milk,egg
Poached Pear|dessert|vegan|4.6|
Mulled Wine|drink|vegan|4.2|sulphites
Elderflower Spritz|drink|vegan|3.9|`;

/** booking (from 1), recipe (from 1), portions */
const DISHES = `7|2|24
7|4|18
7|5|6
7|10|24
8|3|55
8|2|55
8|11|55
9|1|140
9|6|100
9|7|40
9|9|140
9|12|200
11|1|45
11|4|33
11|8|12
11|9|45
12|2|260
12|6|190
12|5|70
12|10|260
13|8|70
17|1|110`;

/** name, role, phone, pay per hour in EUR */
const WORKERS = `Ines Albrecht|chef|+43 660 010301|29
Mirko Petric|chef|+43 660 010302|27.5
Lea Sommer|waiter|+43 660 010303|16
David Sommer|waiter|+43 660 010304|16.5
Yusuf Demir|bartender|+43 660 010305|18
Hanna Vogel|waiter||15.5
Carlo Bianchi|driver|+43 660 010307|17
Sina Rauch|bartender|+43 660 010308|18.5`;

/** booking (from 1), worker (from 1), starts, ends */
const SHIFTS = `7|1|2026-11-27T14:00|2026-11-27T22:00
7|3|2026-11-27T17:00|2026-11-27T23:00
8|2|2026-11-28T10:00|2026-11-28T19:00
8|4|2026-11-28T15:00|2026-11-28T21:00
8|5|2026-11-28T16:00|2026-11-28T22:00
9|1|2026-12-04T09:00|2026-12-04T18:00
9|3|2026-12-04T15:00|2026-12-04T22:00
9|6|2026-12-04T15:00|2026-12-04T22:00
9|8|2026-12-04T16:00|2026-12-04T23:00
11|2|2026-12-11T13:00|2026-12-11T22:00
11|4|2026-12-11T17:00|2026-12-11T23:00
12|1|2026-12-17T08:00|2026-12-17T20:00`;

const id = (prefix: string, index: number | string, from: number) => `${prefix}-${from + Number(index)}`;
const moments = (value: string | undefined) => `${value}:00Z`;

export const seed = (): Tables => ({
  clients: split(CLIENTS).map(([name, contact, email, phone, city], i) =>
    filled({ id: id('CL', i, 101), name, contact, email, phone, city }),
  ),
  bookings: split(BOOKINGS).map(([client, title, eventDate, guests, venue, status, price, currency, notes], i) =>
    filled({
      ...{ id: id('B', i, 2041), clientId: id('CL', client!, 100), title, eventDate, guests: Number(guests), venue },
      ...{ status, pricePerGuest: price ? Number(price) : undefined, currency, notes },
    }),
  ),
  recipes: split(RECIPES).map(([name, course, diet, price, allergens], i) => ({
    ...{ id: id('R', i, 301), name, course, diet, portionPrice: Number(price) },
    allergens: allergens ? allergens.split(',') : [],
  })),
  dishes: split(DISHES).map(([booking, recipe, portions], i) => ({
    ...{ id: id('L', i, 5001), bookingId: id('B', booking!, 2040), recipeId: id('R', recipe!, 300) },
    portions: Number(portions),
  })),
  workers: split(WORKERS).map(([name, role, phone, pay], i) =>
    filled({ id: id('W', i, 11), name, role, phone, hourlyPay: Number(pay) }),
  ),
  shifts: split(SHIFTS).map(([booking, worker, starts, ends], i) => ({
    ...{ id: id('S', i, 701), bookingId: id('B', booking!, 2040), workerId: id('W', worker!, 10) },
    ...{ startsAt: moments(starts), endsAt: moments(ends) },
  })),
});
