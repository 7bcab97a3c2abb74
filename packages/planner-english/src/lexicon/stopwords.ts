/** Words that say nothing of what is sought. */
export const STOPWORDS = new Set(
  `a an the and or but of in on at to for from by with without about as into onto over under than then so that this
  these those it its it's i me my mine we us our you your yours he him his she her they them their theirs there here be
  am is are was were been being do does did done has have had having will would shall should can could may might must
  please pls kindly hi hello hey thanks thank just also too very really some any all each every both either neither
  no not if else while during between per via within around across out up down off again more most less least few
  much many such only what which who whom whose when where why how let's cannot needed
  would i'd i'm im id we'd i'll ok okay now right currently regarding concerning associated belong
  belongs belonging ago one ones something anything everything somebody someone called named titled whether because since until till
  against toward towards upon give tell show me get list find see look know use using used focus kind sort thing things
  make makes made making sure help able say saying says said still already yet together altogether currently today's morning afternoon evening dear thank quickly soon simply actually exactly there's here's try going go come comes have's does versus vs above below before after earlier later left far`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Nouns that any answer could be called by: they tell little about which tool is meant. */
export const GENERIC = new Set(
  `data information info detail details list summary summarize summarise overview report breakdown record entry result
  item object thing number value name date time type id api endpoint service resource request response given
  specific new current system first last latest recent top common various certain single primary official person`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Nouns for an answer in words or numbers: "create a summary" asks for one and changes nothing. */
export const REPORTS = new Set(
  `summary report overview list breakdown table chart digest recap analysis comparison forecast ranking graph
  dashboard snapshot rundown synopsis briefing statement statistics stats total count inventory listing picture
  brief readout tally roundup`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
