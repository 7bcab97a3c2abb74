/** A made-up service as data: an OpenAPI document, the behaviour of each operation, and the rows of each table. See ../../README.md. */
export type ServiceData = {
  /** Id of its integration, e.g. `desk`. */
  id: string;
  /** Name for people, e.g. "Harbour Desk". */
  name: string;
  /** Operations that only read although they are not a GET. */
  reads?: string[];
  /** Parameters that choose a page or an order: a read may send them although a case does not name them. */
  paging?: string[];
  /** The parameter that names the order of a list; `sort` by default. */
  sort?: string;
  /** The id field of each table; `id` by default. */
  keys?: Record<string, string>;
  /** The table that a member of a request points to, e.g. `berthId` to `berths`. */
  refs?: Record<string, string>;
  pages: Record<string, PageStyle>;
  operations: Record<string, OperationData>;
  document: OpenApiDocument;
  rows: Tables;
};

export type Row = Record<string, unknown>;
export type Tables = Record<string, Row[]>;
export type Schema = Record<string, unknown>;

/** A value of the data. A text that begins with `=` is a JSONata expression over the tables, with `$row` and `$args`. */
export type Template = unknown;

/** How a list is cut, and the shape of its answer. */
export type PageStyle = {
  by: 'all' | 'number' | 'offset' | 'cursor';
  /** The parameter that chooses the page. */
  at?: string;
  /** The parameter that sets the rows of a page, and their number without it. */
  size?: string;
  rows?: number;
  /** The text before the number in a cursor, and whether cursors are encoded. */
  mark?: string;
  base64?: boolean;
  /** Leaves are names of `PageValues`; a name that ends in `?` is left out when its value is null. */
  answer: Template;
};

/** Kind of comparison and fields, e.g. `["contains", "name", "email"]`, or an expression with `$row` and `$value`. */
export type Condition = string | [kind: string, ...fields: string[]];

/** One operation: at most one of list, get, change, add and remove, which name a table. */
export type OperationData = {
  list?: string;
  get?: string;
  change?: string;
  add?: string;
  remove?: string;
  /** list: conditions by parameter, the member of the request with the parameters, the page style, and the default order */
  where?: Record<string, Condition>;
  filter?: string;
  page?: string;
  order?: string;
  /** The member of the request that names the row. */
  id?: string;
  /** The member that names the parent, or field and member if their names differ. */
  within?: string | Record<string, string>;
  /** The values of a field in which a change is allowed. */
  only?: Record<string, unknown[]>;
  checks?: Check[];
  /** The members of the request that are stored; all by default. */
  takes?: string[];
  /** An add changes the row that has the same values in these fields, if there is one. */
  unique?: string[];
  /** Stored unless the request says otherwise, and stored in any case. */
  defaults?: Template;
  set?: Template;
  /** Fields that a change removes. */
  unset?: string[];
  /** Changes of further rows. */
  also?: { change: string; id: Template; set: Template }[];
  /** The answer, unless it is the row or the page. */
  answer?: Template;
};

/** Refuses a request when an expression is true. */
export type Check = { when: string; status: number; error: string };

export type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: Schema };
export type DocumentOperation = {
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: { 'application/json': { schema: Schema } } };
  responses: Record<string, { description: string; content?: unknown }>;
};
export type OpenApiDocument = { paths: Record<string, Record<string, DocumentOperation>> } & Record<string, unknown>;
