/** Debian: lintian rpmlint man-db binutils g++-aarch64-linux-gnu rpm rpm2cpio cpio qemu-user-static */
import { architecturesOf } from '../../packaging/architecture.ts'
import { checkPackages } from './check-packages.ts'

for (const architecture of architecturesOf('arm64')) checkPackages(architecture)
