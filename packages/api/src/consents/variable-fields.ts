import { ProblemError, type Variable, type VariableValues } from '@errand/contracts';
import type { Connection, WorkspaceDb } from '@errand/db';
import { faultsOfValues } from '../integrations/users/put-credentials.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import type { Texts } from '../pages/texts/en.ts';

/** The values of variables for a user on the page. */
export type EnteredVariables = {
  /** All values except secret ones: as entered, otherwise as stored. */
  values: VariableValues;
  /** Entered values of secret variables. */
  secrets: VariableValues;
  /** Names of secret variables that have a stored value. */
  storedSecrets: readonly string[];
  /** Sentences by name. */
  faults: Readonly<Record<string, string>>;
};

/** The variables that the page asks for. */
export const askedVariables = ({ variables = {} }: Pick<Connection, 'variables'>): [string, Variable][] =>
  Object.entries(variables).filter(([, { from }]) => from === 'user');

type Request = { connection: Connection; userId: string; workspaceDb: WorkspaceDb };

/** The stored values. Secret values that cannot be opened are entered again. */
export async function storedVariables({ connection, userId, workspaceDb }: Request): Promise<EnteredVariables> {
  const nothing = { values: {}, secrets: {}, storedSecrets: [], faults: {} };
  if (askedVariables(connection).length === 0) return nothing;
  try {
    const { values, secrets } = await workspaceDb.variables.ofUser(connection, userId);
    const names = new Set(askedVariables(connection).map(([name]) => name));
    const ofPage = Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
    return { ...nothing, values: ofPage, storedSecrets: Object.keys(secrets) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return nothing;
  }
}

/** The values of a submitted form, with their faults. A secret that is left empty stays as it is stored. */
export async function readVariables(request: Request, form: URLSearchParams): Promise<EnteredVariables> {
  const stored = await storedVariables(request);
  const asked = askedVariables(request.connection);
  const entered = asked.flatMap(([name, variable]): [string, string][] => {
    const value = (form.get(fieldOf(name)) ?? '').trim();
    if (value !== '' || variable.enum) return [[name, value]];
    if (variable.default !== undefined) return [[name, variable.default]];
    return variable.secret && stored.storedSecrets.includes(name) ? [] : [[name, value]];
  });
  const isSecret = ([name]: [string, string]) => request.connection.variables?.[name]?.secret === true;
  return {
    ...stored,
    values: { ...stored.values, ...Object.fromEntries(entered.filter((entry) => !isSecret(entry))) },
    secrets: Object.fromEntries(entered.filter(isSecret)),
    faults: faultsOfValues(request.connection, Object.fromEntries(entered)),
  };
}

const fieldOf = (name: string): string => `variable.${name}`;

/** The fields of the variables of users. */
export const variableFieldsHtml = (texts: Texts, connection: Connection, entered: EnteredVariables): string =>
  askedVariables(connection)
    .map(([name, variable]) => fieldHtml(texts, name, variable, entered))
    .join('\n');

function fieldHtml(
  { consent }: Texts,
  name: string,
  variable: Variable,
  { values, storedSecrets, faults }: EnteredVariables,
): string {
  const { title = name, description, example, secret = false } = variable;
  const field = fieldOf(name);
  const isStored = secret && storedSecrets.includes(name);
  const hints = [
    description,
    example !== undefined && !secret && !variable.enum ? consent.example(example) : undefined,
    isStored ? consent.keepEmpty : undefined,
  ].filter((hint) => hint !== undefined);
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  const described = [
    ...(hints.length > 0 ? [`${field}-hint`] : []),
    ...(fault === undefined ? [] : [`${field}-fault`]),
  ];
  const attributes = [
    `id="${field}" name="${field}"`,
    ...(described.length > 0 ? [`aria-describedby="${described.join(' ')}"`] : []),
    ...(fault === undefined ? [] : ['aria-invalid="true"']),
  ].join(' ');
  const value = Object.hasOwn(values, name) ? values[name] : variable.default;
  return `<label for="${field}">${visible(title)}</label>
${variable.enum ? selectHtml(attributes, variable.enum, value, consent.none) : inputHtml(attributes, variable, secret ? undefined : value, isStored)}
${hints.length === 0 ? '' : `<p id="${field}-hint"><small>${hints.map(visible).join(' ')}</small></p>`}
${fault === undefined ? '' : `<p id="${field}-fault" class="fault">${visible(consent.valueFault(title, fault))}</p>`}`;
}

function inputHtml(attributes: string, variable: Variable, value: string | undefined, isStored: boolean): string {
  const { secret, example, default: standard } = variable;
  const more = [
    secret ? 'type="password" autocomplete="off"' : 'type="text" autocomplete="on"',
    'class="code" maxlength="2000" spellcheck="false" autocapitalize="none"',
    ...(isStored || standard !== undefined ? [] : ['required']),
    ...(example !== undefined && !secret ? [`placeholder="${escaped(example)}"`] : []),
    ...(value === undefined ? [] : [`value="${escaped(value)}"`]),
  ];
  return `<input ${attributes} ${more.join(' ')}>`;
}

const selectHtml = (attributes: string, choices: readonly string[], value: string | undefined, none: string): string =>
  `<select ${attributes}>${choices
    .map((choice) => {
      const text = choice === '' ? none : visible(choice);
      return `<option value="${escaped(choice)}"${choice === value ? ' selected' : ''}>${text}</option>`;
    })
    .join('')}</select>`;
