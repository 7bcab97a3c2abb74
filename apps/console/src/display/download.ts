// Downloads of what the page has read.

/** Saves a file. @param name with its extension */
export function download(name: string, type: string, parts: readonly BlobPart[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const downloadJson = (name: string, value: unknown): void =>
  download(`${name}.json`, 'application/json', [JSON.stringify(value, undefined, 2)]);

const LINES_A_PART = 200;

/** Saves values as lines of JSON, without keeping the page from working. @param as what is written of each value */
export async function downloadLines<T>(name: string, values: readonly T[], as: (value: T) => unknown): Promise<void> {
  const parts: string[] = [];
  for (let start = 0; start < values.length; start += LINES_A_PART) {
    const lines = values.slice(start, start + LINES_A_PART).map((value) => `${JSON.stringify(as(value))}\n`);
    parts.push(lines.join(''));
    await new Promise((resolve) => setTimeout(resolve));
  }
  download(`${name}.jsonl`, 'application/x-ndjson', parts);
}

/** "12 bytes", "3.4 kB", "1.2 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
