"""Runs a command in a terminal of its own: terminal.py COLUMNS ROWS COMMAND...

What it shows goes to standard output. Standard input takes one order a line: `resize COLUMNS ROWS`, `interrupt` (Ctrl-C),
`close` (the window is closed). At its end the last line of standard error is its exit status, negative for a signal.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
process, terminal = pty.fork()
if process == 0:
    while os.get_terminal_size(0).columns != columns:  # its size is set from outside
        pass
    os.execvp(command[0], command)
resize(terminal, columns, rows)

orders, sources = b"", [terminal, 0]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # nobody has the other end open any more
            data = b""
        if data == b"":
            sources.remove(source)
        elif source == terminal:
            os.write(1, data)
        else:
            orders += data
            *lines, orders = orders.split(b"\n")
            for order, *numbers in (line.decode().split() for line in lines):
                if order == "resize":
                    resize(terminal, *map(int, numbers))
                elif order == "interrupt":
                    os.write(terminal, b"\x03")
                elif order == "close":
                    sources = []
os.close(terminal)
status = os.waitpid(process, 0)[1]
sys.stderr.write(f"{os.waitstatus_to_exitcode(status)}\n")
