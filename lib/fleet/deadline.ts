/** Milliseconds that a request to a cluster may take: one that hangs would hold a deploy at its gate, and with it the state's lock. */
export const DEADLINE = 30_000;
