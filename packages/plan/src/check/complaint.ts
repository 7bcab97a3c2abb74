/** What is wrong with a plan and what would be right. `pointer` is a JSON pointer into it. */
export type Complaint = { pointer: string; message: string };
