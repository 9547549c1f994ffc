/**
 * What the machine's energy is shown by: its processors (with the memory and the accelerator of a superchip, which no
 * meter tells apart), its memory, its accelerators, what the power supplies lose, and the rest: fans, disks, board.
 */
export type Part = 'processors' | 'memory' | 'accelerators' | 'rest' | 'supply_loss'

export const PARTS: readonly Part[] = ['processors', 'memory', 'accelerators', 'rest', 'supply_loss']
