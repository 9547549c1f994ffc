import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot } from './container.ts'

/** Only what a test must change: times that would be long to wait for. */
const DROP_IN = `WatchdogSec=6
RestartSec=100ms
`

/** What happens in the container, whose service manager starts nothing else. Each command's output goes into a file. */
const SCRIPT = `#!/bin/bash
cd /out
trap 'journalctl -u wattledger --output=cat > journal' EXIT
fetch='fetch("http://127.0.0.1:10910/metrics").then(async (r) => console.log(r.status, (await r.text()).includes("wattledger_build_info")))'
property() { systemctl show --property="$1" --value wattledger; }
as() { setpriv --reuid=65534 --regid=65534 "$@"; }

mkdir -p /etc/wattledger
echo 'web: { listen: "127.0.0.1:10910" }' > /etc/wattledger/wattledger.yaml
systemctl start wattledger; echo $? > started
[ "$(cat started)" = 0 ] || exit
property StatusText > status
grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' "/proc/$(property MainPID)/status" > rights
/opt/node -e "$fetch" > scrape 2>&1

ledger=/var/lib/wattledger/ledger.db
stat -c '%a %U:%G' /var/lib/wattledger "$ledger" /var/lib/wattledger/inventory.json > modes
as --groups=wattledger head -c 15 "$ledger" > reader 2>&1
as --clear-groups head -c 15 "$ledger" > stranger 2>&1

echo 'log: { level: debug }' >> /etc/wattledger/wattledger.yaml
systemctl reload wattledger; echo $? > reloaded
until journalctl -u wattledger | grep -q '"event":"reloaded"'; do sleep 0.05; done

# At half of its time, so that three times are longer than all of it.
for time in 1 2 3; do
  fed=$(property WatchdogTimestampMonotonic)
  until [ "$(property WatchdogTimestampMonotonic)" != "$fed" ]; do sleep 0.1; done
done
property NRestarts > restarts-when-well
kill -STOP "$(property MainPID)"
until [ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]; do sleep 0.05; done
journalctl -u wattledger | grep -c 'Watchdog timeout' > watchdog

systemctl stop wattledger
property Result > stopped

echo 'nonsense: true' > /etc/wattledger/wattledger.yaml
systemctl start wattledger; echo $? > refused
sleep 1
property ActiveState >> refused
property ExecMainStatus >> refused
property NRestarts >> refused
`

test('under systemd: rights, readiness, reload, watchdog, stop, and a configuration that is refused', (context) => {
  const booted = boot(context, SCRIPT, DROP_IN)
  if (booted === null) return
  const { status, output, said } = booted
  assert.equal(status, 0, `${output}${said('journal').join('\n')}`)

  assert.deepEqual(said('started'), ['0'], said('journal').join('\n'))
  assert.notEqual(said('status').join(), '')
  assert.deepEqual(said('scrape'), ['200 true'])

  const rights = new Map(said('rights').map((line) => line.split(':\t') as [string, string]))
  assert.ok(!rights.get('Uid')?.split('\t').includes('0'), 'never root')
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(rights.get(set) ?? '', /^0+$/, set)
  assert.equal(rights.get('NoNewPrivs'), '1')
  assert.equal(rights.get('Seccomp'), '2')
  assert.equal(rights.get('Groups')?.trim().split(' ').length, 2)

  assert.deepEqual(said('modes'), ['750 wattledger:wattledger', '640 wattledger:wattledger', '640 root:wattledger'])
  assert.deepEqual(said('reader'), ['SQLite format 3'])
  assert.match(said('stranger').join(), /Permission denied/)

  assert.deepEqual(said('reloaded'), ['0'])
  assert.deepEqual(said('restarts-when-well'), ['0'], 'the watchdog is fed')
  assert.deepEqual(said('watchdog'), ['1'], 'a process that stands still is ended and started again')
  assert.deepEqual(said('stopped'), ['success'])
  assert.deepEqual(said('refused'), ['1', 'failed', '78', '0'], 'a wrong configuration is not tried again')
})
