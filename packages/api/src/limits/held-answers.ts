import { Share, WorkspaceBusy } from '@errand/db';
import { ANSWER_BYTES, type AnswerText } from '@errand/engine';
import { type Raw, raw } from '@errand/trpc-openapi';

/** Answers of one workspace that are read and put together at once. */
const MADE = 3;
/** Waiting for one's turn to be made ends after so long, in ms. */
const WAIT_MS = 3000;
/** Bytes of its answers that are on their way to readers at once. */
const MAX_HELD = 8 * ANSWER_BYTES;
/** Smaller answers are gone as soon as they are made. */
const SMALL = ANSWER_BYTES / 32;

/** Bounds what readers of one workspace make this process hold, however many they are and however slowly they read. */
export class HeldAnswers {
  readonly #making = new Share({ most: MADE, waitMs: WAIT_MS });
  readonly #held = new Map<string, number>();

  /** Makes an answer that may be large, and sends it. @throws WorkspaceBusy, and what making it throws */
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
