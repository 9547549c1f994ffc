/*
 * What is drawn around processors and memory, where nothing meters it. Boavizta (API 2.4.1, server power model) adds 33 % to
 * both, 20 to 60 % being plausible, for a figure at the socket. The supply's loss is in it, and is here a part of its own,
 * so it has to come out: with the usual efficiency of 0.92, 1.33 × 0.92 = 1.2236 is the DC side, and 1.2236 / 0.92 the same
 * 1.33 again.
 */

/** Fans, disks, board, network and regulators, in parts per million of processors and memory. */
export const HOST_OVERHEAD_PPM = 223_600n

/** Of a supply of which nothing is known: the mean of 80 PLUS Platinum at 20 and 50 % of its load (230 V). */
export const USUAL_EFFICIENCY = 0.92

/** Memory: 0.284 W per GB (Boavizta API 2.4.1). */
export const MEMORY_UW_PER_GB = 284_000
