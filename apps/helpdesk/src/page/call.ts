/** Calls the server of this product. @throws Error with a message for people */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method, ...(body !== undefined && { headers, body: JSON.stringify(body) }) });
  // The session has ended: show the sign-in.
  if (response.status === 401 && path !== '/session') location.reload();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
