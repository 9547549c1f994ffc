/** Bundles the program into dist, as it is in the packages: node scripts/build.ts */
import { join } from 'node:path'
import { bundle } from '../packaging/bundle.ts'
import { REPOSITORY } from '../packaging/release.ts'

bundle(REPOSITORY, join(REPOSITORY, 'dist'))
