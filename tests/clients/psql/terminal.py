"""psql on a pseudo terminal: lines, TAB completion, Ctrl-C.

readline works on its input in order, so a marker typed behind a TAB is echoed when the completion is done: no waiting for
silence. What is printed is what a person would see, without the echo's control characters.
"""
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import termios
import time

INPUTRC = """set bell-style none
set show-all-if-ambiguous on
set enable-bracketed-paste off
set page-completions off
set completion-query-items -1
set completion-display-width 0
set completion-ignore-case on
"""
PROMPT = r'analytics[-=(!*^]*[*!]?=?[*!]?> '
SECONDS = 100


class Psql:
    def __init__(self, *arguments):
        self.inputrc = tempfile.NamedTemporaryFile('w')
        self.inputrc.write(INPUTRC)
        self.inputrc.flush()
        self.fd, terminal = pty.openpty()
        attributes = termios.tcgetattr(terminal)
        attributes[1] &= ~termios.ONLCR
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        environment = dict(os.environ, INPUTRC=self.inputrc.name, TERM='dumb', PSQL_PAGER='', PAGER='', PSQL_HISTORY='/dev/null', COLUMNS='500')
        self.process = subprocess.Popen(['psql', '-X', '-q', '-P', 'pager=off', *arguments], stdin=terminal, stdout=terminal, stderr=terminal, env=environment,
                                        start_new_session=True, preexec_fn=lambda: __import__('fcntl').ioctl(0, termios.TIOCSCTTY, 0))
        os.close(terminal)
        self.seen = ''
        self.until(r'> $')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.write(self.fd, b'\x15\\q\n')
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.fd)

    def until(self, pattern, count=1):
        """Everything up to what matches, count times; raises with what came instead."""
        deadline = time.monotonic() + SECONDS
        while True:
            found = list(re.finditer(pattern, self.seen))
            if len(found) >= count:
                text, self.seen = self.seen[:found[count - 1].end()], self.seen[found[count - 1].end():]
                return text
            ready = select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))[0]
            data = os.read(self.fd, 65536) if ready else b''
            if not data:
                raise TimeoutError('waited for %s, got %r' % (pattern, self.seen[-2000:]))
            self.seen += data.decode('utf8', 'replace').replace('\r', '')

    def type(self, text):
        os.write(self.fd, text.encode())

    def line(self, text, prompt=PROMPT):
        """A line and what it answers up to the next prompt."""
        self.type(text + '\n')
        self.until(re.escape(text) + r' ?\n')
        print('%s\n%s' % (text, self.until(prompt)))

    def complete(self, text):
        """What TAB makes of the text: the line that stands there behind it, and the list of candidates before."""
        self.type(text + '\t@@')
        shown = self.until('@@')
        self.type('\x15\\echo cleared\n')
        self.until(r'\ncleared\n' + PROMPT)
        lines = [line for line in shown.split('\n') if line.strip()]
        print('%s -> %s' % (text, re.sub('^' + PROMPT, '', lines[-1]).replace('@@', '')))
        for candidate in lines[1:-1]:
            print('    ' + candidate.strip())

    def interrupt(self, text):
        """A statement that runs long, and Ctrl-C."""
        self.type(text + '\n')
        self.until(re.escape(text) + r' ?\n')
        time.sleep(1)
        began = time.monotonic()
        self.type('\x03')
        print('%s\n%s' % (text, self.until(PROMPT)))
        if time.monotonic() - began > 60:
            print('that took long')

    def watch(self, text, times):
        self.type(text + '\n')
        self.until(re.escape(text))
        shown = self.until(r'\(1 row\)\n', times)
        print(re.sub(r'^.* \(every .*\n', '', shown, flags=re.M))
        self.type('\x03')
        self.until(PROMPT)
