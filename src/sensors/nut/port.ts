/** Registered for the network UPS tools with IANA. */
export const PORT = 3493
