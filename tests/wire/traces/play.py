"""Playing a trace on one side, and what came.

A trace is played in steps: a write, then as many messages as are expected; or, because answers do not depend on when bytes are sent, in one write as a
whole, or byte by byte. At the end nothing more may come."""
import time

import wire
from trace import show, unfold

QUIET = 0.15    # seconds without a message after which there is none, where their number is not known
PATIENCE = 60
MOST_BYTES = 4000
CLOSED = '(closed)'


class Player:
    def __init__(self, world, side, names):
        self.world, self.side, self.names = world, side, names

    def begin(self, trace):
        first = trace.steps[0].sends[0]
        if first.kind == 'Login':
            host, port, self.database = self.world.where(self.side)
            return wire.Wire(host, port, timeout=PATIENCE)
        return self.world.connect(self.side, timeout=PATIENCE)

    # -- sending --

    def send(self, connection, sends, chunk=0):
        """Consecutive messages are one write."""
        waiting = b''
        for send in sends:
            if send.message is not None:
                waiting += send.message
                continue
            connection.send(waiting, chunk, 0)
            waiting = b''
            self.control(connection, send.kind, send.arguments)
        connection.send(waiting, chunk, 0)

    def control(self, connection, kind, arguments):
        if kind == 'Pause':
            time.sleep(arguments['ms'] / 1000)
        elif kind == 'Cancel':
            with wire.Wire(*self.world.where(self.side)[:2]) as other:
                other.send(wire.cancel_request(connection.pid, arguments.get('secret', connection.secret)))
                other.recv_to_end()
        elif kind == 'Login':
            self.welcome = self.world.login(self.side, connection, dict(arguments.get('settings', [])))

    # -- receiving --

    def line(self, connection, timeout=None):
        """The next message as a line; None: it does not come."""
        if getattr(self, 'welcome', None):
            message = self.welcome.pop(0)
        else:
            try:
                message = connection.recv(timeout)
            except wire.Closed:
                return CLOSED
            except wire.TimedOut:
                return None
        return show(*message, self.names)

    def lines(self, connection, count):
        """So many; with less than that, and what comes instead, when it stops."""
        lines = []
        while len(lines) < count and lines[-1:] != [CLOSED]:
            line = self.line(connection)
            if line is None:
                break
            lines.append(line)
        return lines

    def quiet(self, connection, sends):
        """All that comes."""
        lines, ends = [], sum(send.kind in ('Sync', 'Query', 'FunctionCall', 'Login') for send in sends)
        while lines[-1:] != [CLOSED]:
            fatal = lines and ' FATAL ' in lines[-1]
            line = self.line(connection, PATIENCE if fatal else QUIET if lines else 3 * QUIET)
            if line is None:
                break
            lines.append(line)
            if sum(line.startswith('ReadyForQuery') for line in lines) == ends and line.startswith('ReadyForQuery'):
                break
        return lines

    def rest(self, connection, last):
        """What comes without having been asked for."""
        if last == CLOSED:
            return []
        if last is not None and last.startswith('ReadyForQuery'):
            connection.send(wire.terminate())
        lines = []
        while True:
            line = self.line(connection, PATIENCE if last and last.startswith('ReadyForQuery') else QUIET)
            if line in (None, CLOSED):
                return lines
            lines.append(line)

    # -- a trace --

    def in_steps(self, trace, explore=False):
        """The lines that came, a list a step. explore: it is not known how many come."""
        got = []
        with self.begin(trace) as connection:
            for step in trace.steps:
                try:
                    self.send(connection, step.sends)
                except wire.Closed:
                    pass  # what was said before is still there
                expected = unfold(step.expected(self.side))
                lines = self.quiet(connection, step.sends) if explore else self.lines(connection, len(expected))
                got.append(lines)
                if lines[-1:] == [CLOSED] or (not explore and lines != expected):
                    break
            got[-1] += self.rest(connection, got[-1][-1] if got[-1] else None)
        return got

    def at_once(self, trace, chunk=0):
        """The lines that came for all of it in one write, or in pieces of so many bytes."""
        expected = [line for step in trace.steps for line in unfold(step.expected(self.side))]
        with self.begin(trace) as connection:
            try:
                self.send(connection, trace.sends(), chunk)
            except wire.Closed:
                pass
            lines = self.lines(connection, len(expected))
            return expected, lines + self.rest(connection, lines[-1] if lines else None)

    def ways(self, trace):
        """(how, expected, got) of each way that suits the trace."""
        expected = [unfold(step.expected(self.side)) for step in trace.steps]
        got = self.in_steps(trace)
        yield 'in steps', sum(expected, []), sum(got, [])
        if self.side == 'headgate' and trace.is_stream():
            yield ('at once', *self.at_once(trace))
            if sum(len(send.message) for send in trace.sends()) <= MOST_BYTES:
                yield ('byte by byte', *self.at_once(trace, 1))
