import { problem, type Secret, type Variable, type VariableValues } from '@errand/contracts';
import { usesInSettings } from '@errand/contracts/settings-faults';
import { expandUrl, faultOfValue, valuesFor } from '@errand/contracts/variable-values';
import { type EgressContext, lookUp, memberAt } from '@errand/integrations';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { checkIsComplete, oauthOf } from './oauth-settings.ts';

type Source = NonNullable<Variable['from']>;

/** The values of variables with a source, and their faults. @param read returns the value at a path, if the source has one */
function valuesFrom(source: Source, target: ServiceTarget, read: (path: string) => unknown) {
  const { baseUrl, auth, variables = {}, requestSettings: requests = {} } = target;
  const uses = usesInSettings({ baseUrl, auth, variables, requests });
  return Object.entries(variables).flatMap(([name, variable]) => {
    if (variable.from !== source) return [];
    const value = textOf(read(variable.path ?? name));
    const fault = value === undefined ? undefined : faultOfValue(name, variable, value, uses.get(name) ?? []);
    return [{ name, variable, value, fault }];
  });
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

/** @throws ProblemError oauth_failed if a value is missing or may not be used */
function checkedValues(found: ReturnType<typeof valuesFrom>, service: string): VariableValues {
  const values: Record<string, string> = {};
  for (const { name, variable, value, fault } of found) {
    const title = variable.title ?? name;
    if (value === undefined && variable.default === undefined)
      throw problem('oauth_failed', `${service} did not name ${title}. Start the authorization again.`);
    if (fault !== undefined)
      throw problem('oauth_failed', `${service} named a value that may not be used: ${fault}`, {
        remedy: `Check the pattern of the variable ${name}.`,
      });
    if (value !== undefined) values[name] = value;
  }
  return values;
}

export const withValues = (target: ServiceTarget, values: VariableValues): ServiceTarget => ({
  ...target,
  userVariables: { ...target.userVariables, ...values },
});

/** The values in the query of a callback. @throws ProblemError oauth_failed */
export const callbackValues = (target: ServiceTarget, callback: URLSearchParams): VariableValues =>
  checkedValues(
    valuesFrom('callback', target, (path) => callback.get(path)),
    target.name,
  );

/** The values in the answer of a token endpoint. @throws ProblemError oauth_failed */
export const answerValues = (target: ServiceTarget, answer: Secret | undefined): VariableValues =>
  checkedValues(valuesFrom('tokenAnswer', target, readerOf(answer)), target.name);

/** The same for a refresh: a value that is missing or may not be used leaves the stored one. */
export const refreshedValues = (target: ServiceTarget, answer: Secret | undefined): VariableValues =>
  Object.fromEntries(
    valuesFrom('tokenAnswer', target, readerOf(answer)).flatMap(({ name, value, fault }) =>
      value === undefined || fault !== undefined ? [] : [[name, value]],
    ),
  );

function readerOf(answer: Secret | undefined): (path: string) => unknown {
  const parsed: unknown = answer && JSON.parse(answer.reveal());
  return (path) => memberAt(parsed, path);
}

/** The values that look-ups find with a new access token. @throws ProblemError oauth_failed */
export async function lookedUpValues(
  target: ServiceTarget,
  accessToken: Secret,
  context: EgressContext,
): Promise<VariableValues> {
  const { knobs } = oauthOf(target, null);
  const answers = new Map<string, unknown>();
  const values: Record<string, string> = {};
  for (const [name, variable] of Object.entries(target.variables ?? {})) {
    const { from, request, path } = variable;
    if (from !== 'lookup' || !request) continue;
    const url = expandUrl(request.url, valuesFor(target.variables ?? {}, target.userVariables)) ?? request.url;
    checkIsComplete(url, target);
    const key = `${request.method} ${url}`;
    if (!answers.has(key))
      answers.set(key, await lookUp({ ...request, url }, { accessToken, placement: knobs.placement }, context));
    const only = { ...target, variables: { [name]: variable } };
    const found = valuesFrom('lookup', only, () => memberAt(answers.get(key), path ?? name));
    Object.assign(values, checkedValues(found, target.name));
  }
  return values;
}
