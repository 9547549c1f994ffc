/** Debian: lintian rpmlint man-db binutils g++-aarch64-linux-gnu rpm rpm2cpio cpio (qemu-user-static on arm64) */
import { architecturesOf } from '../../packaging/architecture.ts'
import { checkPackages } from './check-packages.ts'

for (const architecture of architecturesOf('amd64')) checkPackages(architecture)
