// Three things may happen in one place only. Import arrows cannot see them, so these read the programs.
import { isProof, sourceFiles } from './sources.mjs';
import { bound, imports, parse, property, walk } from './syntax.mjs';

/** Environment variables are read by a config.ts, which says what each means, and handed on as values. */
export const environment = (root) =>
  each(
    root,
    (file) => !isProof(file) && !/(^|\/)config\.ts$|^[^/]+\.config\.ts$|^\.[^/]+$/.test(file),
    ({ tree, fault }) => {
      const message = 'read the environment in config.ts and pass the value on';
      const isProcess = (node) => node?.type === 'Identifier' && node.value === 'process';
      walk(tree, (node) => {
        if (node.type === 'MemberExpression' && property(node) === 'env') {
          const { object } = node;
          const whole = object.type === 'MemberExpression' && property(object) === 'process';
          if (isProcess(object) || whole || object.type === 'MetaProperty') fault(node, `process.env: ${message}`);
        }
        if (node.type === 'VariableDeclarator' && isProcess(node.init) && node.id.type === 'ObjectPattern') {
          const taken = node.id.properties.some(({ key, type }) => key?.value === 'env' || type === 'RestElement');
          if (taken) fault(node, `process.env: ${message}`);
        }
      });
      for (const { node, from, names } of imports(tree)) {
        if (/^(node:)?process$/.test(from) && (names ?? ['env']).includes('env'))
          fault(node, `process.env: ${message}`);
      }
    },
  );

// What a module may be taken for without calling out: to listen, to look at what came in, to read an address.
const inbound = {
  http: ['createServer', 'Server', 'ServerResponse', 'IncomingMessage', 'STATUS_CODES', 'METHODS', 'maxHeaderSize'],
  https: ['createServer', 'Server'],
  http2: ['createServer', 'createSecureServer', 'constants'],
  net: ['createServer', 'Server', 'isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'],
  tls: ['createServer', 'Server'],
  dns: [],
  'dns/promises': [],
  dgram: [],
  undici: [],
};
const callers = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);
const globals = new Set(['globalThis', 'global', 'window', 'self']);

/** Calls to the outside go through the egress, which holds the guard against addresses of our own network. */
export const outbound = (root) =>
  each(
    root,
    (file) =>
      !isProof(file) && !/^packages\/(client|integrations\/src\/egress)\/|^apps\/(cli|demo|console)\//.test(file),
    ({ tree, fault }) => {
      const message = 'call out through packages/integrations/src/egress, which guards addresses';
      for (const { node, from, names } of imports(tree)) {
        const allowed = inbound[from.replace(/^node:/, '')];
        const taken = allowed && (names ? names.filter((name) => !allowed.includes(name)) : ['all of it']);
        if (taken?.length) fault(node, `${from} (${taken.join(', ')}): ${message}`);
      }
      const own = bound(tree);
      walk(tree, (node, parent, key) => {
        if (node.type === 'Identifier' && callers.has(node.value) && !own.has(node.value) && isRead(parent, key)) {
          fault(node, `${node.value}: ${message}`);
        }
        const whole =
          node.type === 'MemberExpression' && node.object.type === 'Identifier' && globals.has(node.object.value);
        if (whole && callers.has(property(node))) fault(node, `${property(node)}: ${message}`);
      });
    },
  );

// A name after a dot, before a colon or of a method is a name, not a use.
const isRead = (parent, key) =>
  !(parent?.type === 'MemberExpression' && key === 'property') &&
  !['key', 'local', 'imported', 'orig', 'exported', 'label'].includes(key);

// The functions of @errand/db that write a run's row or its events, and the one file that may call each.
const writers = {
  moveRun: 'packages/engine/src/transition.ts',
  claimRun: 'packages/engine/src/activation/advance.ts',
  createRun: 'packages/engine/src/runs/create.ts',
  decideWaiting: 'packages/engine/src/decisions/approve.ts',
};
const statement =
  /\b(?:update|insert\s+into|delete\s+from|merge\s+into)\s+(?:only\s+)?(?:\w+\.)?"?run(?:_event)?"?(?![\w"])/i;
const models = new Set(['run', 'runEvent']);
const writes = /^(create|update|upsert|delete)/;

/** A run's status and its events are written together, by one function that knows the table of legal changes. */
export const status = (root) =>
  each(
    root,
    (file) => !isProof(file),
    ({ file, tree, fault }) => {
      const message = 'a run changes through transition() of packages/engine/src/transition.ts alone';
      for (const { node, from, names } of imports(tree)) {
        if (from !== '@errand/db') continue;
        if (!names) fault(node, `all of @errand/db: name what you take (${message})`);
        const taken = names?.filter((name) => Object.hasOwn(writers, name) && writers[name] !== file) ?? [];
        for (const name of taken) fault(node, `${name}: ${message}`);
      }
      walk(tree, (node) => {
        const text = node.type === 'TemplateElement' ? node.raw : node.type === 'StringLiteral' ? node.value : '';
        if (statement.test(text) && !/^packages\/db\/src\/(?:runs|retention)\//.test(file))
          fault(node, `SQL that writes runs: ${message}`);
        if (node.type === 'MemberExpression' && node.object.type === 'MemberExpression') {
          const model = property(node.object);
          if (file.startsWith('packages/db/') && models.has(model) && writes.test(property(node))) {
            fault(node, `${model}.${property(node)}: ${message}`);
          }
        }
      });
    },
  );

function each(root, concerns, look) {
  const faults = [];
  for (const file of sourceFiles(root).filter((name) => /^(packages|apps)\//.test(name) && concerns(name))) {
    const { tree, lineOf } = parse(root, file);
    look({ file, tree, fault: (node, message) => faults.push(`${file}:${lineOf(node)}: ${message}`) });
  }
  return { faults };
}
