/** Debian: rpm rpm2cpio cpio systemd systemd-container */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ARCHITECTURES } from '../../packaging/architecture.ts'
import { releaseOf } from '../../packaging/release.ts'
import { buildRpm } from '../../packaging/rpm.ts'
import { builtPackages, type Packages, skipWithout, temporaryFolder, unpack } from './built.ts'
import { runContained } from './container.ts'

const NEXT = '999.0.0'
const LEDGER = '/var/lib/wattledger/ledger.db'
/** With its zeros on the disk it is a quarter more. */
const MAX_USED_KIB = 95_000
const folder = temporaryFolder()
const architecture = ARCHITECTURES.find(({ node }) => node === process.arch)
let built: Packages | undefined

function packages(): Packages {
  assert.ok(architecture)
  built ??= builtPackages(architecture, folder)
  return built
}

/** The same files as a later version. */
function nextDeb(deb: string): string {
  const root = join(folder, 'next-deb')
  execFileSync('dpkg-deb', ['-R', deb, root])
  const control = join(root, 'DEBIAN/control')
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${NEXT}`))
  const file = join(folder, 'next.deb')
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '-b', root, file], { stdio: 'ignore' })
  return file
}

function nextRpm(rpm: string): string {
  assert.ok(architecture)
  const tree = unpack(rpm, join(folder, 'next-rpm'))
  const [work, out] = [join(folder, 'next-work'), join(folder, 'next-out')]
  for (const path of [work, out]) mkdirSync(path)
  return buildRpm(tree, architecture, { ...releaseOf(0), version: NEXT }, work, out)
}

function cannotRun(context: TestContext): boolean {
  if (skipWithout(context, 'systemd-nspawn', 'rpmbuild', 'rpm2cpio', 'cpio')) return true
  if (process.geteuid?.() === 0) return false
  context.skip('a container takes root')
  return true
}

/** `policy-rc.d` of a machine that starts no services would be obeyed. */
const PROBES = `rm -f /usr/sbin/policy-rc.d
state() { systemctl is-active wattledger; systemctl is-enabled wattledger 2>/dev/null; } 2>&1
count() { journalctl --no-pager -u wattledger | grep -c '"event":"ready"'; }
# The journal comes behind systemctl.
starts() { until [ "$(count)" -ge "$1" ]; do sleep 0.1; done; count; }
scrape() { /usr/lib/wattledger/bin/node -e 'fetch("http://127.0.0.1:10910/metrics").then((r) => console.log(r.status))'; }
ledger() { stat -c '%U:%G %a %i' ${LEDGER}; }
used() { du -sk /usr/lib/wattledger | cut -f1; }
`

const SERVICE_LIFE = `${PROBES}
install_old > install 2>&1; echo $? > installed
used > used-installed; verify > verified-installed 2>&1
state > state-installed; starts 1 > starts-installed; scrape > scrape-installed 2>&1; ledger > ledger-installed
getent group wattledger-sensors | cut -d: -f4 > members
echo '# mine' >> /etc/wattledger/wattledger.yaml
install_new > upgrade 2>&1; echo $? > upgraded
used > used-upgraded; verify 2>&1 | grep -v ' c /etc/wattledger/wattledger.yaml$' > verified-upgraded
state > state-upgraded; starts 2 > starts-upgraded; scrape > scrape-upgraded 2>&1; ledger > ledger-upgraded
tail -n 1 /etc/wattledger/wattledger.yaml > configuration
remove > remove 2>&1; echo $? > removed
state > state-removed; ledger > ledger-removed; ls -d /usr/lib/wattledger > program-removed 2>&1
`

function checkServiceLife(said: (name: string) => string): void {
  assert.equal(said('installed'), '0', said('install'))
  for (const when of ['installed', 'upgraded']) {
    assert.ok(Number(said(`used-${when}`)) < MAX_USED_KIB, `${when}: its zeros are holes`)
    assert.equal(said(`verified-${when}`), '', `${when}: each file is as it was packed`)
  }
  assert.equal(said('state-installed'), 'active\nenabled')
  assert.equal(said('starts-installed'), '1')
  assert.equal(said('scrape-installed'), '200')
  assert.match(said('ledger-installed'), /^wattledger:wattledger 640 \d+$/)
  assert.equal(said('members'), 'wattledger')

  assert.equal(said('upgraded'), '0', said('upgrade'))
  assert.equal(said('state-upgraded'), 'active\nenabled')
  assert.equal(said('starts-upgraded'), '2', 'one restart')
  assert.equal(said('scrape-upgraded'), '200')
  assert.equal(said('ledger-upgraded'), said('ledger-installed'), 'the same ledger')
  assert.equal(said('configuration'), '# mine')

  assert.equal(said('removed'), '0', said('remove'))
  assert.match(said('state-removed'), /^inactive\b/)
  assert.equal(said('ledger-removed'), said('ledger-installed'), 'the ledger stays')
  assert.match(said('program-removed'), /No such file/)
}

test('deb: installed, upgraded, removed and purged under systemd', (context) => {
  if (cannotRun(context)) return
  const { deb } = packages()
  // Without waiting for a disk that is forgotten afterwards.
  const script = `install_old() { dpkg --force-unsafe-io -i /old.deb; }
install_new() { dpkg --force-unsafe-io --force-confold -i /new.deb; }
remove() { dpkg -r wattledger; }
verify() { dpkg --verify wattledger; }
${SERVICE_LIFE}
dpkg -P wattledger > purge 2>&1; echo $? > purged
ls -d /var/lib/wattledger /etc/wattledger > left 2>&1
`
  const files = { [deb]: '/old.deb', [nextDeb(deb)]: '/new.deb' }
  const said = runContained({ folder: join(folder, 'deb'), script, files, hasSystemd: true })
  checkServiceLife(said)
  assert.equal(said('purged'), '0', said('purge'))
  assert.doesNotMatch(said('left'), /^\//m)
  for (const step of ['install', 'upgrade', 'remove', 'purge']) {
    const chatter = said(step)
      .split(/[\n\r]/)
      .filter((line) => !DPKG.test(line))
    assert.deepEqual(chatter, [], `${step} is quiet`)
  }
})

/** What dpkg itself says, and deb-systemd-helper of every service. */
const DPKG =
  /^(Selecting previously|\(Reading database|Preparing to unpack|Unpacking|Setting up|Processing triggers|Removing|Purging|Warning: The unit file|Created symlink)|^$/

test('deb: without systemd it installs, twice, and is purged', (context) => {
  if (cannotRun(context)) return
  const script = `dpkg --force-unsafe-io -i /old.deb > install 2>&1; echo $? > installed
dpkg --force-unsafe-io -i /old.deb > again 2>&1; echo $? >> installed
wattledger --version > version 2>&1
wattledger config check > check 2>&1
id -nG wattledger > groups
mkdir -p ${LEDGER}
dpkg -P wattledger > purge 2>&1; echo $? > purged
ls -d /var/lib/wattledger > left 2>&1
`
  const files = { [packages().deb]: '/old.deb' }
  const said = runContained({ folder: join(folder, 'bare'), script, files, hasSystemd: false })
  assert.equal(said('installed'), '0\n0', said('install') + said('again'))
  assert.equal(said('version'), releaseOf(0).version)
  assert.match(said('check'), /ok$/)
  assert.equal(said('groups'), 'wattledger wattledger-sensors')
  assert.equal(said('purged'), '0', said('purge'))
  assert.match(said('left'), /No such file/)
})

test('rpm: installed, upgraded and removed under systemd', (context) => {
  if (cannotRun(context)) return
  const { rpm } = packages()
  // Dependencies are Debian's business here.
  const script = `install_old() { rpm --force-debian --nodeps -U /old.rpm; }
install_new() { rpm --force-debian --nodeps -U /new.rpm; }
remove() { rpm --force-debian -e wattledger; }
verify() { rpm -V --nodeps wattledger; }
${SERVICE_LIFE}`
  const files = { [rpm]: '/old.rpm', [nextRpm(rpm)]: '/new.rpm' }
  const said = runContained({ folder: join(folder, 'rpm'), script, files, hasSystemd: true })
  checkServiceLife(said)
  for (const step of ['install', 'upgrade']) assert.equal(said(step), '', `${step} is quiet`)
  assert.match(
    said('remove'),
    /^warning: \S+wattledger\.yaml saved as \S+\.rpmsave$/,
    'a changed configuration is kept',
  )
})
