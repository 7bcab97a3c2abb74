/** The advice for a document that is too large as a whole. */
export const PICK_REMEDY =
  'Send `pick` with the operations, tags or paths that you need: only these are read. At most 25 operations are a good choice for planners.';

/** Bounds of a document. Those of schemas are below the bounds of the validator. */
export const limits = {
  /** Of a document, and of one from which operations are picked. */
  documentBytes: 8 * 1024 * 1024,
  pickedFromBytes: 40 * 1024 * 1024,
  operations: 2_000,
  depth: 128,
  nodes: 1_000_000,
  yamlAliases: 100,
  schemaBytes: 60 * 1024,
  subschemas: 900,
  schemaDepth: 28,
  enumValues: 1_000,
  patternLength: 512,
  descriptionBytes: 2_048,
  /** Of a title or description within a schema. */
  schemaTextBytes: 500,
  warnings: 200,
  warningLength: 1_000,
  /** All tools of an integration as JSON; and the size of one piece that is sent between processes. */
  toolBytes: 48 * 1024 * 1024,
  pieceBytes: 256 * 1024,
  /** Processor time that reading a document may take; and elapsed time, after which the machine is too busy. */
  processorMs: 20_000,
  elapsedMs: 120_000,
  heapMb: 512,
  /** Concurrent processes that read documents; waiting imports of all workspaces and of one. */
  maxConverting: 2,
  /** Concurrent documents in memory from which operations are picked: each may have 40 MiB. A workspace has half of them, rounded up. */
  maxLarge: 3,
  maxWaiting: 20,
  maxWaitingPerWorkspace: 6,
  /** No conversion begins while the results of others use more memory. */
  maxHeldBytes: 64 * 1024 * 1024,
} as const;
