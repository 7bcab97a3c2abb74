import type { Row, Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** title, director, country, language, minutes, category, status, submitted, fee, currency, whether it is paid, premiere */
const SUBMISSIONS = `The Salt Road|Leyla Demir|TR|Turkish|104|feature|accepted|2026-07-02T10:14|45|EUR|true|international
Nine Lanterns|Wei Zhang|CN|Mandarin|97|feature|accepted|2026-07-09T08:30|50|USD|true|world
Quiet Engines|Tomas Berg|SE|Swedish|18|short|accepted|2026-07-15T12:02|20|EUR|true|none
Harvest of Glass|Amara Diallo|SN|French|88|documentary|accepted|2026-07-21T17:45|35|EUR|true|world
Under the Viaduct|Rosa Mendez|MX|Spanish|112|feature|rejected|2026-07-28T22:19|45|USD|true|
A Dog Named Tuesday|Callum Fraser|GB|English|12|short|accepted|2026-08-03T09:51|20|GBP|true|none
Winter Accounts|Ilse Hoffmann|DE|German|121|feature|shortlisted|2026-08-11T14:07|45|EUR|true|national
The Last Cartographer|Pedro Nunes|PT|Portuguese|95|feature|in_review|2026-08-19T19:33|45|EUR|false|world
Paper Boats|Mina Park|KR|Korean|9|animation|accepted|2026-08-24T04:12|20|USD|true|world
Tidewater|Sean Doyle|IE|English|79|documentary|in_review|2026-08-30T11:26|35|EUR|true|
Borrowed Light|Leyla Demir|TR|Turkish|15|short|shortlisted|2026-09-02T16:40|20|EUR|true|none
Concrete Orchard|Marta Kowalska|PL|Polish|101|feature|in_review|2026-09-05T13:18|45|EUR|false|international
Small Hours|Jonas Park|US|English|84|documentary|rejected|2026-09-08T23:05|35|USD|true|
Letters to Okinawa|Haruto Sato|JP|Japanese|92|documentary|accepted|2026-09-11T02:44|35|USD|true|international
Kingfisher|Alice Fraser|GB|English|107|feature|shortlisted|2026-09-14T10:00|45|GBP|true|world
The Beekeeper of Izmir|Cem Aydin|TR|Turkish|73|documentary|in_review|2026-09-17T15:29|35|EUR|true|national
Static|Noor Rahimi|NL|Dutch|22|short|in_review|2026-09-20T20:11|20|EUR|false|none
Moth Season|Elena Popescu|RO|Romanian|99|feature|withdrawn|2026-09-22T09:37|45|EUR|true|
Grandmother Radio|Thandi Mokoena|ZA|Zulu|64|documentary|shortlisted|2026-09-25T06:58|35|USD|true|world
Rooftop Choir|Marta Kowalska|PL|Polish|14|short|accepted|2026-09-27T18:22|20|EUR|true|none
Eleven Windows|Hana Novakova|CZ|Czech|7|animation|in_review|2026-09-28T12:50|20|EUR|true|
Ferryman|Olav Strand|NO|Norwegian|118|feature|in_review|2026-09-29T21:15|45|EUR|false|international
The Salt Harbour|Nikos Pappas|GR|Greek|90|feature|received|2026-09-30T18:40|45|EUR|false|world
Blue Ledger|Ines Duarte|PT|Portuguese|11|short|received|2026-09-30T21:05|20|EUR|true|none
Carousel|Yann Le Goff|FR|French|8|animation|received|2026-09-30T22:51|20|EUR|false|
Cold Front|Mina Park|KR|Korean|110|feature|received|2026-09-30T23:40|50|USD|false|world`;

/** submission (from 1), reviewer, score, comment, day */
const REVIEWS = `7|Olga Brandt|8|Sober and very well acted|2026-10-06
7|Matt Ruiz|6|Twenty minutes too long|2026-10-08
7|Sana Iqbal|7|The ending earns the slow first half|2026-10-13
8|Olga Brandt|7|Charming|2026-10-07
8|Sana Iqbal|5|Looks better than it is written|2026-10-14
10|Matt Ruiz|9|Best sound of the year|2026-10-09
10|Olga Brandt|8|Strong second half|2026-10-15
11|Sana Iqbal|8|Small and exact|2026-10-16
12|Matt Ruiz|4|Never finds its subject|2026-10-20
15|Olga Brandt|9|A real discovery|2026-10-12
15|Matt Ruiz|9|Should open the festival|2026-10-19
15|Sana Iqbal|9|I would see it again tomorrow|2026-10-21
16|Sana Iqbal|6|Warm but conventional|2026-10-23
19|Matt Ruiz|8|A wonderful voice|2026-10-26
19|Olga Brandt|7|Needs better subtitles|2026-10-27
22|Olga Brandt|3|Cold in every sense|2026-11-02`;

/** name, seats, whether a wheelchair gets in, address */
const VENUES = `Odeon Hall|420|true|1 Market Square
Studio 2|85|false|14 Foundry Street
Harbour Cinema|160|true|3 Quayside
Old Library|60|false|22 Chapel Street
Grand Palace|780|true|5 Station Road
Courtyard Tent|240|true|`;

/** submission (from 1), venue (from 1), start, tickets sold, status, whether there is a talk with the makers */
const SCREENINGS = `2|5|2026-12-03T19:30|702|scheduled|true
1|1|2026-12-04T18:00|388|scheduled|true
4|3|2026-12-04T20:15|97|scheduled|true
9|4|2026-12-05T11:00|60|scheduled|false
3|2|2026-12-05T14:00|41|scheduled|false
6|2|2026-12-05T14:30|85|scheduled|false
14|3|2026-12-05T17:00|121|scheduled|false
20|4|2026-12-05T21:00|22|scheduled|false
1|3|2026-12-06T16:00|160|scheduled|false
2|1|2026-12-06T20:00|215|scheduled|false
4|2|2026-12-07T18:30|31|scheduled|false
14|6|2026-12-07T20:30|58|cancelled|false
6|4|2026-12-08T16:00|17|scheduled|false
9|6|2026-12-08T17:30|133|scheduled|true
3|4|2026-12-08T19:00|12|scheduled|false
20|2|2026-12-09T18:00|0|cancelled|false
1|5|2026-12-10T20:00|540|scheduled|true`;

/** name, role, e-mail, submission (from 1), arrival, departure, hotel, accreditation, what they eat */
const GUESTS = `Leyla Demir|director|leyla@demirfilm.example|1|2026-12-03|2026-12-07|Hotel Meridian|approved|vegetarian
Wei Zhang|director|wei.zhang@lantern.example|2|2026-12-02|2026-12-05|Hotel Meridian|approved|
Tomas Berg|director||3|2026-12-05|2026-12-06||approved|
Amara Diallo|director|amara@sahelfilm.example|4|2026-12-03|2026-12-08|Pension Linde|approved|halal
Callum Fraser|director|callum@fraser.example|6|2026-12-04|2026-12-06||requested|
Mina Park|director|mina.park@boats.example|9|2026-12-04|2026-12-09|Hotel Meridian|approved|
Haruto Sato|director|sato@okinawa.example|14|2026-12-04|2026-12-08|Pension Linde|approved|no shellfish
Marta Kowalska|director|marta@rooftop.example|20|2026-12-04|2026-12-10||approved|
Alice Fraser|director|alice@kingfisher.example|15||||requested|
Judith Amsel|juror|j.amsel@jury.example||2026-12-02|2026-12-11|Hotel Meridian|approved|gluten free
Karim Benali|juror|karim.benali@jury.example||2026-12-02|2026-12-11|Hotel Meridian|approved|
Sophie Laurent|juror|sophie.laurent@jury.example||2026-12-03|2026-12-11||approved|
Dev Malhotra|press|dev@dailyreel.example||2026-12-03|2026-12-06||requested|
Greta Olsen|press|greta.olsen@nordicscreen.example||2026-12-04|2026-12-05||declined|
Ricardo Silva|press|ricardo@cinelisboa.example||2026-12-05|2026-12-10||approved|vegan
Anna Berg|industry|anna.berg@distribute.example||2026-12-05|2026-12-08|Pension Linde|requested|
Lin Zhao|actor|lin.zhao@lantern.example|2|2026-12-03|2026-12-04|Hotel Meridian|approved|
Emre Kaya|actor|emre@kaya.example|1|2026-12-03|2026-12-05||approved|
Philip Crane|industry||||||requested|`;

/** guest (from 1), time, from, to, driver */
const TRANSFERS = `1|2026-12-03T13:20|airport|hotel|Milo
2|2026-12-02T09:45|airport|hotel|Milo
6|2026-12-04T16:10|airport|hotel|
10|2026-12-02T18:00|station|hotel|Hanne
4|2026-12-03T22:05|airport|hotel|
1|2026-12-07T07:30|hotel|airport|Hanne`;

const submissions = split(SUBMISSIONS);
const reviews = split(REVIEWS);
const venues = split(VENUES);
const pad = (number: string | number) => String(number).padStart(2, '0');
const submissionId = (number: string | number) => `sub_07${pad(number)}`;

/** @returns how often a submission was reviewed, and the mean of its scores */
function scores(number: string): Row {
  const own = reviews.filter(([about]) => about === number).map(([, , score]) => Number(score));
  const mean = own.reduce((sum, score) => sum + score, 0) / own.length;
  return { review_count: own.length, ...(own.length ? { average_score: mean } : {}) };
}

const screenings = () =>
  split(SCREENINGS).map(([film, venue, start, tickets_sold, status, q_and_a], index) => ({
    id: `scr_${31 + index}`,
    submission_id: submissionId(film!),
    film_title: submissions[Number(film) - 1]![0],
    venue_id: `ven_${venue}`,
    starts_at: `${start}:00Z`,
    seats: Number(venues[Number(venue) - 1]![1]),
    tickets_sold: Number(tickets_sold),
    status,
    q_and_a: q_and_a === 'true',
  }));

/** @returns the office as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  submissions: submissions.map((fields, index) => {
    const [title, director, country, language, minutes, category, status, submitted, fee, ...rest] = fields;
    const [fee_currency, paid, premiere] = rest;
    return filled({
      id: submissionId(index + 1),
      ...{ title, director, country, language, runtime_minutes: Number(minutes), category, status },
      submitted_at: `${submitted}:00Z`,
      ...{ fee_amount: Number(fee), fee_currency, fee_paid: paid === 'true', premiere },
      ...scores(String(index + 1)),
    });
  }),
  reviews: reviews.map(([about, reviewer, score, comment, written_on], index) => ({
    id: `rvw_${21 + index}`,
    submission_id: submissionId(about!),
    reviewer,
    score: Number(score),
    comment,
    written_on,
  })),
  venues: venues.map(([name, seats, wheelchair, address], index) =>
    filled({ id: `ven_${index + 1}`, name, seats: Number(seats), wheelchair_access: wheelchair === 'true', address }),
  ),
  screenings: screenings(),
  guests: split(GUESTS).map(([name, role, email, film, arrives_on, departs_on, hotel, ...rest], index) =>
    filled({
      id: `gst_${pad(index + 1)}`,
      ...{ name, role, email, submission_id: film && submissionId(film), arrives_on, departs_on, hotel },
      ...{ accreditation: rest[0], dietary_needs: rest[1] },
    }),
  ),
  transfers: split(TRANSFERS).map(([guest, at, from, to, driver], index) =>
    filled({ id: `trf_${index + 1}`, guest_id: `gst_${pad(guest!)}`, at: `${at}:00Z`, from, to, driver }),
  ),
});
