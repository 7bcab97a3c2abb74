/** Doubles a text of one character until it has this many, so that no built-in function makes it. */
const doubled = (characters: number): string =>
  `($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $d("x", ${Math.ceil(Math.log2(characters))}))`;

/** A list that references one list of 1,000 numbers so often that its JSON text has this many characters. */
const sharing = (characters: number): string =>
  `($l := [1000..1999]; $map([1..${Math.ceil(characters / 5000)}], function($v){ $l }))`;

/** A list of this many numbers, as far as JSONata makes one. */
const long = (items: number): string => `[1..${items}]`;

/**
 * A call of each of JSONata's functions that makes or copies texts or lists, with a text or list of this size.
 * @returns expressions by the names of the functions
 */
export function hostileCalls(size: number): Readonly<Record<string, string>> {
  const text = doubled(size);
  const ofText = Object.fromEntries(
    ['length', 'lowercase', 'uppercase', 'trim', 'base64encode', 'base64decode'].map((name) => [
      name,
      `$${name}(${text})`,
    ]),
  );
  const ofUrl = Object.fromEntries(
    ['encodeUrlComponent', 'encodeUrl', 'decodeUrlComponent', 'decodeUrl'].map((name) => [name, `$${name}(${text})`]),
  );
  const ofList = Object.fromEntries(
    ['filter', 'each', 'map'].map((name) => [name, `$count($${name}(${long(size)}, function($v){ true }))`]),
  );
  const ofLists = Object.fromEntries(
    ['keys', 'spread', 'reverse', 'sort', 'shuffle', 'distinct'].map((name) => [
      name,
      `$count($${name}(${long(size)}))`,
    ]),
  );
  return {
    ...ofText,
    ...ofUrl,
    ...ofList,
    ...ofLists,
    string: `$length($string(${sharing(size)}))`,
    clone: `$count($clone(${sharing(size)}))`,
    substring: `$substring(${text}, 1, 2)`,
    substringBefore: `$substringBefore(${text}, "b")`,
    substringAfter: `$substringAfter(${text}, "b")`,
    pad: `$length($pad("", ${size}))`,
    match: `$count($match(${text}, /x/))`,
    replace: `$length($replace(${text}, "x", "yyyy"))`,
    split: `$count($split(${text}, ""))`,
    join: `$length($join($map([1..200], function($v){ ${doubled(Math.ceil(size / 200))} })))`,
    formatNumber: `$length($formatNumber(1, ${text.replace('"x"', '"0"')}))`,
    formatInteger: `$length($formatInteger(1, ${text.replace('"x"', '"0"')}))`,
    fromMillis: `$length($fromMillis(0, "[Y,${size}]"))`,
    zip: `$count($zip(${long(size)}, ${long(size)}))`,
    reduce: `$reduce(${long(size)}, function($a, $b){ $append($a, $b) })`,
    append: `$count($append(${long(size)}, ${long(size)}))`,
    merge: `$merge($map(${long(size)}, function($v){ {$string($v): $v} }))`,
  };
}
