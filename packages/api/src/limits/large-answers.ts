import { WorkspaceBusy, WorkspaceLimit } from '@errand/db';
import { ANSWER_BYTES, type AnswerText } from '@errand/engine';
import { type Raw, raw } from '@errand/trpc-openapi';

/** Maximum number of answers of one workspace that are generated at the same time. */
const MAX_GENERATING = 3;
/** Maximum wait of an answer for its turn, in ms. */
const TURN_WAIT_MS = 3000;
/** Maximum bytes of answers of one workspace that are being sent. */
const MAX_SENDING = 8 * ANSWER_BYTES;
/** Smaller answers are not counted. */
const MIN_COUNTED = ANSWER_BYTES / 32;

/** Limits the memory that the answers to one workspace use in this process. */
export class LargeAnswers {
  readonly #generating = new WorkspaceLimit({ maxConnections: MAX_GENERATING, waitMs: TURN_WAIT_MS });
  readonly #sending = new Map<string, number>();

  /** Generates and sends an answer that may be large. @throws WorkspaceBusy, and the errors of `make` */
  async send<T>(
    {
      principal: { workspaceId },
      onClosed,
    }: { principal: { workspaceId: string }; onClosed: (then: () => void) => void },
    generate: () => Promise<AnswerText<T>>,
  ): Promise<Raw<T>> {
    const { pieces } = await this.#generating.run(workspaceId, generate);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (bytes >= MIN_COUNTED) {
      const before = this.#sending.get(workspaceId) ?? 0;
      if (before + bytes > MAX_SENDING) throw new WorkspaceBusy();
      this.#sending.set(workspaceId, before + bytes);
      onClosed(() => this.#release(workspaceId, bytes));
    }
    return raw<T>(pieces);
  }

  #release(workspaceId: string, bytes: number): void {
    const rest = this.#sending.get(workspaceId)! - bytes;
    if (rest > 0) this.#sending.set(workspaceId, rest);
    else this.#sending.delete(workspaceId);
  }
}
