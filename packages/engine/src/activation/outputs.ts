import { type Awaitable, chain } from '@errand/basics/awaitable';
import { Turns } from '@errand/basics/turns';
import type { Json } from '@errand/contracts';
import { jsonText, type RunScope, readOutputs } from '@errand/db';
import { MAX_NAMES_BYTES, Names, type Output } from '@errand/plan';
import { amountText } from '../events/step-text.ts';

/** Bytes of outputs that one process keeps in memory, and that its expressions may read concurrently. */
export type OutputLimits = { memoryBytes: number; readingBytes: number };

export const defaultOutputLimits: OutputLimits = { memoryBytes: 64 * 2 ** 20, readingBytes: 16 * 2 ** 20 };

/** Calls of a run wait while it has this many unwritten bytes of outputs. */
const MAX_UNWRITTEN_BYTES = 2 ** 20;
/** Smaller outputs trigger no write, and need no turn to be read. */
const SMALL_BYTES = 64 * 1024;

/** The output of a call, by its ledger key. `text` is set while it is in memory, `amount` (see `amountText`) after its first use. */
type StoredOutput = Output & { readonly key: string; text: string | undefined; amount: string | undefined };

/**
 * Bounds the memory of outputs in this process. Above the bound it evicts written outputs, the least recently read first.
 * Expressions read evicted outputs from the ledger.
 */
export class OutputMemory {
  /** Outputs in memory and in the ledger, the least recently read first. */
  readonly #written = new Set<StoredOutput>();
  #bytes = 0;
  readonly readMemory: ByteBudget;

  constructor(private readonly limits: OutputLimits) {
    this.readMemory = new ByteBudget(limits.readingBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.limits.memoryBytes;
  }

  add(output: StoredOutput): void {
    if (output.text !== undefined) this.#bytes += output.bytes;
  }

  /** Marks outputs as stored in the ledger: they may be evicted. */
  markWritten(outputs: Iterable<StoredOutput>): void {
    for (const output of outputs) if (output.text !== undefined) this.#written.add(output);
    for (const output of this.#written) {
      if (!this.isFull) break;
      this.evict(output);
    }
  }

  markRead(output: StoredOutput): void {
    if (this.#written.delete(output)) this.#written.add(output);
  }

  evict(output: StoredOutput): void {
    this.#written.delete(output);
    if (output.text === undefined) return;
    output.text = undefined;
    this.#bytes -= output.bytes;
  }
}

/** Outputs of one run, for one activation. */
export class Outputs {
  readonly #all = new Map<string, StoredOutput>();
  #closed = false;
  #unwritten: StoredOutput[] = [];
  #unwrittenBytes = 0;

  constructor(
    private readonly memory: OutputMemory,
    private readonly scope: RunScope,
    private readonly runId: string,
    /** Waits until added ledger entries are written. */
    private readonly flush: () => Promise<void>,
  ) {}

  /** An output in the ledger, read when needed. */
  fromLedger(key: string, bytes: number): Output {
    return this.#remember({ key, bytes, text: undefined, amount: undefined });
  }

  /** The output of a call with an unknown answer. */
  readonly ofUnknownAnswer = (): StoredOutput => ({ key: '', bytes: 4, text: 'null', amount: undefined });

  /** A new output, which the caller adds to the ledger. @param text its storable JSON text */
  addNew(key: string, output: Json, text = jsonText(output)): Output & { readonly text: string } {
    const newOutput = { key, bytes: Buffer.byteLength(text), text, amount: amountText(output) };
    this.#unwritten.push(newOutput);
    this.#unwrittenBytes += newOutput.bytes;
    this.#remember(newOutput);
    return newOutput;
  }

  /** Writes new outputs once they exceed SMALL_BYTES. Waits for the write when they exceed MAX_UNWRITTEN_BYTES or memory is full. */
  limitUnwritten(): Awaitable<void> {
    if (this.#unwrittenBytes <= SMALL_BYTES) return;
    const writing = this.#write();
    if (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES || this.memory.isFull) return writing;
    // The writer reports its failure to the activation.
    writing.catch(() => {});
  }

  async #write(): Promise<void> {
    const batch = this.#unwritten;
    this.#unwritten = [];
    await this.flush();
    this.#unwrittenBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    this.memory.markWritten(batch);
  }

  /** Calls `use` with the JSON texts of outputs, reading evicted ones from the ledger. */
  withTexts<T>(outputs: readonly Output[], use: (texts: readonly string[]) => Awaitable<T>): Awaitable<T> {
    const storedOutputs = outputs as readonly StoredOutput[];
    const bytes = storedOutputs.reduce((sum, output) => sum + output.bytes, 0);
    if (bytes <= SMALL_BYTES && storedOutputs.every(({ text }) => text !== undefined))
      return use(storedOutputs.map(({ text }) => text!));
    return this.memory.readMemory.run(this.scope.workspaceId, bytes, async () => use(await this.#texts(storedOutputs)));
  }

  all = (): readonly Output[] => [...this.#all.values()];

  /** The names of things in the outputs of some steps; omits outputs beyond MAX_NAMES_BYTES. */
  async names(stepIds: readonly string[]): Promise<Names> {
    let bytesLeft = MAX_NAMES_BYTES;
    const ofSteps = [...this.#all.values()].filter(({ key, bytes }) => {
      if (bytes > bytesLeft || !stepIds.includes(key.split('.', 1)[0]!)) return false;
      bytesLeft -= bytes;
      return true;
    });
    return this.withTexts(ofSteps, (texts) => {
      const names = new Names();
      for (const text of texts) names.learn(text);
      return names;
    });
  }

  /** The amount of an output, see `amountText`. */
  amount(output: Output): Awaitable<string> {
    const stored = output as StoredOutput;
    if (stored.amount !== undefined) return stored.amount;
    return chain(
      this.withTexts([output], ([text]) => amountText(JSON.parse(text!) as Json)),
      (amount) => {
        stored.amount = amount;
        return amount;
      },
    );
  }

  close(): void {
    this.#closed = true;
    for (const output of this.#all.values()) this.memory.evict(output);
    this.#all.clear();
  }

  #remember<K extends StoredOutput>(output: K): K {
    if (this.#closed) return output;
    const before = this.#all.get(output.key);
    if (before) this.memory.evict(before);
    this.#all.set(output.key, output);
    this.memory.add(output);
    return output;
  }

  async #texts(requested: readonly StoredOutput[]): Promise<string[]> {
    // Copy the texts first: a read may evict others.
    const copies = requested.map((output) => ({ output, text: output.text }));
    for (const output of requested) this.memory.markRead(output);
    const gone = requested.filter(({ text }) => text === undefined);
    if (gone.length === 0) return copies.map(({ text }) => text!);
    const read = await readOutputs(this.scope, this.runId, gone);
    for (const output of gone) {
      if (output.text !== undefined || this.#all.get(output.key) !== output) continue;
      output.text = read.get(output.key);
      this.memory.add(output);
    }
    this.memory.markWritten(gone);
    return copies.map(({ output, text }) => {
      const result = text ?? read.get(output.key);
      if (result === undefined) throw new Error(`The ledger has no output of ${output.key}.`);
      return result;
    });
  }
}

type Queued = { weight: number; go: () => void };

/** A shared amount of memory, for which work waits. Waiting workspaces take turns, so that one with many requests hardly delays others. */
export class ByteBudget {
  #used = 0;
  readonly #waiting = new Turns<Queued>();

  constructor(private readonly capacity: number) {}

  /** Runs `work` once `weight` bytes are free. Work that exceeds the capacity runs alone. */
  async run<T>(workspaceId: string, weight: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(weight, this.capacity);
    await this.#take(workspaceId, taken);
    try {
      return await work();
    } finally {
      this.#used -= taken;
      this.#next();
    }
  }

  #take(workspaceId: string, weight: number): Promise<void> | undefined {
    if (!this.#waiting.next && this.#used + weight <= this.capacity) {
      this.#used += weight;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.add(workspaceId, { weight, go: resolve }));
  }

  // Lighter work must not overtake, or heavy work could starve.
  #next(): void {
    for (let { next } = this.#waiting; next && this.#used + next.weight <= this.capacity; { next } = this.#waiting) {
      this.#waiting.take();
      this.#used += next.weight;
      next.go();
    }
  }
}
