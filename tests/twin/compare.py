"""What two servers answered to one statement, made comparable. Shared by run.py, at_random.py and interference.py.

A Side is a connection to one of the two. Both can be given the statement before either is read (start, finish), so that
they work at the same time. Numbers of types that a database made itself differ between the two: they are compared by name,
in the descriptions of columns and inside of binary records and arrays, which carry them too.
"""
import struct

from world import DATABASE, PASSWORD
import wire  # (tests/support; world.py knows the way there)

RECORD, RECORD_ARRAY = 2249, 2287


class Side:
    """One connection and the names of the types that its database made itself."""

    def __init__(self, port, user, settings=(), database=DATABASE):
        self.port, self.user, self.settings, self.database = port, user, settings, database
        self.wire = None
        self.types = {}

    def connect(self):
        if self.wire is None:
            self.wire = wire.connect('127.0.0.1', self.port, self.user, PASSWORD, self.database, timeout=30)
            for setting in self.settings:
                self.wire.query('SET ' + setting)
        return self.wire

    def drop(self):
        if self.wire is not None:
            self.wire.drop()
            self.wire = None

    def learn_types(self, rows):
        """(oid, name, typtype) rows: composite types count as record, which is what a wrapped table's row is, in arrays too."""
        tables = {name for _, name, kind in rows if kind == 'c'}
        self.types = {int(oid): 'record' if kind == 'c' else RECORD_ARRAY if name[0] == '_' and name[1:] in tables else name
                      for oid, name, kind in rows}

    def type_name(self, oid):
        return 'record' if oid == RECORD else self.types.get(oid, oid)

    def start(self, sql, mode, params=(), oids=()):
        """Sends a statement: as a simple query, or as an extended one with results as text or binary."""
        connection = self.connect()
        if mode == 'simple':
            connection.send(wire.query(sql))
            return
        connection.send(self.extended(sql, mode, params, oids) + wire.sync())

    @staticmethod
    def extended(sql, mode, params, oids):
        formats = [1] if mode == 'binary' else []
        return wire.parse('', sql, oids) + wire.describe('S') + wire.bind('', '', params, None, formats) + wire.describe('P') + wire.execute()

    def messages(self):
        """The messages up to ReadyForQuery. Wire's own way costs too much where there are millions of rows."""
        data, at, found = bytearray(self.wire.buffer), 0, []
        self.wire.buffer = b''
        while True:
            while len(data) - at >= 5:
                (length,) = struct.unpack_from('!I', data, at + 1)
                if len(data) - at <= length:
                    break
                found.append((chr(data[at]), bytes(data[at + 5:at + 1 + length])))
                at += length + 1
                if found[-1][0] == 'Z':
                    self.wire.buffer = bytes(data[at:])
                    return found
            del data[:at]
            at = 0
            data += self.wire.recv_bytes(1)
            data += self.wire.buffer
            self.wire.buffer = b''

    def finish(self):
        return wire.collect(self.messages())

    def run(self, sql, mode, params=(), oids=()):
        self.start(sql, mode, params, oids)
        return self.finish()

    def run_together(self, statements, mode, params=(), oids=(), data=(), copies_in=False):
        """Several statements in one message, or in one pipeline; data: what is sent to each COPY FROM STDIN, which stands last in
        a pipeline: there, Sync waits until the server has said whether it takes the rows. A script's parameters are those of
        the statements that have some."""
        connection = self.connect()
        if mode == 'simple':
            connection.send(wire.query(';\n'.join(statements)))
        else:
            connection.send(b''.join(self.extended(s, mode, *((params, oids) if '$1' in s else ((), ()))) for s in statements)
                            + (wire.message('H') if copies_in else wire.sync()))
        data, messages, synced = list(data), [], mode == 'simple' or not copies_in
        while not messages or messages[-1][0] != 'Z':
            messages.append(connection.recv())
            if messages[-1][0] == 'G':
                connection.send(wire.copy_data(data.pop(0)) + wire.copy_done() if data else wire.copy_fail('no data'))
            if not synced and (messages[-1][0] in 'GE' or [kind for kind, _ in messages].count('C') == len(statements)):
                connection.send(wire.sync())
                synced = True
        return wire.collect(messages)

    def comparable(self, value, oid):
        """A value as it is, but for the numbers of types in binary records and arrays."""
        if not isinstance(value, bytes):
            return value
        name = self.type_name(oid)
        if name == 'record':
            return self.comparable_record(value)
        if name == RECORD_ARRAY or (isinstance(name, str) and name.startswith('_')):
            dimensions, has_null, element = struct.unpack_from('!iiI', value)
            at = 12 + 8 * dimensions
            return ('array', has_null, self.type_name(element), value[12:at], self.values_at(value, at, element))
        return value

    def comparable_record(self, value):
        at, fields = 4, []
        while at < len(value):
            oid, length = struct.unpack_from('!Ii', value, at)
            at += 8
            inner = None if length < 0 else value[at:at + length]
            fields.append((self.type_name(oid), self.comparable(inner, oid)))
            at += max(length, 0)
        return ('record', tuple(fields))

    def values_at(self, value, at, oid):
        values = []
        while at < len(value):
            (length,) = struct.unpack_from('!i', value, at)
            at += 4
            values.append(self.comparable(None if length < 0 else value[at:at + length], oid))
            at += max(length, 0)
        return tuple(values)


QUIET = set('12tnTDCZI')


def surely_equal(mine, theirs, a, b, ordered):
    """Two lists of messages, compared as bytes where that is enough. False: look closer."""
    if len(a) != len(b) or not QUIET.issuperset(kind for kind, _ in a):
        return False
    rows = ([body for kind, body in messages if kind == 'D'] for messages in (a, b))
    p, q = rows if ordered else map(sorted, rows)
    if p != q:
        return False
    for (kind, body), (other, their_body) in zip(a, b):
        if kind != other:
            return False
        if kind == 'T' and described(mine, body) != described(theirs, their_body):
            return False
        if kind not in 'TtD' and body != their_body:
            return False
    return True


def described(side, body):
    return [(c.name, side.type_name(c.type_oid), c.typmod, c.format) for c in wire.decode_columns(body)]


def answer(side, result, ordered, types=True, typmods=True):
    """What is compared, as a list of plain values."""
    out = []
    for statement in result.statements:
        described = statement.columns or []
        columns = [(c.name, side.type_name(c.type_oid), c.typmod if typmods else 0) if types else c.name for c in described]
        rows = [tuple(row) for row in statement.rows or []]
        if any(c.format for c in described):
            rows = [tuple(side.comparable(value, c.type_oid) for value, c in zip(row, described)) for row in rows]
        out.append((columns, rows if ordered else sorted(rows, key=repr), statement.tag))
        if statement.copied:
            lines = b''.join(statement.copied).split(b'\n')
            out.append(('copied', lines if ordered else sorted(lines)))
    out += [('notice', n.get('S'), n.get('C'), n.get('M')) for n in result.notices]
    out += [('copy', kind, body) for kind, body in result.messages if kind in 'GH']
    if result.error:
        out.append(('error', result.sqlstate))
    return out


def difference(a, b):
    """Two answers that are not equal, in words."""
    for x, y in zip(a, b):
        if x == y:
            continue
        for part, p, q in zip(('columns', 'rows', 'tag'), x, y):
            if p != q:
                return '%s differ\n      headgate %s\n      private  %s' % (part, str(p)[:600], str(q)[:600])
    return 'differ: %s / %s' % (str(a)[:300], str(b)[:300])


def types_of(cluster, database):
    out = cluster.sql("SELECT oid, typname, typtype FROM pg_type WHERE oid >= 16384", database=database)
    return [line.split('|') for line in out.strip().split('\n') if line]


def sides_of(world, itself=False, settings=((), ())):
    """user -> (Headgate's side, the private side); itself: the private database on both. settings: to be SET on each."""
    sides = {}
    physical = types_of(world.clusters[0], 'data') + types_of(world.clusters[1], 'data')
    for user, port in world.private.items():
        database = world.databases[user]
        mine = Side(port, user, settings[0], database) if itself else Side(world.headgate.port, user, settings[0])
        theirs = Side(port, user, settings[1], database)
        theirs.learn_types(types_of([c for c in world.clusters if c.port == port][0], database))
        mine.learn_types(physical + types_of(world.clusters[0], world.catalog_of(user)))
        if itself:
            mine.types = theirs.types
        sides[user] = (mine, theirs)
    return sides
