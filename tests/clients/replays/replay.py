#!/usr/bin/python3
"""Says to a server what a tool that cannot run here would say, and prints every answer: a client like the others (../README.md).

    replay.py FILE        the server is named by libpq's environment variables

A file is a sequence of steps. `-- == name` begins one (`-- == name !0A000` when Headgate refuses it by design); lines `-- @ key value`
below it are options; all the rest, comments too, is the text that is sent, as it stands. Before the first step, options set what all
steps begin with.

    startup NAME=VALUE       of the connection (before the first step only)
    mode simple|extended|binary|described
                             how the text is sent: as a Query; as Parse, Bind, Describe, Execute, Sync with text or binary results;
                             as Parse, Describe and Sync, without being run
    send WORD …              any other sequence of messages: Q, P[:statement], B[:portal[:statement]], D:S[:name], D:P[:name],
                             E[:portal[:rows]], C:S[:name], C:P[:name], H, S; b is B with binary results
    with-next                sent in one write with the next step, as drivers do that put something in front
    params A|B|\\N            values of Bind, in text
    binary-params KIND:A|…   values of Bind in binary: oid, int4, int8, bool or text
    types OID,…              types of Parse
    keep NAME=COLUMN         remembers the first row's value (0 when there is none); {NAME} in later texts and values stands for it
    cancel                   a cancel request is sent while the statement runs
    differs COLUMN,…: why    these values have to differ: only whether they are NULL is printed
    ignores COLUMN,…: why    these, too, and one may be NULL where the other is not
    without REGEX: why       rows that match are left out
    unordered                the rows are sorted although there is an ORDER BY (of numbers that differ)

Numbers (OIDs) of what is no part of PostgreSQL differ between two databases. They are printed as names, which are asked for beforehand
on a connection of its own: of tables, types, schemas, constraints and so on, wherever they occur: in rows, in the origins and types of
columns, inside of binary arrays. What has no name there is printed as `unknown`. Which column of a system relation a column comes from
is left out: some of those relations are replaced.
"""
import os
import re
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(os.path.dirname(HERE)), 'support')]
import wire  # noqa: E402

NAMES = """
SELECT oid, 'table ' || relnamespace::regnamespace || '.' || regexp_replace(relname, '_\\d{5,}', '_<n>') ||
       coalesce(' of ' || (SELECT t.relname FROM pg_class t WHERE c.oid IN (t.reltoastrelid) OR
                           c.oid IN (SELECT x.indexrelid FROM pg_index x WHERE x.indrelid = t.reltoastrelid)), '') FROM pg_class c WHERE oid >= 16384
UNION ALL SELECT oid, 'type ' || typnamespace::regnamespace || '.' || typname FROM pg_type WHERE oid >= 16384
UNION ALL SELECT oid, 'schema ' || nspname FROM pg_namespace WHERE oid >= 16384
UNION ALL SELECT oid, 'constraint ' || conname || ' of ' || greatest(conrelid::regclass::text, contypid::regtype::text) FROM pg_constraint WHERE oid >= 16384
UNION ALL SELECT d.oid, 'default ' || adnum || ' of ' || adrelid::regclass FROM pg_attrdef d
UNION ALL SELECT oid, 'label ' || enumlabel || ' of ' || enumtypid::regtype FROM pg_enum
UNION ALL SELECT oid, 'trigger of ' || tgrelid::regclass || ' ' || regexp_replace(tgname, '\\d{5,}', '<n>') FROM pg_trigger
UNION ALL SELECT oid, 'function ' || proname FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT oid, 'role ' || rolname FROM pg_roles WHERE oid >= 16384
UNION ALL SELECT oid, 'database ' || datname FROM pg_database WHERE datname = current_database() AND oid >= 16384
"""
# users and databases of other tests, which live on the private server too, and schemas that anybody's temporary tables leave there
OTHERS = re.compile(r'^(\w+_(east|rw|limited|reader|clerk)|analytics_\w+|pg_(toast_)?temp_\d+)$')
TEXT_TYPES = {18, 19, 25, 114, 142, 1042, 1043, 2950}
OID_TYPES = {24, 26, 28, 2202, 2203, 2204, 2205, 2206, 4089, 4096, 3734, 3769, 1790}
INTEGERS = {21: '!h', 23: '!i', 20: '!q', 26: '!I'}


class Step:
    def __init__(self, header, options):
        self.name, self.text = header, ''
        self.options = {name: list(values) for name, values in options.items()}

    def option(self, name, default=None):
        return self.options.get(name, [default])[-1]


def load(path):
    """(startup parameters, steps)"""
    common, steps, options = {}, [], None
    with open(path, encoding='utf8') as f:
        for line in f:
            if line.startswith('-- == '):
                steps.append(Step(line[6:].rstrip('\n'), common))
                options = steps[-1].options
            elif line.startswith('-- @ '):
                name, _, value = line[5:].rstrip('\n').partition(' ')
                (common if options is None else options).setdefault(name, []).append(value)
            elif steps:
                steps[-1].text += line
    for step in steps:
        step.text = step.text.strip('\n')
    return dict(value.split('=', 1) for value in common.pop('startup', [])), steps


def connect(parameters):
    environment = os.environ
    connection = wire.Wire(environment['PGHOST'], int(environment['PGPORT']), timeout=60)
    connection.login(environment['PGUSER'], environment['PGPASSWORD'], environment['PGDATABASE'], parameters)
    return connection


class Printer:
    """Answers as text that is the same for two databases in which the same things have different numbers."""

    def __init__(self, names):
        self.names = names

    def number(self, value):
        return '<%s>' % self.names.get(value, 'unknown') if value >= 16384 else str(value)

    def in_text(self, text):
        return re.sub(r'(?<!\d)\d{5,6}(?!\d)', lambda m: '<%s>' % self.names[int(m.group())] if int(m.group()) in self.names else m.group(), text)

    def binary(self, value, oid):
        if oid in OID_TYPES and len(value) == 4:
            return self.number(struct.unpack('!I', value)[0])
        if oid in INTEGERS:
            return self.in_text(str(struct.unpack(INTEGERS[oid], value)[0]))
        if oid in TEXT_TYPES and oid != 2950:
            return self.in_text(value.decode('utf8'))
        if oid == 2249:
            return self.record(value)
        if self.is_array(value):
            return self.array(value)
        return value.hex()

    @staticmethod
    def is_array(value):
        if len(value) < 12:
            return False
        dimensions, nulls, element = struct.unpack_from('!iiI', value)
        return 0 <= dimensions <= 6 and nulls in (0, 1) and 0 < element < 1 << 24

    def array(self, value):
        dimensions, nulls, element = struct.unpack_from('!iiI', value)
        at, items = 12 + 8 * dimensions, []
        while at < len(value):
            (length,) = struct.unpack_from('!i', value, at)
            at += 4
            items.append('NULL' if length < 0 else self.binary(value[at:at + length], element))
            at += max(length, 0)
        return 'array of %s, %d dimensions, nulls %d: {%s}' % (self.number(element), dimensions, nulls, ','.join(items))

    def record(self, value):
        at, items = 4, []
        while at < len(value):
            oid, length = struct.unpack_from('!Ii', value, at)
            at += 8
            items.append('%s %s' % (self.number(oid), 'NULL' if length < 0 else self.binary(value[at:at + length], oid)))
            at += max(length, 0)
        return '(%s)' % ', '.join(items)

    def value(self, value, column):
        if value is None:
            return 'NULL'
        if isinstance(value, bytes):
            return self.binary(value, column.type_oid)
        if column.type_oid in OID_TYPES and value.isdigit():
            return self.number(int(value))
        return self.in_text(value)

    def columns(self, columns):
        for c in columns:
            origin = ' from %s %d' % (self.number(c.table_oid), c.attnum) if c.table_oid >= 16384 else ''
            print('  %s %s(%d) %s%s' % (c.name, self.number(c.type_oid), c.typmod, 'binary' if c.format else 'text', origin))


def names_in(step, option):
    return {name.strip() for value in step.options.get(option, []) for name in value.split(':')[0].split(',')}


def rows_of(printer, step, statement):
    columns = statement.columns or []
    hidden, ignored = (names_in(step, option) for option in ('differs', 'ignores'))
    without = [re.compile(value.rsplit(':', 1)[0]) for value in step.options.get('without', [])]
    for row in statement.rows:
        values = [printer.value(value, column) for value, column in zip(row, columns)]
        if any(OTHERS.match(value) for value in values) or any(pattern.search('|'.join(values)) for pattern in without):
            continue
        yield '|'.join('…' if column.name in ignored or (column.name in hidden and value != 'NULL') else value for value, column in zip(values, columns))


def ordered(step):
    return re.search(r'\border\s+by\b', step.text, re.I) and 'unordered' not in step.options


def show(printer, step, result):
    for statement in result.statements:
        if statement.columns is not None:
            printer.columns(statement.columns)
        rows = list(rows_of(printer, step, statement))
        for row in rows if ordered(step) else sorted(rows):
            print(row)
        tag = statement.tag or ('suspended' if statement.suspended else 'empty' if statement.empty else 'no tag')
        print('SELECT %d' % len(rows) if tag == 'SELECT %d' % len(statement.rows) else tag)
    for notice in result.notices:
        print('notice %s %s: %s' % (notice.get('S'), notice.get('C'), notice.get('M')))
    if result.parameter_oids is not None:
        print('parameters', ' '.join(printer.number(oid) for oid in result.parameter_oids))
    for name, value in result.parameters:
        print('status %s=%s' % (name, value))
    if result.error:
        print('error %s: %s' % (result.sqlstate, printer.in_text(result.error['M'])))
        if 'P' in result.error:
            print('at', result.error['P'])
    print('then', result.status)


class Conversation:
    def __init__(self, connection, printer):
        self.connection, self.printer = connection, printer
        self.kept, self.waiting, self.data, self.columns = {}, [], b'', {}

    def filled(self, text):
        return re.sub(r'\{(\w+)\}', lambda m: self.kept.get(m.group(1), m.group()), text)

    def values(self, step):
        if 'binary-params' in step.options:
            made = []
            for one in self.filled(step.option('binary-params')).split('|'):
                kind, value = one.split(':', 1)
                made.append(value.encode() if kind == 'text' else struct.pack({'oid': '!I', 'int4': '!i', 'int8': '!q', 'bool': '!?'}[kind], int(value)))
            return made
        if 'params' not in step.options:
            return []
        return [None if value == '\\N' else value for value in self.filled(step.option('params')).split('|')]

    def message(self, word, step):
        kind, *names = word.split(':')
        names += [''] * 3
        if kind == 'Q':
            return wire.query(self.filled(step.text))
        if kind == 'P':
            return wire.parse(names[0], self.filled(step.text), [int(oid) for oid in self.filled(step.option('types', '')).split(',') if oid])
        if kind in 'Bb':
            return wire.bind(names[0], names[1], self.values(step), None, [1] if kind == 'b' else [])
        if kind in 'DC':
            return (wire.describe if kind == 'D' else wire.close)(names[0], names[1])
        if kind == 'E':
            return wire.execute(names[0], int(names[1] or 0))
        return {'H': wire.flush, 'S': wire.sync}[kind]()

    def words(self, step):
        modes = {'simple': 'Q', 'extended': 'P B D:P E S', 'binary': 'P D:S b D:P E S', 'described': 'P D:S S'}
        return (step.option('send') or modes[step.option('mode', 'simple')]).split()

    def say(self, step):
        words = self.words(step)
        self.data += b''.join(self.message(word, step) for word in words)
        self.waiting.append((step, sum(word in 'QS' for word in words)))
        if 'with-next' in step.options:
            return
        self.connection.send(self.data)
        if 'cancel' in step.options:
            time.sleep(1)
            with wire.Wire(os.environ['PGHOST'], int(os.environ['PGPORT'])) as other:
                other.send(wire.cancel_request(self.connection.pid, self.connection.secret))
        for waiting, count in self.waiting:
            self.hear(waiting, count)
        self.data, self.waiting = b'', []

    def hear(self, step, count):
        print('== ' + step.name, flush=True)
        if count == 0:
            print('(answered with the next)')
        for _ in range(count):
            result = self.result(step)
            for value in step.options.get('keep', []):
                name, column = value.split('=')
                self.keep(name, column, result)
            show(self.printer, step, result)

    def result(self, step):
        """The next answer; a portal that was described earlier is executed without another description."""
        executed = [word for word in self.words(step) if word[0] == 'E']
        portal = executed[0].split(':')[1] if executed and ':' in executed[0] else ''
        result = wire.collect(self.connection.recv_until('Z'), self.columns.get(portal) if executed else None)
        if result.columns:
            self.columns[portal] = result.columns
        return result

    def keep(self, name, column, result):
        names = [c.name for c in result.columns or []]
        at = names.index(column)
        value, column = result.rows[0][at] if result.rows else '0', result.columns[at]
        self.kept[name] = str(struct.unpack(INTEGERS[column.type_oid], value)[0]) if isinstance(value, bytes) else value


def main():
    startup, steps = load(sys.argv[1])
    with connect({}) as connection:
        printer = Printer({int(oid): name for oid, name in connection.simple(NAMES).rows})
    with connect(startup) as connection:
        print('== welcome')
        for name, value in sorted(connection.parameters.items()):
            print('%s=%s' % (name, value))
        conversation = Conversation(connection, printer)
        for step in steps:
            conversation.say(step)


if __name__ == '__main__':
    main()
