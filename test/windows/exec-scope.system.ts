import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Report } from '../../src/commands/exec-report.ts'
import { boot } from '../systemd/container.ts'

/** What happens in the container: as root, as a user with a service manager of their own, and as one without. */
const SCRIPT = `#!/bin/bash
cd /out; chmod 0777 .
trap 'journalctl -u wattledger --output=cat > journal' EXIT
mkdir -p /etc/wattledger
echo 'web: { listen: "127.0.0.1:10910" }' > /etc/wattledger/wattledger.yaml
systemctl start wattledger || exit
group='read -r one < /proc/self/cgroup; while read -r line; do one=$line; done < /proc/self/cgroup; echo $one'
work='i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done'
exec_of() { /opt/wattledger exec --json "$1.json" -- "\${@:2}" > "$1" 2> "$1-said"; echo $? >> "$1"; }

exec_of root /bin/sh -c "$group; $work; exit 3"
exec_of idle sleep 1.2
exec_of missing no-such-program
exec_of signalled /bin/sh -c 'kill -TERM $$'
/opt/wattledger exec -- sh -c 'trap "echo got" TERM; echo ready; sleep 30 & wait; kill $!' > forwarded 2> forwarded-said &
until grep -q ready forwarded; do sleep 0.05; done
kill -TERM $!; wait $!

export XDG_RUNTIME_DIR=/run/user/65534
install -d -o 65534 -g 65534 -m 0700 $XDG_RUNTIME_DIR
as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
as bash -c "$(declare -f exec_of); exec_of none /bin/sh -c '$group'"
systemd-run --quiet --unit=user-manager --slice=user-65534.slice --property=User=65534 --property=Delegate=yes \
  --property=Type=notify --setenv=XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR /lib/systemd/systemd --user
as systemd-run --quiet --user --wait --working-directory=/out bash -c "$(declare -f exec_of); exec_of user /bin/sh -c '$group; $work'"
systemd-run --quiet --scope --slice=user-65534.slice bash -c "$(declare -f exec_of); exec_of sudo /bin/sh -c '$group; $work'"

systemctl stop wattledger
/opt/node --input-type=module -e "
  import Database from '/opt/repository/node_modules/better-sqlite3/lib/index.js'
  const db = new Database('/var/lib/wattledger/ledger.db', { readonly: true })
  for (const [kind, id] of db.prepare('SELECT kind, id FROM consumer').raw().all()) console.log(kind + ' ' + id)" > consumers
`

test('a measured command runs in a scope of its own, and its window has the share of that', (context) => {
  const booted = boot(context, SCRIPT)
  if (booted === null) return
  const { status, output, said } = booted
  assert.equal(status, 0, output)
  const windowOf = (run: string) => {
    const [first] = (JSON.parse(said(`${run}.json`).join('\n')) as Report).runs
    return first?.window ?? assert.fail(`${run}: ${said('journal').join('\n')}`)
  }

  const root = windowOf('root')
  assert.deepEqual(said('root'), [`0::/system.slice/wattledger-${root.id}.scope`, '3'])
  assert.deepEqual(said('root-said'), [''])
  assert.equal(root.status, 'final')
  assert.ok(root.own && root.own.above_idle_j > 0 && root.own.energy_j < root.energy_j, JSON.stringify(root))
  const idle = windowOf('idle')
  assert.ok(idle.own && idle.own.above_idle_j < 0.02 * idle.energy_j, JSON.stringify(idle))

  assert.deepEqual(said('missing'), ['127'])
  assert.deepEqual(said('missing-said'), ['wattledger: no-such-program: there is no such program'])
  assert.deepEqual(said('signalled'), ['143'])
  assert.deepEqual(said('forwarded'), ['ready', 'got'])

  const none = windowOf('none')
  assert.deepEqual(said('none'), ['0::/system.slice/script.service', '0'])
  assert.deepEqual([said('none-said'), none.own], [[''], null])

  const user = windowOf('user')
  const [group = '', code] = said('user')
  assert.match(group, /^0::\/user\.slice\/user-65534\.slice\/user-manager\.service\//)
  assert.ok(group.endsWith(`/wattledger-${user.id}.scope`), group)
  assert.equal(code, '0')
  // By then the agent believes what it learned, and a machine that is busy outside of the container may draw no more than that.
  assert.ok(user.own, JSON.stringify(user))

  const sudo = windowOf('sudo')
  assert.equal(said('sudo')[0], `0::/user.slice/user-65534.slice/wattledger-${sudo.id}.scope`)
  assert.ok(sudo.own, JSON.stringify(sudo))

  const consumers = said('consumers')
  assert.ok(consumers.includes(`scope wattledger-${root.id}.scope`))
  assert.ok(consumers.includes('user 65534'), 'who is measured answers for it as before')
  assert.ok(!consumers.includes(`scope wattledger-${user.id}.scope`))
})
