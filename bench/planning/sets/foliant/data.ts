import type { Tables } from '../kit.ts';

/** name, address, phone */
const LIBRARIES = `Central Library|1 Exchange Square|+44 161 0100001
Riverside Library|20 Wharf Street|+44 161 0100002
Northgate Library|8 North Gate|
Millbrook Library|3 Mill Street|+44 161 0100004`;

/** title, author, year, genre, language, format, pages */
const TITLES = `The Salt Road|Imogen Hale|2019|fiction|en|book|342
Bees of the North|Tomas Rask|2021|nature|en|book|208
A House by the Canal|Imogen Hale|2023|fiction|en|book|298
Der lange Sommer|Katrin Vogel|2020|fiction|de|book|411
The Paper Lighthouse|Oskar Bram|2018|children|en|book|48
Night Trains of Europe|Leonie Faber|2024|travel|en|book|256
Bread for Beginners|Samir Haddad|2022|cookery|en|book|160
The Cartographer's Daughter|Ruth Adeyemi|2017|fiction|en|book|389
Foxglove Hill|Ruth Adeyemi|2025|crime|en|book|324
A Short History of Rain|Piers Langdon|2016|history|en|book|
Little Bear Goes to Sea|Oskar Bram|2024|children|en|book|36
La Maison bleue|Claire Aubert|2021|fiction|fr|book|220
The Quiet Ledger|Ian Mercer|2020|crime|en|book|301
Murder at Low Tide|Ian Mercer|2026|crime|en|book|287
Gardening on a Balcony|Nia Price|2023|nature|en|book|144
The Salt Road|Imogen Hale|2020|fiction|en|audiobook|
Stars over Lisbon|Marta Coelho|2015|travel|en|book|275
The Last Ferry|Imogen Hale|2026|crime|en|book|318`;

/** title (from 1), library, status, day on which it was bought */
const COPIES = `1|1|on_loan|2019-06-03
1|2|available|2019-06-03
2|1|available|2021-09-20
3|1|on_loan|2023-04-11
3|3|available|2023-04-11
4|2|available|2021-02-15
5|1|on_loan|2018-11-05
5|4|available|2022-03-07
6|2|on_loan|2024-05-21
7|1|on_loan|2022-10-10
7|3|available|2022-10-10
8|4|on_loan|2017-08-28
9|2|available|2025-03-17
9|3|on_loan|2025-03-17
9|4|available|2025-06-02
10|1|in_repair|2016-12-12
11|1|on_loan|2024-09-09
11|2|on_loan|2024-09-09
12|2|available|2021-11-22
13|1|on_loan|2020-07-13
13|3|lost|2020-07-13
14|1|on_loan|2026-06-08
14|2|on_loan|2026-06-08
15|3|available|2023-05-15
16|1|available|2020-10-19
17|4|on_loan|2015-09-14
18|1|on_loan|2026-09-28
18|4|available|2026-09-28`;

/** name, e-mail, phone, library, category, day of joining, last day of the card, whether blocked */
const MEMBERS = `Grace Okafor|grace.okafor@mail.example|+44 161 0100201|1|adult|2018-04-12|2027-04-11|false
Daniel Okafor||+44 161 0100202|1|adult|2019-09-30|2027-09-29|false
Peter Lindqvist|peter.l@mail.example||4|adult|2016-12-05|2026-12-04|false
Amara Nwosu|amara@nwosu.example|+44 161 0100204|2|student|2024-10-01|2027-09-30|false
Hannah Brooks|hannah.brooks@mail.example|+44 161 0100205|1|adult|2020-02-17|2027-02-16|false
Tobias Stein|t.stein@post.example||3|adult|2021-12-01|2026-11-30|false
Priya Raman|priya.raman@mail.example|+44 161 0100207|1|adult|2022-12-20|2026-12-19|false
Walter Finch|w.finch@mail.example|+44 161 0100208|2|adult|2009-03-02|2027-03-01|false
Ella Finch||+44 161 0100208|2|child|2023-06-10|2027-06-09|false
Yusuf Demir|yusuf.demir@mail.example|+44 161 0100210|4|student|2025-10-06|2027-10-05|false
Marguerite Dupont|m.dupont@post.example|+44 161 0100211|4|adult|2017-05-23|2027-05-22|false
Liam Carey|liam.carey@mail.example|+44 161 0100212|3|adult|2024-01-03|2027-01-02|false
Sinead Carey|sinead.carey@mail.example|+44 161 0100213|3|adult|2024-01-03|2027-01-02|false
Rosa Iglesias|rosa@iglesias.example||2|adult|2020-01-01|2026-12-31|false
Hannah Brooks|hbrooks@post.example|+44 161 0100215|2|student|2025-09-15|2027-09-14|false
Oliver Grant|oliver.grant@mail.example|+44 161 0100216|3|adult|2015-10-11|2026-10-10|true`;

/** member (from 1), copy (from 1), loaned, due, returned, renewals */
const LOANS = `1|2|2026-09-14|2026-10-05|2026-10-01|0
8|26|2026-09-15|2026-10-06|2026-10-12|1
2|5|2026-09-21|2026-10-12|2026-10-10|0
7|3|2026-09-28|2026-10-19|2026-10-15|0
12|9|2026-10-05|2026-10-26|2026-10-24|0
14|19|2026-10-08|2026-10-29|2026-10-22|0
1|11|2026-10-12|2026-11-02|2026-10-30|0
6|13|2026-10-14|2026-11-04|2026-11-04|1
16|14|2026-10-20|2026-11-10||0
3|12|2026-10-26|2026-11-16||0
1|20|2026-10-30|2026-11-20||0
10|23|2026-11-02|2026-11-23||0
9|7|2026-11-05|2026-11-26||0
13|17|2026-11-05|2026-11-26||0
11|26|2026-11-05|2026-11-26||1
7|10|2026-11-06|2026-11-27||1
14|9|2026-11-09|2026-11-30||0
4|1|2026-11-10|2026-12-01||0
1|4|2026-11-12|2026-12-03||0
9|18|2026-11-14|2026-12-05||0
8|22|2026-11-16|2026-12-07||0
5|27|2026-11-18|2026-12-09||0`;

/** title (from 1), member, library where it is picked up, status, placed */
const HOLDS = `9|2|1|ready|2026-10-28
14|6|1|waiting|2026-11-03
6|4|2|waiting|2026-11-09
14|14|2|waiting|2026-11-10
3|11|4|ready|2026-11-13
18|15|2|waiting|2026-11-19
11|12|3|waiting|2026-11-22`;

/** member (from 1), pounds, kind, status, day, remark */
const FEES = `8|3.5|late_return|paid|2026-07-20|
13|6|lost_card|paid|2026-08-11|
8|4.5|late_return|open|2026-10-12|Stars over Lisbon
8|12|damage|open|2026-10-12|Cover torn
9|1|late_return|waived|2026-10-19|
16|2.5|late_return|open|2026-11-17|
10|0.5|late_return|open|2026-11-24|`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const title = (number: string) => `ttl_${100 + Number(number)}`;
const member = (number: string) => `mem_${200 + Number(number)}`;
const library = (number: string) => `lib_${number}`;
const copy = (number: string) => String(30400 + Number(number));
const titles = split(TITLES);
const copies = split(COPIES);

/** @returns the libraries as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  libraries: split(LIBRARIES).map(([name, address, phone], index) => ({
    id: library(String(index + 1)),
    name,
    address,
    ...(phone && { phone }),
  })),
  titles: titles.map(([name, author, year, genre, language, format, pages], index) => ({
    id: title(String(index + 1)),
    title: name,
    author,
    year: Number(year),
    genre,
    language,
    format,
    ...(pages && { pages: Number(pages) }),
  })),
  copies: copies.map(([of, at, status, acquiredOn], index) => ({
    id: copy(String(index + 1)),
    titleId: title(of!),
    libraryId: library(at!),
    status,
    acquiredOn,
  })),
  members: split(MEMBERS).map(([name, mail, phone, at, category, joinedOn, expiresOn, blocked], index) => ({
    id: member(String(index + 1)),
    name,
    ...(mail && { email: mail }),
    ...(phone && { phone }),
    libraryId: library(at!),
    category,
    joinedOn,
    expiresOn,
    blocked: blocked === 'true',
  })),
  loans: split(LOANS).map(([by, of, loanedOn, dueOn, returnedOn, renewals], index) => ({
    id: `loan_${701 + index}`,
    memberId: member(by!),
    copyId: copy(of!),
    titleId: title(copies[Number(of) - 1]![0]!),
    title: titles[Number(copies[Number(of) - 1]![0]) - 1]![0],
    status: returnedOn ? 'returned' : 'open',
    loanedOn,
    dueOn,
    ...(returnedOn && { returnedOn }),
    renewals: Number(renewals),
  })),
  holds: split(HOLDS).map(([of, by, at, status, placedOn], index) => ({
    id: `hold_${31 + index}`,
    titleId: title(of!),
    memberId: member(by!),
    libraryId: library(at!),
    status,
    placedOn,
  })),
  fees: split(FEES).map(([by, pounds, kind, status, chargedOn, remark], index) => ({
    id: `fee_${81 + index}`,
    memberId: member(by!),
    amount: Number(pounds),
    currency: 'GBP',
    kind,
    status,
    chargedOn,
    ...(remark && { remark }),
  })),
});
