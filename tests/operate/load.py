"""Clients that ask all the time, each on a thread of its own, and remember what went wrong. Every statement carries a nonce that
must come back, and whatever else comes back must be of the client's own tenant."""
import threading
import time
from collections import Counter

import wire
from world import tenant

# What clients may hear while their database dies, is away, or comes back.
GONE = {'57P01', '57P02', '57P03', '08000', '08001', '08003', '08004', '08006', '53300', '57014', '55000'}


class Wrong(Exception):
    """An answer that nobody should get."""


class Client(threading.Thread):
    """act(client) asks once. Answers, errors by SQLSTATE, losses of the connection and times are counted; what is neither an answer nor
    an expected error is kept in `wrong`."""

    def __init__(self, world, number, act, user='u%02d', expected=(), pause=0.0, **options):
        super().__init__(daemon=True)
        self.world, self.number, self.act, self.pause, self.options = world, number, act, pause, options
        self.user, self.tenant, self.expected = user % (number % 20), tenant(number), set(expected)
        self.sent = self.answered = self.lost = self.longest = 0
        self.errors, self.wrong, self.times, self.error_at = Counter(), [], [], []
        self.answered_at = 0.0
        self.wire, self.leave = None, threading.Event()

    def run(self):
        while not self.leave.is_set():
            began = time.monotonic()
            try:
                if self.wire is None:
                    self.wire = self.world.connect(self.user, **self.options)
                self.act(self)
            except wire.LoginRefused as error:
                self.failed(error.sqlstate, error)
            except wire.TimedOut as error:
                self.wrong.append('hangs: %s' % error)
                self.hang_up()
            except (wire.Closed, ConnectionError) as error:
                self.failed('closed', error)
                self.hang_up()
            except Exception as error:  # noqa: BLE001  (whatever it is, it is wrong)
                self.wrong.append('%s: %s' % (type(error).__name__, error))
                self.hang_up()
            took = time.monotonic() - began
            self.longest = max(self.longest, took)
            self.times.append(took)
            if self.pause:
                self.leave.wait(self.pause)
        self.hang_up()

    def hang_up(self):
        if self.wire is not None:
            self.wire.end()
        self.wire = None

    def failed(self, state, why):
        self.errors[state] += 1
        self.error_at.append(time.monotonic())
        if state not in self.expected:
            self.wrong.append('%s: %s' % (state, why))
        if state == 'closed':
            self.lost += 1
        time.sleep(0.02)

    def nonce(self):
        self.sent += 1
        return 'n%d-%d' % (self.number, self.sent)

    def check(self, result, nonce, own=True):
        """The result, or None after an error that was expected. In the column nonce stands this statement's own; texts that begin like a tenant's
        name are this tenant's."""
        if result.error:
            self.failed(result.sqlstate, result.error)
            return None
        for statement in result.statements:
            names = [column.name for column in statement.columns or []]
            for row in statement.rows:
                for name, value in zip(names, row):
                    if name == 'nonce' and value != nonce:
                        raise Wrong('asked %s, answered %s' % (nonce, row))
                    if own and isinstance(value, str) and value[:1] == 't' and value[1:3].isdigit() and value[:3] != self.tenant:
                        raise Wrong('a row of another tenant: %s' % (row,))
        self.was_answered()
        return result

    def was_answered(self):
        self.answered += 1
        self.answered_at = time.monotonic()


class Load:
    """with Load(clients): … ; afterwards report() and check()."""

    def __init__(self, clients):
        self.clients = list(clients)

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.leave.set()
        for client in self.clients:
            client.join(40)
            if client.is_alive():
                client.wrong.append('it never came back')
        if self.wrong:
            print('     %d wrong: %s' % (len(self.wrong), self.wrong[:5]), flush=True)

    @property
    def answered(self):
        return sum(client.answered for client in self.clients)

    @property
    def wrong(self):
        return [text for client in self.clients for text in client.wrong]

    @property
    def errors(self):
        return sum((client.errors for client in self.clients), Counter())

    @property
    def longest(self):
        return max(client.longest for client in self.clients)

    def times(self):
        return sorted(t for client in self.clients for t in client.times)

    def everybody_answers(self, seconds, since=None):
        """Waits until each client has had an answer to something that it asked from now on."""
        begun = time.monotonic() if since is None else since
        end = time.monotonic() + seconds
        while not all(client.answered_at > begun for client in self.clients):
            assert time.monotonic() < end, 'after %d s without answers: %s' % (seconds, [c.number for c in self.clients if c.answered_at <= begun])
            time.sleep(0.02)
        return time.monotonic() - begun

    def report(self, name):
        times = self.times()
        print('     %s: %d clients, %d answers, errors %s, median %.1f ms, 99 %% %.1f ms, longest %.2f s' %
              (name, len(self.clients), self.answered, dict(self.errors) or 'none', 1000 * times[len(times) // 2],
               1000 * times[len(times) * 99 // 100], self.longest), flush=True)

    def check(self):
        assert not self.wrong, '%d wrong: %s' % (len(self.wrong), self.wrong[:3])
        assert self.answered > 0
