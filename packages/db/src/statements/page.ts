/** A page of a list that is sorted by ids. `after`: the last id of the page before it. */
export type IdPage = { after?: string | undefined; limit: number };
