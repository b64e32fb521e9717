"""Traces as text: what a client sends, and what a server answers.

    == a name
    # why it is here
    > Parse name="s", sql="SELECT $1::int4", types=[23]
    > Sync
    < ParseComplete
    < ReadyForQuery I
    > Bind statement="s", values=["1", None, b"\\0\\0\\0\\1"], formats=[0, 0, 1], results=[1]
    ...
    ! why Headgate answers otherwise here
    !< ReadyForQuery E

Lines `>` in a row are one write. Lines `<` are what PostgreSQL answers to it, those that follow a `!` what Headgate does in their place. Arguments
are Python's literals, `*` and `+` of strings included; those left out are empty. A text is sent as UTF-8, b"" as it is.

  > Query sql, Parse name sql types, Bind portal statement values formats results, Describe statement | portal, Close statement | portal,
    Execute portal max, Flush, Sync, Terminate, CopyData data, CopyDone, CopyFail message, FunctionCall oid values,
    Message type body length (whatever it is; length: the one that it claims), Bytes data,
    Cancel secret (on a connection of its own; secret: another one), Pause ms, Login settings (as the first line; without it one is logged in)

An answer is a line a message; `(closed)` stands for the end of the connection. Numbers of types and tables are shown as names, long values by
their length and a checksum, keys of cancelling not at all, and equal lines in a row are counted. Of errors the fields V, F, L and R are not shown: the first says what S does, and the
others, PostgreSQL's source lines, are not sent by Headgate.
"""
import ast
import json
import os
import re
import struct
import zlib

import wire

LONGEST = 200  # bytes of a value that is shown
CONTROL = ('Cancel', 'Login', 'Pause')


class TraceError(Exception):
    """A trace that is not well formed."""


class Send:
    """One line of the client's. message: its bytes; None for what is no message (CONTROL)."""

    def __init__(self, line):
        self.line = line
        kind, _, rest = line.partition(' ')
        self.kind, self.arguments = kind, arguments(rest)
        self.message = None if kind in CONTROL else build(kind, **self.arguments)


class Step:
    def __init__(self):
        self.sends, self.answers, self.reason, self.ours = [], [], [], []

    def expected(self, side):
        return self.ours if side == 'headgate' and self.reason else self.answers


class Trace:
    def __init__(self, file, name):
        self.file, self.name, self.comments, self.steps = file, name, [], []

    def sends(self):
        return [send for step in self.steps for send in step.sends]

    def is_stream(self):
        """Is it bytes only, so that the answers do not depend on when they are sent?"""
        return not any(send.kind in CONTROL for send in self.sends())


# ---- reading and writing files ----

def load(path):
    """The lines of the file above its first trace, and its traces."""
    head, traces, name = [], [], os.path.basename(path)[:-len('.trace')]
    with open(path, encoding='utf8') as file:
        for number, line in enumerate(file, 1):
            try:
                take(head, traces, name, line.rstrip('\n'))
            except (TraceError, SyntaxError, TypeError, ValueError) as error:
                raise TraceError('%s:%d: %s' % (path, number, error)) from None
    return head, traces


def take(head, traces, file, line):
    mark, _, rest = line.partition(' ')
    if mark == '==':
        traces.append(Trace(file, rest))
    elif not traces:
        head.append(line)
    elif mark == '#':
        traces[-1].comments.append(rest)
    elif mark == '>':
        steps = traces[-1].steps
        if not steps or steps[-1].answers or steps[-1].reason:
            steps.append(Step())
        steps[-1].sends.append(Send(rest))
    elif mark in ('<', '!', '!<') and traces[-1].steps:
        step = traces[-1].steps[-1]
        {'<': step.answers, '!': step.reason, '!<': step.ours}[mark].append(rest)
    elif line:
        raise TraceError('what is this? %s' % line)


def save(path, head, traces):
    lines = list(head)
    for trace in traces:
        lines += ['== ' + trace.name] + ['# ' + line for line in trace.comments]
        for step in trace.steps:
            for mark, texts in (('>', [send.line for send in step.sends]), ('<', step.answers), ('!', step.reason), ('!<', step.ours)):
                lines += ['%s %s' % (mark, text) for text in texts]
        lines.append('')
    with open(path, 'w', encoding='utf8') as file:
        file.write('\n'.join(lines).rstrip('\n') + '\n')


# ---- the client's messages ----

def literal(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List):
        return [item for element in node.elts for item in (literal(element.value) if isinstance(element, ast.Starred) else [literal(element)])]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = literal(node.left), literal(node.right)
        return left * right if isinstance(node.op, ast.Mult) else left + right
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -literal(node.operand)
    raise TraceError('not a literal')


def arguments(text):
    call = ast.parse('f(%s)' % text, mode='eval').body
    if call.args:
        raise TraceError('an argument without a name')
    return {keyword.arg: literal(keyword.value) for keyword in call.keywords}


def target(statement=None, portal=None):
    return ('P', portal) if statement is None else ('S', statement)


def claimed(type, body=b'', length=None):  # noqa: A002  (the words of the traces)
    body = body.encode('utf8') if isinstance(body, str) else body
    return type.encode('latin1') + struct.pack('!I', len(body) + 4 if length is None else length & 0xffffffff) + body


def raw(text):
    return text.encode('utf8') if isinstance(text, str) else text


BUILDERS = {
    'Query': lambda sql: wire.query(sql),
    'Parse': lambda sql, name='', types=(): wire.parse(name, sql, types),
    'Bind': lambda portal='', statement='', values=(), formats=None, results=(): wire.bind(portal, statement, values, formats, results),
    'Describe': lambda **what: wire.message('D', target(**what)[0].encode() + wire.cstr(target(**what)[1])),
    'Close': lambda **what: wire.message('C', target(**what)[0].encode() + wire.cstr(target(**what)[1])),
    'Execute': lambda portal='', max=0: wire.execute(portal, max),
    'Flush': wire.flush, 'Sync': wire.sync, 'Terminate': wire.terminate, 'CopyDone': wire.copy_done,
    'CopyData': lambda data: wire.copy_data(raw(data)),
    'CopyFail': lambda message: wire.copy_fail(message),
    'FunctionCall': lambda oid, values=(): wire.function_call(oid, [raw(value) for value in values]),
    'Message': claimed,
    'Bytes': lambda data: raw(data),
}


def build(kind, **given):
    if kind not in BUILDERS:
        raise TraceError('no message %s' % kind)
    return BUILDERS[kind](**given)


# ---- the server's messages ----

EMPTY = {'1': 'ParseComplete', '2': 'BindComplete', '3': 'CloseComplete', 'n': 'NoData', 's': 'PortalSuspended', 'I': 'EmptyQueryResponse',
         'c': 'CopyDone'}
COPY = {'G': 'CopyInResponse', 'H': 'CopyOutResponse', 'W': 'CopyBothResponse'}
HIDDEN = 'VFLR'
STATEMENT_ID = re.compile(rb"(?<=The statement's id )is [\w.-]+\w(?=\.)")


def shown(value):
    """A value as one word: NULL, or its bytes as a string; a long one by its length."""
    if value is None:
        return 'NULL'
    if len(value) > LONGEST:
        return '%s…(%d bytes, crc %08x)' % (shown(value[:20]), len(value), zlib.crc32(value))
    try:
        return json.dumps(value.decode('utf8'), ensure_ascii=False).replace('\x7f', '\\u007f')
    except UnicodeDecodeError:
        return 'b"' + ''.join(chr(b) if 32 <= b < 127 and b not in b'"\\' else '\\x%02x' % b for b in value) + '"'


def show_column(column, names):
    text = '%s %s' % (shown(column.name.encode('utf8', 'surrogateescape')), names.type(column.type_oid))
    if column.typmod != -1:
        text += '(%d)' % column.typmod
    if column.table_oid or column.attnum:
        text += ' of %s.%d' % (names.table(column.table_oid), column.attnum)
    return text + (' binary' if column.format == 1 else ' format %d' % column.format if column.format else '') + names.length(column)


def show_fields(body):
    fields = [(chr(part[0]), STATEMENT_ID.sub(b'is ...', part[1:])) for part in body.split(b'\0') if part]
    given = dict(fields)
    head = [given.get(name, b'?').decode() for name in 'SC'] + [shown(given.get('M', b''))]
    rest = sorted('%s=%s' % (name, value.decode() if name == 'P' else shown(value)) for name, value in fields if name not in 'SCM' + HIDDEN)
    return ' '.join(head + rest)


def show(kind, body, names):
    """One message as a line."""
    if kind in EMPTY:
        return EMPTY[kind] + (' with a body' if body else '')
    if kind == 'T':
        return ('RowDescription ' + ', '.join(show_column(column, names) for column in wire.decode_columns(body))).rstrip()
    if kind == 'D':
        return ' '.join(['DataRow'] + [shown(value) for value in wire.decode_values(body)])
    if kind in 'EN':
        return {'E': 'ErrorResponse ', 'N': 'NoticeResponse '}[kind] + show_fields(body)
    if kind == 't':
        (count,) = struct.unpack_from('!H', body)
        return ' '.join(['ParameterDescription'] + [names.type(oid) for oid in struct.unpack('!%dI' % count, body[2:])])
    if kind in COPY:
        form, count = struct.unpack_from('!BH', body)
        return '%s %d [%s]' % (COPY[kind], form, ', '.join(map(str, struct.unpack('!%dH' % count, body[3:]))))
    if kind == 'S':
        return 'ParameterStatus ' + ' '.join(shown(part) for part in body.split(b'\0')[:2])
    if kind == 'C':
        return 'CommandComplete ' + shown(body[:-1])
    if kind == 'K':
        return 'BackendKeyData'
    if kind == 'Z':
        return 'ReadyForQuery ' + body.decode('latin1')
    if kind == 'd':
        return 'CopyData ' + shown(body)
    if kind == 'V':
        return 'FunctionCallResponse ' + shown(body[4:] if body[:4] != b'\xff' * 4 else None)
    return 'message %r %s' % (kind, shown(body))


class Names:
    """The names of a server's types and tables, which it is asked for once."""

    def __init__(self, connection):
        self.types, self.lengths = {}, {}
        for oid, name, length in connection.simple('SELECT oid, typname, typlen FROM pg_type').rows:
            self.types[int(oid)], self.lengths[int(oid)] = name, int(length)
        self.tables = {int(oid): name for oid, name in connection.simple('SELECT oid, relname FROM pg_class').rows}

    def type(self, oid):
        return self.types.get(oid, str(oid))

    def table(self, oid):
        return self.tables.get(oid, str(oid))

    def length(self, column):
        """Nothing, if it is that of the type."""
        return '' if self.lengths.get(column.type_oid) == column.type_len else ' length %d' % column.type_len


# ---- equal lines in a row ----

TIMES = re.compile(r' \((\d+) times\)$')


def fold(lines):
    folded = []
    for line in lines:
        if folded and folded[-1][0] == line:
            folded[-1][1] += 1
        else:
            folded.append([line, 1])
    return [line if count == 1 else '%s (%d times)' % (line, count) for line, count in folded]


def unfold(lines):
    out = []
    for line in lines:
        match = TIMES.search(line)
        out += [line[:match.start()]] * int(match.group(1)) if match else [line]
    return out
