/** Bytes of a payload; Postgres takes less than 8,000. */
const PAYLOAD_BYTES = 7900;

/** `<hub>|<workspace>:<run>,<run>;<workspace>:<run>`, in as many payloads as it takes. */
export function payloadsOf(id: string, pending: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const payloads: string[] = [];
  let text = '';
  for (const [workspaceId, runIds] of pending) {
    let isFirst = true;
    for (const runId of runIds) {
      let more = isFirst ? `${text && ';'}${workspaceId}:${runId}` : `,${runId}`;
      if (text.length + more.length > PAYLOAD_BYTES - id.length) {
        payloads.push(`${id}|${text}`);
        text = '';
        more = `${workspaceId}:${runId}`;
      }
      text += more;
      isFirst = false;
    }
  }
  return text ? [...payloads, `${id}|${text}`] : payloads;
}
