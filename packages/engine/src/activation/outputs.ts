import type { Json } from '@errand/contracts';
import { jsonText, type RunScope, readOutputs } from '@errand/db';
import { MAX_NAMES_BYTES, Names, type Output } from '@errand/plan';
import { amountOf } from '../events/step-text.ts';
import { SharedRoom } from './turns.ts';

/** Bytes of outputs that one process keeps in memory, and that its expressions may read at the same time. */
export type OutputRoom = { memoryBytes: number; readingBytes: number };

export const defaultOutputRoom: OutputRoom = { memoryBytes: 64 * 2 ** 20, readingBytes: 16 * 2 ** 20 };

/** Calls of a run wait when it has this many unwritten bytes of outputs. */
const MAX_UNWRITTEN = 2 ** 20;
/** Outputs of fewer bytes trigger no write, and need no turn to be read. */
const SMALL = 64 * 1024;

/** The output of a call, by its key in the ledger; `text` while it is in memory, `amount` (see `amountOf`) once it is known. */
type StoredOutput = Output & { readonly key: string; text: string | undefined; amount: string | undefined };

/**
 * Bounds the memory that outputs take in this process. Beyond the bound, written outputs leave memory, the least recently read first.
 * They are read from the ledger again when an expression needs them.
 */
export class OutputMemory {
  readonly #room: OutputRoom;

  /** Outputs that are in memory and in the ledger, the least recently read first. */
  readonly #written = new Set<StoredOutput>();
  #bytes = 0;
  readonly turns: SharedRoom;

  constructor(limits: OutputRoom) {
    this.#room = limits;

    this.turns = new SharedRoom(limits.readingBytes);
  }

  /** Bytes of outputs in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.#bytes > this.#room.memoryBytes;
  }

  add(output: StoredOutput): void {
    if (output.text !== undefined) this.#bytes += output.bytes;
  }

  /** Notes that outputs are in the ledger: they may leave memory. */
  written(outputs: Iterable<StoredOutput>): void {
    for (const output of outputs) if (output.text !== undefined) this.#written.add(output);
    for (const output of this.#written) {
      if (!this.full) break;
      this.drop(output);
    }
  }

  read(output: StoredOutput): void {
    if (this.#written.delete(output)) this.#written.add(output);
  }

  drop(output: StoredOutput): void {
    this.#written.delete(output);
    if (output.text === undefined) return;
    output.text = undefined;
    this.#bytes -= output.bytes;
  }
}

/** Outputs of one run, for one activation. */
export class Outputs {
  readonly #memory: OutputMemory;
  readonly #scope: RunScope;
  readonly #runId: string;
  /** Waits until added ledger entries are written. */
  readonly #flush: () => Promise<void>;

  readonly #all = new Map<string, StoredOutput>();
  #closed = false;
  #unwritten: StoredOutput[] = [];
  #unwrittenBytes = 0;

  constructor(memory: OutputMemory, scope: RunScope, runId: string, flush: () => Promise<void>) {
    this.#memory = memory;
    this.#scope = scope;
    this.#runId = runId;
    this.#flush = flush;
  }

  /** The output of a call that the ledger has; it is read when it is needed. */
  stored(key: string, bytes: number): Output {
    return this.#keep({ key, bytes, text: undefined, amount: undefined });
  }

  /** The output of a call whose answer nobody knows. */
  unknown(): Output {
    const nothing: StoredOutput = { key: '', bytes: 4, text: 'null', amount: undefined };
    return nothing;
  }

  /** A new output, which the caller adds to the ledger. */
  fresh(key: string, output: Json): Output & { readonly text: string } {
    const text = jsonText(output);
    const newOutput = { key, bytes: Buffer.byteLength(text), text, amount: amountOf(output) };
    this.#unwritten.push(newOutput);
    this.#unwrittenBytes += newOutput.bytes;
    this.#keep(newOutput);
    return newOutput;
  }

  /** Writes new outputs once they exceed SMALL bytes. Waits for the write when they exceed MAX_UNWRITTEN or memory is full. */
  async settle(): Promise<void> {
    if (this.#unwrittenBytes <= SMALL) return;
    const writing = this.#write();
    if (this.#unwrittenBytes > MAX_UNWRITTEN || this.#memory.full) await writing;
    // The writer reports its failure to the activation.
    else writing.catch(() => {});
  }

  async #write(): Promise<void> {
    const about = this.#unwritten;
    this.#unwritten = [];
    await this.#flush();
    this.#unwrittenBytes -= about.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#memory.written(about);
  }

  /** Calls `use` with the JSON texts of outputs; those that are not in memory are read from the ledger. */
  async withTexts<T>(outputs: readonly Output[], use: (texts: readonly string[]) => Promise<T>): Promise<T> {
    const storedOutputs = outputs as readonly StoredOutput[];
    const bytes = storedOutputs.reduce((sum, output) => sum + output.bytes, 0);
    if (bytes <= SMALL && storedOutputs.every(({ text }) => text !== undefined))
      return use(storedOutputs.map(({ text }) => text!));
    return this.#memory.turns.run(this.#scope.workspaceId, bytes, async () => use(await this.#texts(storedOutputs)));
  }

  /** The outputs of this activation's calls. */
  all = (): readonly Output[] => [...this.#all.values()];

  /** The names of the things that some steps have found; outputs that are large together are left out. */
  async names(stepIds: readonly string[]): Promise<Names> {
    let bytesLeft = MAX_NAMES_BYTES;
    const ofSteps = [...this.#all.values()].filter(({ key, bytes }) => {
      if (bytes > bytesLeft || !stepIds.includes(key.split('.', 1)[0]!)) return false;
      bytesLeft -= bytes;
      return true;
    });
    return this.withTexts(ofSteps, async (texts) => {
      const names = new Names();
      for (const text of texts) names.learn(text);
      return names;
    });
  }

  /** What an output holds, as `amountOf` says it. */
  async amount(output: Output): Promise<string> {
    const stored = output as StoredOutput;
    stored.amount ??= await this.withTexts([output], async ([text]) => amountOf(JSON.parse(text!) as Json));
    return stored.amount;
  }

  /** Frees the memory of all outputs when the activation has ended. */
  close(): void {
    this.#closed = true;
    for (const output of this.#all.values()) this.#memory.drop(output);
    this.#all.clear();
  }

  #keep<K extends StoredOutput>(output: K): K {
    if (this.#closed) return output;
    const before = this.#all.get(output.key);
    if (before) this.#memory.drop(before);
    this.#all.set(output.key, output);
    this.#memory.add(output);
    return output;
  }

  async #texts(requested: readonly StoredOutput[]): Promise<string[]> {
    // Texts are copied first: others may leave memory while some are read.
    const copies = requested.map((output) => ({ output, text: output.text }));
    for (const output of requested) this.#memory.read(output);
    const gone = requested.filter(({ text }) => text === undefined);
    if (gone.length === 0) return copies.map(({ text }) => text!);
    const read = await readOutputs(this.#scope, this.#runId, gone);
    for (const output of gone) {
      if (output.text !== undefined || this.#all.get(output.key) !== output) continue;
      output.text = read.get(output.key);
      this.#memory.add(output);
    }
    this.#memory.written(gone);
    return copies.map(({ output, text }) => {
      const result = text ?? read.get(output.key);
      if (result === undefined) throw new Error(`The ledger has no output of ${output.key}.`);
      return result;
    });
  }
}
