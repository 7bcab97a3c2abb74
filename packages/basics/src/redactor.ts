import { LRUCache } from 'lru-cache';
import { withoutTrailing } from './text-end.ts';

// Shorter secrets would redact ordinary words.
const SHORTEST = 6;
// Each line is searched for each secret.
const MAX_SECRETS = 500;
// Maximum number of remembered names, and of their characters.
const MAX_NAMES = 1000;
const MAX_NAME_CHARS = 500_000;
const KEY = /\ber_(?:live|test|user)_[0-9A-Za-z]{8,}/g;
const IN_URL = /([?&](?:token|code|state|access_token|api_?key|key)=)[^&\s"'\\]+/gi;

export type Redactor = {
  /** Remembers a secret; from now on its text is redacted, also in base64 or URL-encoded. */
  add(secret: string): void;
  /** The text without secrets, API keys, and the values of query parameters that usually contain secrets. */
  redact(text: string): string;
  /** Like `redact`, for texts that recur, such as the names of tools: remembers some results. */
  redactName(text: string): string;
  /** The length of the longest text that `redact` searches for. */
  longest(): number;
};

/** Longer than the beginning of an API key that cannot be recognized as one. */
const LONGEST_BEGINNING = 20;

/** Redacts log lines: searches every line for every secret. */
export function createRedactor(): Redactor {
  const formsBySecret = new Map<string, string[]>();
  const cleanNames = new LRUCache<string, string>({
    max: MAX_NAMES,
    maxSize: MAX_NAME_CHARS,
    sizeCalculation: (clean, name) => clean.length + name.length + 1,
  });
  let longest = LONGEST_BEGINNING;
  const redact = (text: string) => {
    let clean = text.replace(KEY, '[secret]').replace(IN_URL, '$1[secret]');
    for (const forms of formsBySecret.values()) {
      for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, '[secret]');
    }
    return clean;
  };
  const learn = (secret: string) => {
    const forms = formsOf(secret);
    longest = Math.max(longest, ...forms.map((form) => form.length));
    for (const name of [...cleanNames.keys()]) if (forms.some((form) => name.includes(form))) cleanNames.delete(name);
    return forms;
  };
  return {
    longest: () => longest,
    add(value) {
      if (value.length < SHORTEST) return;
      const forms = formsBySecret.get(value) ?? learn(value);
      formsBySecret.delete(value);
      formsBySecret.set(value, forms);
      const oldest = formsBySecret.size > MAX_SECRETS ? formsBySecret.keys().next().value : undefined;
      if (oldest !== undefined) formsBySecret.delete(oldest);
    },
    redact,
    redactName(text) {
      const known = cleanNames.get(text);
      if (known !== undefined) return known;
      const clean = redact(text);
      cleanNames.set(text, clean);
      return clean;
    },
  };
}

const formsOf = (value: string): string[] =>
  [
    ...new Set([
      value,
      encodeURIComponent(value),
      // as it is written in a JSON string
      JSON.stringify(value).slice(1, -1),
      // without the last group, which differs when something follows
      withoutTrailing(Buffer.from(value).toString('base64'), '=').slice(0, -4),
      Buffer.from(value).toString('base64url').slice(0, -4),
    ]),
  ].filter((form) => form.length >= SHORTEST);
