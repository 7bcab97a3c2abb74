import type { ToolSpec } from '@errand/contracts';
import type { CallOutcome } from '@errand/plan';
import type { ActivationWriter } from '../activation/writer.ts';
import type { Lack, RunIdentity, Toolbox } from '../ports.ts';
import type { DecisionRequests } from './requests.ts';

/** So many refusals of an integration, one after another in one activation, are not taken for a user who gave just then. */
const MAX_REFUSALS = 2;

/** What the user must still give before some tools can be called, asked for all at once. */
export class Consents {
  readonly #run: RunIdentity;
  readonly #requests: DecisionRequests;
  readonly #writer: ActivationWriter;
  readonly #toolbox: Toolbox;

  readonly #lacking = new Map<string, Lack>();
  /** How often the services of an integration wanted a credential although there seemed to be one. */
  readonly #refusals = new Map<string, number>();

  constructor(run: RunIdentity, requests: DecisionRequests, writer: ActivationWriter, toolbox: Toolbox) {
    this.#run = run;
    this.#requests = requests;
    this.#writer = writer;
    this.#toolbox = toolbox;
  }

  /** Finds what the tools of a plan lack now, and asks for it. */
  async look(tools: readonly ToolSpec[]): Promise<void> {
    this.#lacking.clear();
    const ids = [...new Set(tools.map((tool) => tool.customerIntegrationId))];
    const lacks = await this.#toolbox.lacks(this.#run, ids);
    for (const lack of lacks) this.#ask(lack);
  }

  /** What to do with a call; undefined when nothing is lacking. */
  judge(tool: ToolSpec): CallOutcome | undefined {
    const lack = this.#lacking.get(tool.customerIntegrationId);
    if (!lack) return undefined;
    if (this.#requests.about('consent', lack.customerIntegrationId)?.decision !== 'deny') return { kind: 'waiting' };
    return {
      kind: 'denied',
      code: 'consent_denied',
      message: `Access to ${lack.integrationName} was not given.`,
    };
  }

  /** The service refused the credential that there was: it must be given again. */
  refused(tool: ToolSpec): CallOutcome {
    const { customerIntegrationId, integrationName } = tool;
    // Calls beside each other are refused for the same reason.
    if (!this.#lacking.has(customerIntegrationId)) {
      this.#refusals.set(customerIntegrationId, (this.#refusals.get(customerIntegrationId) ?? 0) + 1);
      this.#ask({ customerIntegrationId, integrationName }, true);
    }
    return this.judge(tool) ?? { kind: 'waiting' };
  }

  /**
   * Integrations that were asked for and are not lacking any more: the user gave while the question was on its way, so that nobody
   * answered it. Look once the questions are written. Where a service refuses again what seems to be there, only the user can answer.
   */
  async given(): Promise<string[]> {
    const ids = [...this.#lacking.keys()].filter((id) => (this.#refusals.get(id) ?? 0) < MAX_REFUSALS);
    if (ids.length === 0) return [];
    const still = new Set((await this.#toolbox.lacks(this.#run, ids)).map((one) => one.customerIntegrationId));
    return ids.filter((id) => !still.has(id));
  }

  #ask(lack: Lack, refused = false): void {
    this.#lacking.set(lack.customerIntegrationId, lack);
    const answer = this.#requests.about('consent', lack.customerIntegrationId);
    if (answer && (answer.decision === null || answer.decision === 'deny')) return;
    const { customerIntegrationId, integrationName } = lack;
    const request = this.#requests.request({
      kind: 'consent',
      key: customerIntegrationId,
      customerIntegrationId,
      text: refused
        ? `${integrationName} did not accept the user's credential, or has none: it must be given again.`
        : `${integrationName} needs the user's consent or credential.`,
    });
    this.#writer.add({
      waiting: request,
      event: {
        type: 'authentication',
        // The link is put in when the event is read, by whoever may have it.
        auth: { status: 'required', customerIntegrationId, integrationName, consentId: request.waitingId },
      },
    });
  }
}
