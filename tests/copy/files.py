"""Random files for COPY FROM: rows written under random options, some of them damaged, some of nothing but bytes that mean something.

A case is (table, columns or None, SQL of the options, the bytes)."""
ALPHABET = [b'a', b'b', b'1', b'N', b'\\', b'\\N', b'\\.', b'.', b'"', b"'", b',', b';', b'|', b'\t', b'\n', b'\r', b'\r\n', b' ', b'x', b'acme', b'\xc3\xa9',
            b'\\\n', b'\\x41', b'\\101', b'""', b'\\\\', b'\\t']
TABLES = {'items': ['a', 'b', 'c'], 'one': ['a'], 'owned': ['a', 'tenant_id', 'b'], 'odd': ['A "b",c', 'select', 'été']}
NUMBERS = {'c', 'select'}


def quoted(name):
    return '"%s"' % name.replace('"', '""')


def literal(text):
    return "'%s'" % text.replace("'", "''")


class Options:
    def __init__(self, rng):
        self.csv = rng.random() < 0.5
        self.delimiter = rng.choice([',', ',', ',', ';', '|', '\t', '.', 'a', '\\'] if self.csv else ['\t', '\t', '\t', '|', ',', 'N', 'A', ' '])
        self.null = rng.choice(['', '', 'NULL', '\\N', 'acme', 'x']) if self.csv else rng.choice(['\\N', '\\N', 'NULL', '', 'acme', '\\141cme'])
        self.quote = rng.choice('""""\'|~') if self.csv else None
        self.escape = rng.choice([self.quote, self.quote, '\\', '"', '~']) if self.csv else None
        self.header = rng.choice([None, None, 'true', 'match'])
        self.eol = rng.choice(['\n', '\n', '\r\n', '\r'])
        self.forced = rng.random()

    def sql(self, rng, columns):
        parts = ['FORMAT csv' if self.csv else 'FORMAT text']
        if self.delimiter != (',' if self.csv else '\t') or rng.random() < 0.3:
            parts.append('DELIMITER ' + literal(self.delimiter))
        if self.null != ('' if self.csv else '\\N') or rng.random() < 0.3:
            parts.append('NULL ' + literal(self.null))
        if self.csv and self.quote != '"':
            parts.append('QUOTE ' + literal(self.quote))
        if self.csv and self.escape != self.quote:
            parts.append('ESCAPE ' + literal(self.escape))
        if self.header:
            parts.append('HEADER ' + self.header)
        if self.csv and self.forced < 0.2:
            parts.append('%s (%s)' % ('FORCE_NULL' if self.forced < 0.1 else 'FORCE_NOT_NULL', quoted(rng.choice(columns))))
        rng.shuffle(parts)
        return '(%s)' % ', '.join(parts)

    def field(self, rng, value):
        if value is None:
            return self.null
        if not self.csv:
            for plain, escaped in (('\\', '\\\\'), ('\n', '\\n'), ('\r', '\\r'), ('\t', '\\t'), (self.delimiter, '\\' + self.delimiter)):
                if not (plain == self.delimiter and plain in '\\\t\n\r' and escaped == '\\' + plain):
                    value = value.replace(plain, escaped) if rng.random() < 0.95 else value
            return value
        if rng.random() < 0.4 or any(c in value for c in (self.delimiter, self.quote, '\n', '\r')) or value == self.null:
            return self.quote + ''.join(self.escape + c if c in (self.quote, self.escape) else c for c in value) + self.quote
        return value


def value_of(rng, column):
    if rng.random() < 0.15:
        return None
    if column in NUMBERS:
        return str(rng.randrange(-5, 1000))
    if column == 'tenant_id':
        return 'acme' if rng.random() < 0.97 else 'globex'
    return ''.join(rng.choice(['a', 'b', ' ', ',', ';', '|', '"', "'", '\\', '.', 'N', 'é', '\n', '\r', '\t', 'acme', '~', '']) for _ in range(rng.randrange(5)))


def damage(rng, data):
    for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 2])):
        at, piece = rng.randrange(len(data) + 1), rng.choice(ALPHABET)
        kind = rng.random()
        data = data[:at] + (piece if kind < 0.7 else b'') + data[at + (0 if kind < 0.4 else rng.randrange(3)):]
    if rng.random() < 0.1:
        data += b'\\.' + rng.choice([b'\n', b'\r\n', b'\r', b'', b'x\n']) + rng.choice([b'', b'globex,1,2\n', b'globex\t1\n'])
    return data


def case(rng):
    """(table, columns, SQL of the options, bytes)"""
    table = rng.choice(list(TABLES))
    columns = list(TABLES[table])
    named = rng.random() < 0.5
    if named:
        rng.shuffle(columns)
        columns = columns[:rng.randrange(1, len(columns) + 1)]
        if table == 'owned' and 'tenant_id' not in columns:
            columns.append('tenant_id')  # which a private database does not fill in
    options = Options(rng)
    sql = options.sql(rng, columns)
    if rng.random() < 0.12:
        data = b''.join(rng.choice(ALPHABET) for _ in range(rng.randrange(30)))
    else:
        lines = []
        if options.header:
            names = columns if rng.random() < 0.8 else columns[::-1]
            lines.append(options.delimiter.join(options.field(rng, name) for name in names))
        for _ in range(rng.randrange(6)):
            lines.append(options.delimiter.join(options.field(rng, value_of(rng, column)) for column in columns))
        if rng.random() < 0.03 and len(lines) > 1:  # more than the server reads at once
            lines[1:] = lines[1:] * rng.randrange(1000, 3000)
        data = options.eol.join(lines) + (options.eol if rng.random() < 0.8 and lines else '')
        data = damage(rng, data.encode('utf8'))
    return table, columns if named else None, sql, data
