/** Tells the log at once, and the ledger with the next write, what became of the file. */
export type Note = (what: string, detail: string, level?: 'error' | 'warn' | 'info') => void
