import type { Tables } from '../kit.ts';
import { filled, split } from '../lines.ts';

/** name, age group, gender, training day, pitch, coach (from 1) */
const TEAMS = `U8 Mixed|8|mixed|monday|Pitch 3|1
U10 Girls|10|girls|tuesday|Pitch 3|2
U10 Boys|10|boys|tuesday|Pitch 2|3
U12 Girls|12|girls|wednesday|Pitch 2|4
U12 Boys|12|boys|wednesday|Pitch 1|5
U14 Girls|14|girls|thursday|Pitch 1|2
U14 Boys|14|boys|thursday|Pitch 2|6
U16 Boys|16|boys|friday|Pitch 1|7`;

/** name, e-mail, phone, licence valid until */
const COACHES = `Marlene Vogt|marlene.vogt@touchline.example|0170 555201|2027-06-30
Steffi Brandt|steffi.brandt@touchline.example|0170 555202|2026-12-31
Ali Demir|ali.demir@touchline.example|0170 555203|2027-03-31
Johanna Kern|johanna.kern@touchline.example|0170 555204|2026-10-31
Peter Sandvik|peter.sandvik@touchline.example||2027-09-30
Ruben Oliveira|ruben.oliveira@touchline.example|0170 555206|2028-01-31
Hanno Lutz|hanno.lutz@touchline.example|0170 555207|`;

/** first name, last name, born, team (from 1), position, status, shirt, guardian, phone, e-mail of the guardian */
const PLAYERS = `Mia|Aydin|2019-04-12|1||active|4|Sema Aydin|0151 555301|sema.aydin@mail.example
Ben|Hoffmann|2019-01-30|1||active|7|Karin Hoffmann|0151 555302|karin.hoffmann@mail.example
Lotte|Peters|2018-11-02|1||trial||Jan Peters|0151 555303|jan.peters@mail.example
Emil|Sandvik|2019-07-19|1||active|9|Peter Sandvik||peter.sandvik@mail.example
Clara|Weiss|2017-03-08|2|goalkeeper|active|1|Nina Weiss|0151 555305|nina.weiss@mail.example
Ella|Novotny|2017-06-25|2|midfielder|active|8|Petra Novotny|0151 555306|petra.novotny@mail.example
Sophie|Lang|2016-12-14|2|defender|injured|3|Uwe Lang|0151 555307|uwe.lang@mail.example
Zoe|Adeyemi|2017-09-01|2|forward|active|10|Grace Adeyemi|0151 555308|grace.adeyemi@mail.example
Tim|Hoffmann|2016-10-21|3|forward|active|11|Karin Hoffmann|0151 555302|karin.hoffmann@mail.example
Noah|Kaya|2017-02-17|3|goalkeeper|active|1|Deniz Kaya|0151 555310|deniz.kaya@mail.example
Oskar|Blum|2017-05-05|3|defender|left|5|Iris Blum|0151 555311|iris.blum@mail.example
Leo|Marino|2016-08-29|3||trial||Carla Marino|0151 555312|carla.marino@mail.example
Hannah|Schulz|2015-01-11|4|midfielder|active|6|Axel Schulz|0151 555313|axel.schulz@mail.example
Nele|Fuchs|2014-11-23|4|goalkeeper|active|1|Birgit Fuchs|0151 555314|birgit.fuchs@mail.example
Amelie|Roth|2015-04-03|4|forward|injured|9|Silke Roth|0151 555315|silke.roth@mail.example
Lina|Haddad|2015-08-16|4|defender|active|2|Omar Haddad|0151 555316|omar.haddad@mail.example
Jonas|Krueger|2014-12-30|5|midfielder|active|8|Dirk Krueger|0151 555317|dirk.krueger@mail.example
Max|Lindner|2015-02-09|5|forward|active|10|Eva Lindner|0151 555318|eva.lindner@mail.example
Jonas|Krueger|2015-06-18|5|defender|active|4|Anja Krueger|0151 555319|anja.krueger@mail.example
Felix|Baumann|2014-09-27|5|goalkeeper|injured|1|Rolf Baumann|0151 555320|rolf.baumann@mail.example
Yusuf|Aydin|2015-10-07|5|defender|active|5|Sema Aydin|0151 555301|sema.aydin@mail.example
Frieda|Schulz|2013-03-15|6|defender|active|4|Axel Schulz|0151 555313|axel.schulz@mail.example
Ida|Mertens|2012-12-01|6|goalkeeper|active|1|Heike Mertens|0151 555323|heike.mertens@mail.example
Carlotta|Bianchi|2013-07-22|6|forward|active|9|Paolo Bianchi|0151 555324|paolo.bianchi@mail.example
Ronja|Stein|2013-05-09|6|midfielder|left|7|Monika Stein|0151 555325|monika.stein@mail.example
David|Okonkwo|2012-10-13|7|forward|active|9|Chidi Okonkwo|0151 555326|chidi.okonkwo@mail.example
Luis|Ferreira|2013-01-26|7|midfielder|injured|6|Ana Ferreira|0151 555327|ana.ferreira@mail.example
Moritz|Engel|2013-06-04|7|goalkeeper|active|1|Tanja Engel|0151 555328|tanja.engel@mail.example
Julian|Wirth|2011-02-20|8|defender|active|3|Gerd Wirth|0151 555329|gerd.wirth@mail.example
Kofi|Mensah|2010-11-08|8|forward|active|10|Abena Mensah|0151 555330|abena.mensah@mail.example
Paul|Richter|2011-05-31|8|goalkeeper|active|1|Vera Richter|0151 555331|vera.richter@mail.example`;

/** team (from 1), opponent, kick-off, venue, status, goals for and against */
const MATCHES = `2|SV Eichdorf|2026-10-10T09:30|home|played|3|1
5|TSV Altenau|2026-10-10T11:00|away|played|0|2
8|FC Lindental|2026-10-11T12:00|home|played|4|4
6|SC Blaubach|2026-10-17T10:00|home|played|5|0
3|SV Eichdorf|2026-10-17T09:30|away|played|1|6
4|FC Lindental|2026-10-24T10:30|away|played|2|2
7|TuS Hagen|2026-10-25T11:30|home|cancelled||
5|SC Blaubach|2026-11-07T11:00|home|played|3|2
2|TuS Hagen|2026-11-07T09:30|away|played|2|0
8|TSV Altenau|2026-11-08T12:00|away|played|1|0
6|SV Eichdorf|2026-11-14T10:00|away|played|1|3
4|TSV Altenau|2026-11-14T10:30|home|played|7|1
3|FC Lindental|2026-11-21T09:30|home|played|2|1
7|SC Blaubach|2026-11-22T11:30|away|scheduled||
2|FC Lindental|2026-11-28T09:30|home|scheduled||
5|TuS Hagen|2026-11-28T11:00|away|scheduled||
8|SC Blaubach|2026-11-29T12:00|home|scheduled||
6|TSV Altenau|2026-12-05T10:00|home|scheduled||
4|SV Eichdorf|2026-12-05T10:30|away|scheduled||
3|TSV Altenau|2026-12-12T09:30|away|scheduled||`;

/** player (from 1), what for, euros, due, status, paid on */
const FEES = `1|membership|90|2026-09-30|paid|2026-09-21
2|membership|90|2026-09-30|open|
5|membership|120|2026-09-30|paid|2026-10-02
6|membership|120|2026-09-30|paid|2026-09-30
8|membership|120|2026-09-30|open|
9|membership|120|2026-09-30|open|
10|membership|120|2026-09-30|paid|2026-09-14
13|membership|140|2026-09-30|paid|2026-09-28
14|tournament|25|2026-11-15|open|
16|tournament|25|2026-11-15|paid|2026-11-12
18|membership|140|2026-09-30|paid|2026-09-09
20|kit|45.5|2026-10-31|open|
23|membership|140|2026-09-30|waived|
24|kit|45.5|2026-10-31|paid|2026-10-29
26|membership|160|2026-09-30|open|
28|tournament|35|2026-12-10|open|
30|membership|160|2026-09-30|paid|2026-09-27
31|tournament|35|2026-12-10|open|`;

/** team (from 1), start, pitch, status */
const TRAININGS = `1|2026-11-23T16:00|Pitch 3|held
3|2026-11-24T16:30|Pitch 2|held
4|2026-11-25T17:00|Pitch 2|planned
5|2026-11-25T17:30|Pitch 1|planned
6|2026-11-26T17:00|Pitch 1|planned
7|2026-11-26T17:30|Pitch 2|planned
8|2026-11-27T18:00|Pitch 1|planned
1|2026-11-30T16:00|Pitch 3|planned
2|2026-12-01T16:00|Pitch 3|planned
3|2026-12-01T16:30|Pitch 2|cancelled
4|2026-12-02T17:00|Pitch 2|planned
6|2026-12-03T17:00|Pitch 1|planned`;

const [teams, players] = [split(TEAMS), split(PLAYERS)];
const id = (prefix: string, place: string | number | undefined) => `${prefix}_${String(place).padStart(2, '0')}`;
const goals = (text: string | undefined) => (text ? Number(text) : null);
const teamName = (place: string | undefined) => teams[Number(place) - 1]![0];

/** @returns the club as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  teams: teams.map(([name, age, gender, training_day, pitch, coach], index) => ({
    id: id('team', index + 1),
    name,
    age_group: Number(age),
    gender,
    training_day,
    pitch,
    coach_id: id('coach', coach),
  })),
  coachs: split(COACHES).map(([name, email, phone, until], index) =>
    filled({ id: id('coach', index + 1), name, email, phone, licence_valid_until: until }),
  ),
  players: players.map(
    ([first_name, last_name, born_on, team, position, status, shirt, name, phone, email], index) => ({
      ...filled({ id: id('player', index + 1), first_name, last_name, born_on, team_id: id('team', team), position }),
      status,
      shirt_number: shirt ? Number(shirt) : null,
      guardian: filled({ name, phone, email }),
    }),
  ),
  matches: split(MATCHES).map(([team, opponent, kickoff, venue, status, own, other], index) => ({
    id: id('match', index + 1),
    team_id: id('team', team),
    team_name: teamName(team),
    opponent,
    kickoff_at: `${kickoff}:00Z`,
    venue,
    status,
    goals_for: goals(own),
    goals_against: goals(other),
  })),
  fees: split(FEES).map(([player, kind, euros, due_on, status, paid_on], index) => {
    const [first, last] = players[Number(player) - 1]!;
    return {
      ...{ id: id('fee', index + 1), player_id: id('player', player), player_name: `${first} ${last}`, kind },
      ...{ amount: Number(euros), currency: 'EUR', due_on, status, paid_on: paid_on || null },
    };
  }),
  trainings: split(TRAININGS).map(([team, starts, pitch, status], index) => ({
    id: id('training', index + 1),
    team_id: id('team', team),
    team_name: teamName(team),
    starts_at: `${starts}:00Z`,
    pitch,
    status,
  })),
  messages: [],
});
