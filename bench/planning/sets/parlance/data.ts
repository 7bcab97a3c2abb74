import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, billing e-mail, country */
const CLIENTS = `Nordhaven Shipping|accounts@nordhaven.example|DK
Bellini Ceramics|amministrazione@bellini.example|IT
Orchard Medical|billing@orchardmed.example|GB
Kestrel Games|finance@kestrel.example|GB
Maison Duval|compta@duval.example|FR
Tiede Publishing|laskut@tiede.example|FI`;

/** name, e-mail, source languages, target language, rate per word in EUR, rating, available, speciality */
const LINGUISTS = `Agnes Lund|agnes.lund@mail.example|en,sv|da|0.14|4.8|true|maritime
Matteo Ricci|matteo.ricci@posta.example|en,fr|it|0.11|4.6|true|
Claire Fontaine|claire.fontaine@courriel.example|en,it|fr|0.13|4.9|true|medical
Luc Fontaine|luc.fontaine@courriel.example|en,de|fr|0.1|4.1|false|games
Heike Baumann|heike@baumann.example|en,da|de|0.15|4.7|true|medical
Jonas Richter|jonas.richter@mail.example|en,fr|de|0.12|3.9|true|games
Pilar Navarro|pilar.navarro@correo.example|en|es|0.1|4.5|true|
Aino Salmi|aino.salmi@posti.example|en,sv|fi|0.16||true|
Tomasz Wilk|tomasz.wilk@poczta.example|en,de|pl|0.09|4.4|false|legal
Rosa Iglesias|rosa.iglesias@correo.example|en,fr|es|0.12|4.9|false|games
Beatriz Lopes|beatriz@lopes.example|en,es|pt|0.1|4.2|true|`;

/** client (from 1), title, source language, status, created, budget in EUR */
const PROJECTS = `1|Safety Manual 2026|en|active|2026-10-05T08:10|5200
2|Spring Catalogue|it|active|2026-10-19T09:30|3100
3|Patient Leaflets|en|active|2026-10-27T14:05|4400
4|Moonfall Dialogues|en|active|2026-11-03T10:45|8900
5|Perfume Website|fr|on_hold|2026-11-06T16:20|
4|Moonfall Trailer|en|completed|2026-09-14T11:00|600
3|Trial Consent Forms|en|completed|2026-08-24T07:55|2750
6|Arctic Atlas|fi|active|2026-11-16T12:30|3900
1|Crew Newsletter|en|active|2026-11-23T08:00|450`;

/** project (from 1), linguist (from 1), target language, words, due, status */
const JOBS = `1|1|da|18200|2026-11-27T17:00|assigned
1|5|de|18200|2026-11-30T17:00|assigned
1||es|18200|2026-12-07T17:00|open
2|3|fr|9400|2026-11-20T12:00|delivered
2||de|9400|2026-12-01T12:00|open
3|3|fr|6100|2026-11-18T17:00|approved
3|5|de|6100|2026-11-24T17:00|delivered
3|7|es|6100|2026-11-23T17:00|assigned
3||pl|6100|2026-12-10T17:00|open
4|6|de|31500|2026-12-15T17:00|assigned
4|4|fr|31500|2026-12-15T17:00|assigned
4|10|es|31500|2026-12-18T17:00|assigned
4||pt|31500|2026-12-22T17:00|open
4|2|it|31500|2026-12-18T17:00|assigned
5|2|it|4200|2026-11-30T12:00|assigned
5||en|4200|2026-12-03T12:00|open
6|6|de|850|2026-09-25T12:00|approved
6|10|es|850|2026-09-25T12:00|approved
6|4|fr|850|2026-09-26T12:00|approved
7|3|fr|5200|2026-09-18T17:00|approved
7|5|de|5200|2026-09-18T17:00|approved
7|9|pl|5200|2026-09-21T17:00|approved
8||sv|12400|2027-01-11T12:00|open
9|1|da|1300|2026-11-26T09:00|delivered
9|5|de|1300|2026-11-26T09:00|assigned`;

/** linguist (from 1), amount, currency, status, issued, due */
const INVOICES = `6|102|EUR|paid|2026-10-01|2026-10-31
10|102|EUR|paid|2026-10-02|2026-11-01
4|85|EUR|approved|2026-10-08|2026-11-07
3|676|EUR|paid|2026-09-28|2026-10-28
5|780|EUR|paid|2026-09-30|2026-10-30
9|2010.5|PLN|approved|2026-10-20|2026-11-19
3|793|EUR|approved|2026-11-19|2026-12-19
5|915|EUR|received|2026-11-24|2026-12-24
3|1222|EUR|received|2026-11-21|2026-12-21
1|182|EUR|received|2026-11-24|2026-12-24
7|150|EUR|rejected|2026-11-10|2026-12-10`;

/** client (from 1), source language, term, target language, translation */
const TERMS = `1|en|lifeboat|da|redningsbåd
1|en|muster station|da|mønstringssted
1|en|muster station|de|Sammelplatz
3|en|leaflet|fr|notice
3|en|side effect|de|Nebenwirkung
4|en|moon shard|de|Mondsplitter
4|en|moon shard|fr|éclat de lune`;

const id = (prefix: string, index: number | string, from: number) => `${prefix}_${from + Number(index)}`;
const ref = (prefix: string, index: string | undefined, from: number) => (index ? id(prefix, index, from) : undefined);

export const seed = (): Tables => ({
  clients: split(CLIENTS).map(([name, billing_email, country], i) => ({
    ...{ id: id('cli', i, 21), name, billing_email, country },
  })),
  linguists: split(LINGUISTS).map(([name, email, sources, target_language, rate, rating, available, speciality], i) =>
    filled({
      ...{ id: id('lin', i, 301), name, email, source_languages: sources!.split(','), target_language },
      ...{ rate_per_word: Number(rate), rating: rating ? Number(rating) : undefined },
      ...{ available: available === 'true', speciality },
    }),
  ),
  projects: split(PROJECTS).map(([client, title, source_language, status, created, budget], i) =>
    filled({
      ...{ id: id('prj', i, 801), client_id: id('cli', client!, 20), title, source_language, status },
      ...{ created_at: `${created}:00Z`, budget: budget ? Number(budget) : undefined },
    }),
  ),
  jobs: split(JOBS).map(([project, linguist, target_language, words, due, status], i) =>
    filled({
      ...{ id: id('job', i, 4001), project_id: id('prj', project!, 800), linguist_id: ref('lin', linguist, 300) },
      ...{ target_language, words: Number(words), due_at: `${due}:00Z`, status },
    }),
  ),
  invoices: split(INVOICES).map(([linguist, amount, currency, status, issued_on, due_on], i) => ({
    ...{ id: id('inv', i, 601), linguist_id: id('lin', linguist!, 300), amount: Number(amount), currency, status },
    ...{ issued_on, due_on },
  })),
  terms: split(TERMS).map(([client, source_language, term, target_language, translation], i) => ({
    ...{ id: id('term', i, 101), client_id: id('cli', client!, 20), source_language, term },
    ...{ target_language, translation },
  })),
});
