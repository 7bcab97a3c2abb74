import { problem } from '@errand/contracts';

/** A member of a body, which is a JSON object. @throws ProblemError validation_failed */
export function textMember(bytes: unknown, name: string, meaning: string): string {
  const body = parsed(bytes);
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value === 'string') return value;
  throw problem('validation_failed', `Send a JSON object with the member \`${name}\`: ${meaning}.`);
}

function parsed(bytes: unknown): unknown {
  try {
    return JSON.parse(String(bytes));
  } catch {
    return undefined;
  }
}
