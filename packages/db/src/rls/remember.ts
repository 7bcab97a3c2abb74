/** Workspaces that are remembered at once. What was made for one is cheap to make anew, but not for each request. */
const most = 1000;

/** `make`, with what it made for the workspaces of late. */
export function remember<T>(make: (workspaceId: string) => T): (workspaceId: string) => T {
  const known = new Map<string, T>();
  return (workspaceId) => {
    const found = known.get(workspaceId);
    if (found !== undefined) return found;
    if (known.size >= most) known.clear();
    const made = make(workspaceId);
    known.set(workspaceId, made);
    return made;
  };
}
