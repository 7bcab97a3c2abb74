/** A fault of a plan and its remedy. `pointer` is a JSON pointer into the plan. */
export type Complaint = { pointer: string; message: string };
