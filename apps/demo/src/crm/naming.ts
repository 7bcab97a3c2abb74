// The code of the CRM uses neutral words (`account`), its concepts. A vocabulary replaces them (`customer`) in identifiers, paths, enum
// values and prose.
import { plural, type Vocabulary } from './vocabulary.ts';

export type Naming = {
  /** A field or parameter: `accountId` → `customer_id`. */
  field(name: string): string;
  /** A component's name: `AccountPage` → `CustomerPage`. */
  component(name: string): string;
  /** An operation: `listDeals` → `browseOpportunities`. */
  operation(id: string): string;
  /** A path template: `/sales/{saleId}` → `/revenue/{revenueId}`. */
  path(template: string): string;
  /** A value of an enumeration: `call` → `phone_call`, or the name of a field: `accountId` → `customer_id`. Other values stay. */
  value(text: string): string;
  /** A sentence. Identifiers are in backticks; articles agree with the new noun. */
  prose(text: string): string;
  /** A summary: a sentence that begins with the operation's verb. */
  summary(text: string): string;
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const uncapital = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const pascal = (words: string[]) => words.map(capital).join('');
const camel = (words: string[]) => uncapital(pascal(words));
const split = (identifier: string) => identifier.split(/(?=[A-Z])|[_-]/).map((part) => part.toLowerCase());

/** Renames everything by a vocabulary. */
export function naming(vocabulary: Vocabulary): Naming {
  const nouns = new Map<string, string>();
  for (const [concept, { one: singular, many }] of Object.entries(vocabulary.words)) {
    nouns.set(concept, singular);
    // `notes`, `rows` and `hits` are plural nouns.
    if (!concept.endsWith('s')) nouns.set(plural(concept), many);
  }
  const words = (identifier: string) =>
    (nouns.has(identifier) ? [identifier] : split(identifier)).flatMap((part) => (nouns.get(part) ?? part).split(' '));
  const field = (name: string) => (vocabulary.style === 'snake' ? words(name).join('_') : camel(words(name)));
  const segment = (text: string) => (text.startsWith('{') ? `{${field(text.slice(1, -1))}}` : words(text).join('-'));

  const prose = (text: string) =>
    text.replace(/`([^`]+)`|\b(?:(an?) )?([A-Za-z]+)/gi, (whole, code?: string, article?: string, noun = '') => {
      if (code !== undefined) return `\`${/^\w+$/.test(code) ? field(code) : code}\``;
      const nounForms = nouns.get(uncapital(noun));
      return nounForms === undefined
        ? whole
        : withArticle(article, /^[A-Z]/.test(noun) ? capital(nounForms) : nounForms);
    });

  return {
    field,
    prose,
    component: (name) => pascal(words(name)),
    operation: (id) => {
      const [verb = '', ...rest] = id.split(/(?=[A-Z])/);
      return camel([vocabulary.verbs[verb] ?? verb, ...words(rest.join(''))]);
    },
    path: (template) => template.split('/').map(segment).join('/'),
    value: (text) => (/[A-Z]/.test(text.slice(1)) && /^[a-z]/.test(text) ? field(text) : enumWord(text, nouns)),
    summary: (text) => {
      const [first = '', ...rest] = text.split(' ');
      return [capital(vocabulary.verbs[first.toLowerCase()] ?? first), prose(rest.join(' '))].join(' ');
    },
  };
}

// In the vocabularies, all nouns that begin with `u` take `a`, such as `a user`.
const withArticle = (article: string | undefined, noun: string) =>
  article === undefined ? noun : `${article.charAt(0)}${/^[aeio]/i.test(noun) ? 'n' : ''} ${noun}`;

const enumWord = (text: string, nouns: Map<string, string>) => nouns.get(text)?.replaceAll(' ', '_') ?? text;
