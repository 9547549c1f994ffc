export const FINDINGS = {
  'host-missing': 'a host of the topology file that was never heard',
  'host-dead': 'a host that is heard no more',
  'host-double': 'a machine that is read from several places',
  'host-late': 'a host whose account is behind',
  'host-reset': 'a host whose total fell',
  'host-unplaced': 'a host without a place',
  'host-moved': 'a host that changed its place',
  'host-label': 'a host whose labels say another place than the topology file',
  'hours-lost': 'hours without energy of their own',
  'hours-uncovered': 'hours of which a part is not covered',
  'meter-silent': 'a meter without values',
  'meter-gaps': 'a meter that misses hours',
  'meter-fell': 'a counter that fell',
  'meter-suspect': 'a host whose meter is off',
  'place-suspect': 'hosts that stand elsewhere than they say',
  unexplained: 'energy that no host explains',
} as const
export type FindingKind = keyof typeof FINDINGS

/** Something that is not as it should be. */
export interface Finding {
  readonly kind: FindingKind
  /** A place, a host or a meter by its name. */
  readonly where: string
  /** One sentence, with the remedy. */
  readonly text: string
  /** Host or meter hours; null where none are meant. */
  readonly hours: number | null
}
