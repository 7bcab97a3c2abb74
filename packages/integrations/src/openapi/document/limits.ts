/** Bounds of a document. Those of schemas are below the bounds of the validator. */
export const limits = {
  documentBytes: 5 * 1024 * 1024,
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
  urlLength: 2_000,
  /** All tools of a document as JSON; and the size of one piece that the thread sends. */
  toolBytes: 48 * 1024 * 1024,
  pieceBytes: 256 * 1024,
  timeoutMs: 20_000,
  heapMb: 512,
  /** Concurrent conversions in a process; waiting imports of all workspaces and of one. */
  maxConverting: 2,
  maxWaiting: 20,
  maxWaitingPerWorkspace: 6,
  /** No conversion begins while the results of others use more memory. */
  maxHeldBytes: 64 * 1024 * 1024,
} as const;
