// The SharedWorker of a browser: one hub for all tabs.
import { Hub } from './hub.ts';
import { openStreams } from './open-stream.ts';

declare const self: { location: Location; onconnect: (event: MessageEvent) => void };

const hub = new Hub({ open: openStreams(self.location.origin) });

self.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const hear = hub.join((message) => port.postMessage(message));
  port.onmessage = ({ data }) => hear(data);
};
