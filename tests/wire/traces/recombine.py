"""Random sequences of the messages that the traces send, sent to both sides: the answers must be equal.

A sequence is made of pieces of traces, whole runs of messages and single ones, so that what belongs together often is together and often is not. Its end
brings both sides to the same state, whatever came before, and its last answer is known. What traces are known to differ in is left out."""
import random

import wire
from trace import Names, load, show

LONGEST = 2000  # bytes of a message
LEFT_OUT = ('Message', 'Bytes', 'Terminate', 'Cancel', 'Pause', 'Login', 'FunctionCall')
MOST_SHOWN = 10
PATIENCE = 40  # seconds: then the other side hangs
CHANGES = tuple('CommandComplete "' + tag for tag in ('INSERT', 'UPDATE', 'DELETE', 'COPY'))
# PostgreSQL knows at once that a COPY is over because of a row, Headgate when it is told: only who sends no CopyDone sees it.
# A name that is taken is told of before what is wrong with the statement.
KNOWN = ('during COPY from stdin', 'ErrorResponse ERROR 42P05')
# An unnamed portal that has failed, or has ended its transaction, is still there for PostgreSQL.
# The numbers of parameters are the server's to compare, which is not asked in a failed transaction.
FAILED = 'ErrorResponse ERROR 25P02 "current transaction is aborted, commands ignored until end of transaction block"'
IN_FAILED = ('ErrorResponse ERROR 55000 "portal \\"\\" cannot be run"', 'ErrorResponse ERROR 34000 "portal \\"\\" does not exist"', 'ErrorResponse ERROR 08P01 "bind message')
# What these are about is looked for when they are bound: prepared.trace shows it.
BOUND_EARLY = ('sql="FETCH', 'sql="MOVE', 'sql="CLOSE', 'sql="EXECUTE')
# These fail behind a query of the same transaction, which Headgate has perhaps answered itself.
NOTHING = ('SET TRANSACTION', 'ISOLATION LEVEL')


def pieces_of(files):
    """The runs of messages of the traces."""
    pieces = []
    for path in files:
        for trace in load(path)[1]:
            if not any(step.reason for step in trace.steps) and all(map(suits, trace.sends())):
                pieces.append(trace.sends())
    return pieces


def suits(send):
    early = send.kind == 'Parse' and any(start in send.line for start in BOUND_EARLY)
    return send.kind not in LEFT_OUT and len(send.message) <= LONGEST and not early and not any(word in send.line for word in NOTHING)


def harmless(sends):
    """Without an unnamed portal being executed that its batch has not bound: PostgreSQL 15 may crash when it is what a simple query that failed has left."""
    kept, bound = [], False
    for send in sends:
        unnamed = not send.arguments.get('portal') and 'statement' not in send.arguments
        if send.kind in ('Query', 'Sync'):
            bound = False
        elif send.kind == 'Bind' and not send.arguments.get('portal'):
            bound = True
        if not (send.kind in ('Execute', 'Describe') and unnamed and not bound):
            kept.append(send)
    return kept


def end(number):
    """A COPY that may be under way is ended, and so are a batch and a transaction."""
    return wire.copy_fail('the end') + wire.sync() + wire.query('ROLLBACK') + wire.query('DISCARD ALL') + wire.query("SELECT 'end of %d'" % number)


class Side:
    def __init__(self, world, name):
        self.world, self.name, self.connection = world, name, None
        with world.connect(name) as connection:
            self.names = Names(connection)

    def answers(self, data, number):
        if not self.connection:
            self.connection = self.world.connect(self.name, timeout=PATIENCE)
        last, lines = b'\0\1\0\0\0' + bytes([len('end of %d' % number)]) + b'end of %d' % number, []
        try:
            self.connection.send(data)
        except wire.Closed:
            pass
        try:
            while True:
                kind, body = self.connection.recv()
                line = show(kind, body, self.names)
                lines.append(FAILED if line.startswith(IN_FAILED) else line)
                if kind == 'D' and body == last:
                    self.connection.recv_until('Z')
                    return lines
        except wire.Closed:
            lines.append('(closed)')
        except wire.TimedOut:
            lines.append('(nothing more)')
        self.connection.drop()
        self.connection = None
        return lines


class Recombiner:
    def __init__(self, world, files):
        self.world, self.pieces = world, pieces_of(files)
        self.sides = [Side(world, name) for name in ('postgres', 'headgate')]

    def sequence(self, rng):
        sends = []
        while len(sends) < 3 or rng.random() < 0.75:
            piece = rng.choice(self.pieces)
            start = rng.randrange(len(piece))
            sends += piece[start:start + rng.choice([1, 1, 2, 3, 5, 8])]
        if rng.random() < 0.3:
            del sends[rng.randrange(len(sends))]
        return harmless(sends)

    def compare(self, sends, number):
        """None, or the answers of the two sides."""
        data = b''.join(send.message for send in sends) + end(number)
        ours, theirs = [side.answers(data, number) for side in self.sides]
        if any(line.startswith(CHANGES) for line in ours + theirs):
            self.world.reset()
        return None if ours == theirs or any(word in line for line in theirs for word in KNOWN) else (ours, theirs)

    def smaller(self, sends, number):
        """As few messages as still make a difference."""
        at = 0
        while at < len(sends):
            fewer = sends[:at] + sends[at + 1:]
            if fewer and harmless(fewer) == fewer and self.compare(fewer, number):
                sends = fewer
            else:
                at += 1
        return sends

    def run(self, sequences, seed):
        """How many of the sequences were answered differently."""
        different = 0
        for number in range(sequences):
            sends = self.sequence(random.Random('%d-%d' % (seed, number)))
            if not self.compare(sends, number):
                continue
            different += 1
            if different <= MOST_SHOWN:
                self.tell(number, self.smaller(sends, number))
        print('%d random sequences, %d answered differently' % (sequences, different))
        return different

    def tell(self, number, sends):
        print('FAIL sequence %d' % number)
        answers = self.compare(sends, number)
        if not answers:
            print('  (not again)')
            return
        for send in sends:
            print('  > ' + send.line)
        for name, lines in zip(('postgres', 'headgate'), answers):
            print('  %s:' % name)
            print('\n'.join('    ' + line for line in lines[:40]))
