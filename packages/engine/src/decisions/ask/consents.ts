import type { ToolSpec } from '@errand/contracts';
import type { CallOutcome } from '@errand/plan';
import type { MissingCredential, RunIdentity, Toolbox } from '@errand/ports/toolbox';
import type { ActivationWriter } from '../../events/writer.ts';
import type { DecisionRequests } from './decision-requests.ts';

/** After this many refusals of an integration in one activation, only the user can decide the request. */
const MAX_REFUSALS = 2;

/** The consents and credentials that the user must still give, requested together. */
export class Consents {
  readonly #missing = new Map<string, MissingCredential>();
  /** How often an integration refused a credential in this activation. */
  readonly #refusals = new Map<string, number>();

  constructor(
    private readonly run: RunIdentity,
    private readonly requests: DecisionRequests,
    private readonly writer: ActivationWriter,
    private readonly toolbox: Toolbox,
  ) {}

  /** Requests the missing consents and credentials of a plan's tools. */
  async requestMissing(tools: readonly ToolSpec[]): Promise<void> {
    this.#missing.clear();
    const ids = [...new Set(tools.map((tool) => tool.customerIntegrationId))];
    const missing = await this.toolbox.missingCredentials(this.run, ids);
    for (const credential of missing) this.#request(credential);
  }

  /** The outcome of a call without its consent or credential; undefined when nothing is missing. */
  judge(tool: ToolSpec): CallOutcome | undefined {
    const missing = this.#missing.get(tool.customerIntegrationId);
    if (!missing) return undefined;
    if (this.requests.newest('consent', missing.customerIntegrationId)?.decision !== 'deny') return { kind: 'waiting' };
    return {
      kind: 'denied',
      code: 'consent_denied',
      message: `Access to ${missing.integrationName} was denied.`,
    };
  }

  /** Requests a new or stronger credential after the service refused the current one. @param wants its requirement, as a sentence */
  requestAgain(tool: ToolSpec, wants?: string): CallOutcome {
    const { customerIntegrationId, integrationName } = tool;
    // Parallel calls fail for the same reason: count them once.
    if (!this.#missing.has(customerIntegrationId)) {
      this.#refusals.set(customerIntegrationId, (this.#refusals.get(customerIntegrationId) ?? 0) + 1);
      const gone = `${integrationName} has no credential of the user, or did not accept it: the user must give a new one.`;
      this.#request({ customerIntegrationId, integrationName }, wants ?? gone);
    }
    return this.judge(tool) ?? { kind: 'waiting' };
  }

  /**
   * Ids of integrations with a requested credential that exists now. The user gave it before the request was stored, so nothing decided
   * the request. Call it after the requests are stored. After MAX_REFUSALS only the user can decide.
   */
  async integrationsWithCredential(): Promise<string[]> {
    const ids = [...this.#missing.keys()].filter((id) => (this.#refusals.get(id) ?? 0) < MAX_REFUSALS);
    if (ids.length === 0) return [];
    const stillMissing = new Set(
      (await this.toolbox.missingCredentials(this.run, ids, true)).map(
        (credential) => credential.customerIntegrationId,
      ),
    );
    return ids.filter((id) => !stillMissing.has(id));
  }

  #request(missing: MissingCredential, refused?: string): void {
    const { customerIntegrationId, integrationName } = missing;
    this.#missing.set(customerIntegrationId, missing);
    const earlier = this.requests.newest('consent', customerIntegrationId);
    if (earlier && (earlier.decision === null || earlier.decision === 'deny')) return;
    const request = this.requests.create({
      kind: 'consent',
      key: customerIntegrationId,
      customerIntegrationId,
      text: refused ?? `${integrationName} needs the user's consent or credential.`,
    });
    this.writer.add({
      decisionRequest: request,
      event: {
        type: 'authentication',
        // The reader of the event gets a link if it has the right.
        auth: { status: 'required', customerIntegrationId, integrationName, consentId: request.decisionRequestId },
      },
    });
  }
}
