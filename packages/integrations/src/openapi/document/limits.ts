/** Bounds of a document. The JSON Schema ones stay below those of the validator that the schemas are for. */
export const limits = {
  documentBytes: 5 * 1024 * 1024,
  operations: 2_000,
  depth: 128,
  nodes: 1_000_000,
  yamlAliases: 100,
  /** One tool's schema: bytes of its JSON, subschemas, levels. */
  schemaBytes: 60 * 1024,
  subschemas: 900,
  schemaDepth: 28,
  enumValues: 1_000,
  patternLength: 512,
  descriptionBytes: 2_048,
  /** Of a part of a schema. */
  schemaTextBytes: 500,
  warnings: 200,
  warningLength: 1_000,
  urlLength: 2_000,
  /** All tools of a document as JSON; the size of one piece that the thread sends. */
  toolBytes: 48 * 1024 * 1024,
  pieceBytes: 256 * 1024,
  /** Time limit of the thread that converts, and its heap. */
  timeoutMs: 20_000,
  heapMb: 512,
  /** Documents that a process converts at the same time; imports that wait, of all workspaces and of one. */
  maxConverting: 2,
  maxWaiting: 20,
  maxWaitingPerWorkspace: 6,
  maxHeldBytes: 64 * 1024 * 1024,
} as const;
