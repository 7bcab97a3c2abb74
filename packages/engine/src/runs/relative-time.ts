const UNIT = '(?:second|sec|minute|min|hour|hr|day|week|weekend|fortnight|month|quarter|half|year|decade)s?';
const WEEKDAY = '(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?';
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|march|april|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const FEW = '(?:[\\p{L}\\d.-]+\\s+){0,3}';

const patterns = [
  '\\b(?:now|today|tonight|tomorrow|yesterday|overnight|ago|hence|upcoming|overdue|recent(?:ly)?|deadline|so far|eo(?:d|w|m|q|y))\\b|\\b(?:start|beginning|end|rest) of (?:the|this|next|last)\\b',
  '\\b(?:noon|midnight|morning|afternoon|evening)\\b',
  `\\b(?:this|current|last|latest|past|previous|prior|next|coming|following|in|within|for|since|until|till|by|every|older than|newer than)\\s+${FEW}${UNIT}\\b`,
  `\\b${UNIT}[\\s-](?:to[\\s-]date|from now|earlier|later)\\b|\\b[yqmw]td\\b|\\b\\d+\\s*(?:h|d|w|m|min|s)\\b`,
  `\\b${WEEKDAY}\\b`,
  // A day or month without a year means the nearest one; a time without a day means today.
  `\\b${MONTH}\\b(?!.{0,12}\\b(?:19|20)\\d\\d\\b)`,
  '\\b(?:Q[1-4]|H[12]|(?:first|second|third|fourth|[1-4](?:st|nd|rd|th))\\s+quarter)\\b(?!.{0,8}\\b(?:19|20)\\d\\d\\b)',
  '\\bat\\s+\\d{1,2}\\b|\\b\\d{1,2}:\\d\\d\\b|\\b\\d{1,2}\\s*[ap]\\.?m\\b',
];
const PATTERN = new RegExp(patterns.join('|'), 'iu');

/** Whether a text may name a time relative to now. A false positive costs one planning; a false negative would repeat a stale time. */
export const mayNameRelativeTime = (text: string): boolean => PATTERN.test(text);
