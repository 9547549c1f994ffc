"""Runs a program on a terminal of its own: on-terminal.py COLUMNS ROWS PROGRAM ARGUMENT...

Reads orders, a JSON object a line: {"resize": [columns, rows]}, {"keys": text}, {"signal": number}, {"hangUp": true}.
Writes what happens, likewise: {"out": base64} and at the end {"exit": status, "restored": whether the terminal is as before}.
"""

import base64, fcntl, json, os, pty, select, signal, struct, sys, termios


def resize(columns, rows):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


columns, rows, *words = sys.argv[1:]
master, slave = pty.openpty()
resize(int(columns), int(rows))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(slave, descriptor)
    os.closerange(3, 256)
    os.execvp(words[0], words)
# A child that ends is told to select(2) by a byte.
ended, wake = os.pipe()
os.set_blocking(wake, False)
signal.set_wakeup_fd(wake)
signal.signal(signal.SIGCHLD, lambda *_: None)
orders = b""
sources = [master, 0, ended]
while True:
    ready, _, _ = select.select(sources, [], [])
    if master in ready:
        try:
            say(out=base64.b64encode(os.read(master, 65536)).decode())
            continue
        except OSError:
            sources.remove(master)
    if 0 in ready:
        piece = os.read(0, 65536)
        if not piece:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            break
        *lines, orders = (orders + piece).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "resize" in order:
                resize(*order["resize"])
            if "keys" in order:
                os.write(master, order["keys"].encode())
            if "signal" in order:
                os.kill(child, order["signal"])
            if "hangUp" in order:
                sources.remove(master)
                os.close(master)
                os.close(slave)
                slave = None
    if ended in ready:
        os.read(ended, 64)
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            break
restored = slave is not None and termios.tcgetattr(slave) == before
say(exit=os.waitstatus_to_exitcode(status), restored=restored)
