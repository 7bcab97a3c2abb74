import type { ProblemError } from '@errand/trpc-openapi';
import { ipPrefix, tooManyWrong, WrongKeys } from '../limits/wrong-keys.ts';

export type Visitor = { readonly ip: string };

const AUDIT_EVERY_MS = 60_000;
const MAX_AUDITED = 10_000;

/** Visits of links: limits wrong tokens by address, and reports a visit as new once a minute for each address. */
export class Visits<Link> {
  readonly #wrong = new WrongKeys();
  readonly #audited = new Map<string, number>();

  /** @param open reads a token; null for an invalid one */
  constructor(
    private readonly read: (token: string) => Link | null,
    private readonly noSuchLink: () => ProblemError,
  ) {}

  /** @throws ProblemError rate_limited, or the error of `noSuchLink` */
  open(token: string, from: Visitor): Link {
    const link = this.read(token);
    if (link) return link;
    const waitMs = this.#wrong.waitMs(from);
    if (waitMs > 0) throw tooManyWrong(waitMs, 'links');
    this.#wrong.note(from);
    throw this.noSuchLink();
  }

  /** Whether to add a visit to the audit log. */
  isNew(id: string, from: Visitor): boolean {
    const key = `${id} ${ipPrefix(from.ip)}`;
    const now = Date.now();
    if ((this.#audited.get(key) ?? 0) + AUDIT_EVERY_MS > now) return false;
    this.#audited.delete(key);
    this.#audited.set(key, now);
    if (this.#audited.size > MAX_AUDITED) this.#audited.delete(this.#audited.keys().next().value!);
    return true;
  }
}
