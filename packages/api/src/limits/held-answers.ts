import { WorkspaceBusy, WorkspaceLimit } from '@errand/db';
import { ANSWER_BYTES, type AnswerText } from '@errand/engine';
import { type Raw, raw } from '@errand/trpc-openapi';

/** Answers of one workspace that are made at the same time. */
const MADE = 3;
/** How long an answer waits for its turn, in ms. */
const WAIT_MS = 3000;
/** Bytes of its answers that are being sent. */
const MAX_HELD = 8 * ANSWER_BYTES;
/** Smaller answers are not counted. */
const SMALL = ANSWER_BYTES / 32;

/** Limits the memory that the readers of one workspace use in this process. */
export class HeldAnswers {
  readonly #making = new WorkspaceLimit({ maxHeld: MADE, waitMs: WAIT_MS });
  readonly #held = new Map<string, number>();

  /** Makes and sends an answer that may be large. @throws WorkspaceBusy, and the errors of `make` */
  async send<T>(
    { principal: { workspaceId }, over }: { principal: { workspaceId: string }; over: (then: () => void) => void },
    make: () => Promise<AnswerText<T>>,
  ): Promise<Raw<T>> {
    const { pieces } = await this.#making.run(workspaceId, make);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (bytes >= SMALL) {
      const before = this.#held.get(workspaceId) ?? 0;
      if (before + bytes > MAX_HELD) throw new WorkspaceBusy();
      this.#held.set(workspaceId, before + bytes);
      over(() => this.#letGo(workspaceId, bytes));
    }
    return raw<T>(pieces);
  }

  #letGo(workspaceId: string, bytes: number): void {
    const left = this.#held.get(workspaceId)! - bytes;
    if (left > 0) this.#held.set(workspaceId, left);
    else this.#held.delete(workspaceId);
  }
}
