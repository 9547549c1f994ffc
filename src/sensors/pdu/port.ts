/** Of SNMP. */
export const PORT = 161
