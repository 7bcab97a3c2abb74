import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const SPACES = `orangery|The Orangery|90|true|950
long_barn|Long Barn|220|true|1600
great_hall|Great Hall|300|false|2400
library|The Library|24|false|320
lakeside|Lakeside Pavilion|160|true|1250
cellar|Vaulted Cellar|60|false|480`.split('\n');

const CLIENTS = `Priya Raman|private
Halcyon Robotics|company
Marcus Bell|private
Tiverton Chess Club|charity
Esme Lockhart|private
Northgate Dental Group|company
The Lantern Trust|charity
Oskar Nyberg|private
Quill & Page Publishing|company
Marcus Bell|private
Dorothea Finch|private
Pennant Insurance|company
Hollow Oak Choir|charity
Jamal Whitmore|private
Bexley Motors|company
Freya Albright|private`.split('\n');

const SUPPLIERS = `Saltmarsh Kitchen|catering
Thistle & Rye|catering
Copperpot Catering|catering
Bloom Quarter|florist
Wildwood Stems|florist
Northlight Sound|sound_and_light
Amberwave Audio|sound_and_light
Studio Perrin|photographer
Goldcrest Photography|photographer
Sentry & Sons|security`.split('\n');

/** date, space, client (from 1), type, status, guests, title, manager */
const BOOKINGS = `2026-11-14|great_hall|6|conference|confirmed|240|Northgate Staff Day|dana
2026-11-21|long_barn|16|wedding|confirmed|130|Albright and Moss Wedding|rufus
2026-11-28|orangery|5|private_party|confirmed|70|Esme’s Fortieth|dana
2026-12-03|library|9|conference|confirmed|18|Spring List Meeting|rufus
2026-12-05|great_hall|13|concert|confirmed|280|Carols by Candlelight|dana
2026-12-08|lakeside|12|conference|held|110|Pennant Brokers’ Breakfast|dana
2026-12-12|long_barn|2|private_party|confirmed|180|Halcyon Winter Party|dana
2026-12-12|orangery|8|private_party|held|45|Nyberg Family Lunch|rufus
2026-12-16|cellar|15|private_party|enquiry|40|Bexley Motors Dinner|ayo
2026-12-19|lakeside|11|wedding|confirmed|95|Finch and Adeyemi Wedding|dana
2026-12-20|great_hall|7|concert|cancelled|260|Lantern Gala|ayo
2026-12-31|great_hall|14|private_party|enquiry|200|New Year’s Eve Ball|dana
2027-01-09|library|4|conference|confirmed|22|Chess Arbiters’ Course|ayo
2027-01-16|long_barn|4|exhibition|confirmed|60|Tiverton Chess Congress|ayo
2027-01-23|lakeside|2|conference|held|140|Robotics Supplier Forum|rufus
2027-02-06|orangery|9|exhibition|enquiry|80|Bookbinders’ Fair|rufus
2027-02-13|long_barn|1|wedding|confirmed|190|Raman and Cole Wedding|dana
2027-02-20|orangery|3|private_party|confirmed|50|Bell Silver Anniversary|ayo
2027-02-27|cellar|10|private_party|held|35|Whisky Evening|rufus
2027-03-06|lakeside|16|wedding|enquiry|120|Osei and Park Wedding|ayo
2027-03-20|great_hall|12|conference|confirmed|290|Pennant Annual Meeting|rufus
2027-04-03|orangery|5|wedding|enquiry|85|Lockhart and Vane Wedding|dana
2027-04-17|long_barn|11|wedding|enquiry|150|Reilly and Stone Wedding|rufus
2027-05-08|lakeside|13|concert|enquiry|150|Summer Serenade|dana
2027-05-22|great_hall|8|wedding|held|210|Nyberg and Holt Wedding|ayo`.split('\n');

const ASSIGNED: [booking: number, supplier: number, fee: number][] = [
  [3, 2, 1400],
  [3, 8, 450],
  [5, 6, 900],
  [7, 1, 5200],
  [7, 7, 1100],
  [10, 4, 640],
  [10, 3, 3900],
  [17, 4, 980],
  [17, 2, 7600],
  [17, 9, 1350],
  [18, 1, 1500],
];

const id = (prefix: string, number: number) => `${prefix}-${number}`;
const MANAGERS: Record<string, string> = {
  dana: 'dana@example.com',
  rufus: 'rufus@example.com',
  ayo: 'ayo@example.com',
};
const PRICES = new Map(SPACES.map((line) => [line.split('|')[0]!, Number(line.split('|')[4])]));

const bookings = (): Row[] =>
  BOOKINGS.map((line, index) => {
    const [date, space_id, client, event_type, status, guests, title, manager] = line.split('|');
    return {
      id: id('bk', 2611 + index * 3),
      title,
      client_id: id('cl', 300 + Number(client)),
      space_id,
      event_type,
      date,
      starts: ['10:00', '14:00', '18:30'][index % 3],
      ends: ['17:00', '23:30', '23:00'][index % 3],
      guests: Number(guests),
      status,
      manager: MANAGERS[manager!],
    };
  });

/** A deposit and the rest for what is confirmed. */
function payments(): Row[] {
  const { next } = chance(83);
  const rows = bookings().filter(({ status }) => status === 'confirmed');
  return rows.flatMap((booking, index) => {
    const price = PRICES.get(String(booking.space_id))!;
    const days = (Date.parse(String(booking.date)) - Date.parse('2026-11-25')) / 86_400_000;
    const state = (due: number, late: boolean) => (due > 0 ? 'due' : late ? 'overdue' : 'paid');
    const [first, rest] = [Math.min(days, 60) - 65 + next(9), days - 14];
    return [
      { kind: 'deposit', amount: price * 0.25, due_on: dayAt(first), status: state(first, index === 8) },
      { kind: 'balance', amount: price * 0.75, due_on: dayAt(rest), status: state(rest, index === 2 || index === 4) },
    ].map((one, at) => ({ id: `pay-${pad(911 + index * 2 + at, 4)}`, booking_id: booking.id, ...one, method: null }));
  });
}

/** @returns the hall’s diary as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  spaces: SPACES.map((line) => {
    const [key, name, capacity, step_free, day_price] = line.split('|');
    return { id: key, name, capacity: Number(capacity), step_free: step_free === 'true', day_price: Number(day_price) };
  }),
  clients: CLIENTS.map((line, index) => {
    const [name, kind] = line.split('|');
    const mailbox = name!.toLowerCase().replaceAll(/[^a-z]+/g, '.');
    const email = `${mailbox}${index === 9 ? '7' : ''}@post.example`;
    return { id: id('cl', 301 + index), name, kind, email, phone: `020 7946 0${pad(112 + index * 37)}` };
  }),
  suppliers: SUPPLIERS.map((line, index) => {
    const [name, trade] = line.split('|');
    return { id: id('sup', 41 + index), name, trade, phone: `0117 496 0${pad(203 + index * 41)}` };
  }),
  bookings: bookings(),
  assignments: ASSIGNED.map(([booking, supplier, fee]) => ({
    booking_id: id('bk', 2611 + (booking - 1) * 3),
    supplier_id: id('sup', 40 + supplier),
    fee,
  })),
  payments: payments(),
});
