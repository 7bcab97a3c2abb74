// Turns of speech in the words that everything else reads, in as many letters.

/** "…? Leave out cancelled ones" narrows the question before it. */
const LEFT_OUT =
  /(?<=\w)\s?[.,;?!]?\s+(?:(?:but|and|please)\s+)?(?:leave out|leaving out|ignore|ignoring|exclude|excluding)(?=\s+(?:(?:all|the|any)\s+)?\p{L}+\s+ones\b|\s+(?:those|the ones|everything|anything)\s+(?:that|which|who)\b)/giu;
/** "Past their due date" is overdue. */
const PAST_DUE = /\bpast (?:(?:their|its|the|his|her) )?(?:due(?: (?:date|day))?|deadline)s?\b/gi;
/** A text that is to be sent stands as it is. */
const SENDS =
  /["“”«]|:\s|\b(?:saying|says)\b|(?:^|[.;!?,]|\b(?:and|then|please))\s*(?:add|answer|comment|e?mail|message|note|post|reply|respond|say|send|tell|text|write)\b/i;

const without = (said: string): string =>
  [', without', ' without', ' not'].find(({ length }) => length <= said.length)!.padEnd(said.length);

/** "… I don't need the urgent ones": without those. */
const UNNEEDED =
  /[.?!]\s+(?:i|we)\s+(?:do not|don['’]t)\s+(?:need|want)(?:\s+to (?:see|have|know))?(?=\s+(?:the|those|any)\b)/gi;

export function plainly(intent: string): string {
  const plain = intent
    // "Put that down" records it.
    .replace(/\bput (that|this|it|them) down\b/gi, 'record $1  ')
    // "St. Anna School" is one name.
    .replace(/\bSt\. (?=\p{Lu})/gu, 'St  ');
  return SENDS.test(intent)
    ? plain
    : plain
        .replace(LEFT_OUT, without)
        .replace(UNNEEDED, without)
        .replace(PAST_DUE, (said) => 'overdue'.padEnd(said.length));
}
