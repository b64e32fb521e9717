"""psqlODBC's catalog functions through ODBC's own C interface (ctypes): all of them, with every column that they return, and what
a statement says of its columns. pyodbc leaves out privileges and descriptors, and psqlODBC's settings for errors inside transactions
are tried here, too."""
import ctypes
import ctypes.util
import os

from steps import step

odbc = ctypes.CDLL(ctypes.util.find_library('odbc') or 'libodbc.so.2')
SUCCESS, SUCCESS_WITH_INFO, NO_DATA, NTS = 0, 1, 100, -3
HANDLE_ENV, HANDLE_DBC, HANDLE_STMT = 1, 2, 3
DRIVER_NOPROMPT = 0
C_CHAR = 1
AUTOCOMMIT, ATTR_ODBC_VERSION = 102, 200


class Failed(Exception):
    pass


def text(value):
    return None if value is None else value.encode()


def length(value):
    return ctypes.c_short(0 if value is None else NTS)


class Handle:
    def __init__(self, kind, parent=None):
        self.kind, self.handle = kind, ctypes.c_void_p()
        odbc.SQLAllocHandle(ctypes.c_short(kind), parent.handle if parent else None, ctypes.byref(self.handle))

    def check(self, code):
        """Diagnostics of what failed; an answer that has only notices is an answer."""
        if code in (SUCCESS, SUCCESS_WITH_INFO, NO_DATA):
            return code
        state, message, native, size = ctypes.create_string_buffer(6), ctypes.create_string_buffer(1000), ctypes.c_int(), ctypes.c_short()
        odbc.SQLGetDiagRec(ctypes.c_short(self.kind), self.handle, ctypes.c_short(1), state, ctypes.byref(native), message, ctypes.c_short(1000), ctypes.byref(size))
        raise Failed('%s: %s' % (state.value.decode(), message.value.decode('utf8', 'replace').strip()))

    def free(self):
        odbc.SQLFreeHandle(ctypes.c_short(self.kind), self.handle)


class Connection:
    def __init__(self, **settings):
        self.env = Handle(HANDLE_ENV)
        odbc.SQLSetEnvAttr(self.env.handle, ATTR_ODBC_VERSION, ctypes.c_void_p(3), 0)
        self.dbc = Handle(HANDLE_DBC, self.env)
        values = dict(DRIVER='PostgreSQL Unicode', SERVER=os.environ['PGHOST'], PORT=os.environ['PGPORT'], DATABASE=os.environ['PGDATABASE'],
                      UID=os.environ['PGUSER'], PWD=os.environ['PGPASSWORD'], SSLmode='disable', **settings)
        string = ';'.join('%s=%s' % item for item in values.items()).encode()
        self.dbc.check(odbc.SQLDriverConnect(self.dbc.handle, None, string, ctypes.c_short(len(string)), None, ctypes.c_short(0), None, ctypes.c_ushort(DRIVER_NOPROMPT)))

    def ask(self, function, *arguments, having=''):
        """One function of the catalog, or SQLExecDirect; prints its columns, and its rows, or those that have a text, in order."""
        statement = Handle(HANDLE_STMT, self.dbc)
        try:
            statement.check(function(statement.handle, *arguments))
            show(statement, having)
        except Failed as error:
            print('error', error)
        finally:
            statement.free()

    def execute(self, sql):
        self.ask(odbc.SQLExecDirect, text(sql), ctypes.c_int(NTS))

    def autocommit(self, on):
        self.dbc.check(odbc.SQLSetConnectAttr(self.dbc.handle, AUTOCOMMIT, ctypes.c_void_p(int(on)), 0))

    def end(self, commit):
        self.dbc.check(odbc.SQLEndTran(ctypes.c_short(HANDLE_DBC), self.dbc.handle, ctypes.c_short(0 if commit else 1)))

    def close(self):
        odbc.SQLDisconnect(self.dbc.handle)
        self.dbc.free()
        self.env.free()


def described(statement, count):
    """name, type, size, digits, nullable of each column"""
    names = []
    for column in range(1, count + 1):
        name, size = ctypes.create_string_buffer(200), ctypes.c_short()
        kind, width, digits, nullable = ctypes.c_short(), ctypes.c_ulong(), ctypes.c_short(), ctypes.c_short()
        statement.check(odbc.SQLDescribeCol(statement.handle, ctypes.c_ushort(column), name, ctypes.c_short(200), ctypes.byref(size), ctypes.byref(kind), ctypes.byref(width),
                                            ctypes.byref(digits), ctypes.byref(nullable)))
        names.append('%s:%d:%d:%d:%d' % (name.value.decode(), kind.value, width.value, digits.value, nullable.value))
    return names


def fetched(statement, count):
    row, buffer, size = [], ctypes.create_string_buffer(4000), ctypes.c_long()
    for column in range(1, count + 1):
        statement.check(odbc.SQLGetData(statement.handle, ctypes.c_ushort(column), ctypes.c_short(C_CHAR), buffer, ctypes.c_long(4000), ctypes.byref(size)))
        row.append('NULL' if size.value == -1 else buffer.value.decode('utf8', 'replace'))
    return row


def show(statement, having=''):
    count = ctypes.c_short()
    statement.check(odbc.SQLNumResultCols(statement.handle, ctypes.byref(count)))
    if not count.value:
        rows = ctypes.c_long()
        statement.check(odbc.SQLRowCount(statement.handle, ctypes.byref(rows)))
        print('rows', rows.value)
        return
    print(' '.join(described(statement, count.value)))
    found = []
    while statement.check(odbc.SQLFetch(statement.handle)) != NO_DATA:
        found.append('|'.join(fetched(statement, count.value)))
    if having:
        found = sorted(row for row in found if having in row)
    print('\n'.join(found))
    print('(%d)' % len(found))


def named(*names):
    """The arguments of a function that takes names with their lengths."""
    return [argument for name in names for argument in (text(name), length(name))]


TABLES = [('public', 'campaigns'), ('public', 'channels'), ('public', 'contacts'), ('public', 'messages'), ('public', 'Mixed Case'), ('crm', 'contacts'), ('materialized', 'daily_metrics'),
          ('shop', 'refunds'), ('shop', 'orders'), ('public', 'nothing')]


def with_connection(name, **settings):
    def run(function):
        @step(name)
        def _():
            c = Connection(**settings)
            try:
                function(c)
            finally:
                c.close()
        return function
    return run


@with_connection('SQLTables')
def _(c):
    for names in ((None, None, None, None), (None, 'public', '%', 'TABLE'), (None, '%', 'c%', "'TABLE','VIEW'"), (None, 'materialized', None, None), (None, None, 'nothing', None), (None, '', 'campaigns', ''),
                  (None, 'pg_catalog', 'pg_am%', 'SYSTEM TABLE'), ('%', '', '', ''), ('', '%', '', ''), ('', '', '', '%'), ('analytics', 'public', 'ca%', 'TABLE'), ('nothing', 'public', 'ca%', 'TABLE')):
        c.ask(odbc.SQLTables, *named(*names))


@with_connection('SQLTables with system tables', ShowSystemTables=1)
def _(c):
    c.ask(odbc.SQLTables, *named(None, 'information_schema', 's%', None))


@with_connection('SQLColumns')
def _(c):
    for schema, table in TABLES:
        c.ask(odbc.SQLColumns, *named(None, schema, table, None))
    c.ask(odbc.SQLColumns, *named(None, None, 'c%', 'n%'))
    c.ask(odbc.SQLColumns, *named(None, 'public', None, 'tenant_id'))
    c.ask(odbc.SQLColumns, *named(None, 'pg_catalog', 'pg_namespace', '%'))


@with_connection('SQLColumns with the numbers of rows', ShowOidColumn=1, RowVersioning=1)
def _(c):
    c.ask(odbc.SQLColumns, *named(None, 'public', 'campaigns', None))


@with_connection('SQLPrimaryKeys')
def _(c):
    for schema, table in TABLES:
        c.ask(odbc.SQLPrimaryKeys, *named(None, schema, table))


@with_connection('SQLForeignKeys')
def _(c):
    for schema, table in TABLES:
        c.ask(odbc.SQLForeignKeys, *named(None, None, None, None, schema, table))
        c.ask(odbc.SQLForeignKeys, *named(None, schema, table, None, None, None))
    c.ask(odbc.SQLForeignKeys, *named(None, 'shop', 'customers', None, 'shop', 'orders'))


@with_connection('SQLStatistics')
def _(c):
    for schema, table in TABLES:
        for unique in (0, 1):
            c.ask(odbc.SQLStatistics, *named(None, schema, table), ctypes.c_ushort(unique), ctypes.c_ushort(0))


@with_connection('SQLSpecialColumns')
def _(c):
    for schema, table in TABLES:
        for kind in (1, 2):
            c.ask(odbc.SQLSpecialColumns, ctypes.c_ushort(kind), *named(None, schema, table), ctypes.c_ushort(0), ctypes.c_ushort(1))


@with_connection('SQLTablePrivileges, SQLColumnPrivileges')
def _(c):
    # the superuser has all privileges, too, but is nobody's of Headgate's
    for table in ('campaigns', '%'):
        c.ask(odbc.SQLTablePrivileges, *named(None, 'public', table), having='|%s|' % os.environ['PGUSER'])
    c.ask(odbc.SQLColumnPrivileges, *named(None, 'public', 'campaigns', '%'))


@with_connection('SQLGetTypeInfo')
def _(c):
    for kind in (0, 1, 2, 4, 12, 91, 93, -5, -7, -11, 999):
        c.ask(odbc.SQLGetTypeInfo, ctypes.c_short(kind))


@with_connection('SQLProcedures, SQLProcedureColumns')
def _(c):
    c.ask(odbc.SQLProcedures, *named(None, 'public', '%'))
    c.ask(odbc.SQLProcedures, *named(None, 'pg_catalog', 'array_app%'))
    c.ask(odbc.SQLProcedureColumns, *named(None, 'pg_catalog', 'lpad', '%'))


@with_connection('what a statement says of its columns')
def _(c):
    for sql in ('SELECT * FROM campaigns WHERE false', 'SELECT * FROM messages WHERE false', 'SELECT 1, now() IS NULL, NULL, 1.5, ARRAY[1], repeat(\'x\', 10)', 'SELECT count(*) AS n, max(name) FROM campaigns'):
        c.execute(sql)


@with_connection('what a statement says of its columns before it runs', UseServerSidePrepare=1)
def _(c):
    for sql in ('SELECT id, name, budget FROM campaigns WHERE false', 'SELECT status, took FROM messages WHERE false'):
        statement = Handle(HANDLE_STMT, c.dbc)
        statement.check(odbc.SQLPrepare(statement.handle, text(sql), ctypes.c_int(NTS)))
        count = ctypes.c_short()
        statement.check(odbc.SQLNumResultCols(statement.handle, ctypes.byref(count)))
        print(' '.join(described(statement, count.value)))
        statement.free()


# What becomes of a transaction when a statement fails: everything is rolled back (1), nothing is (0), the statement is (2).
for rollback in (0, 1, 2):
    for declare in (0, 1):
        @with_connection('errors in a transaction, Protocol=7.4-%d UseDeclareFetch=%d' % (rollback, declare), Protocol='7.4-%d' % rollback, UseDeclareFetch=declare, Fetch=5)
        def _(c):
            c.autocommit(False)
            for sql in ('SELECT count(*) FROM campaigns', 'SELECT 1/0', 'SELECT nothing FROM campaigns', 'SELECT id FROM campaigns ORDER BY id', 'SHOW timezone'):
                c.execute(sql)
            c.end(True)
            c.execute('SELECT id FROM messages ORDER BY id LIMIT 12')
            c.end(False)
            c.autocommit(True)
            c.execute('SELECT 1/0')
            c.execute('SELECT count(*) FROM messages')


for setting in ({'BoolsAsChar': 0}, {'TextAsLongVarchar': 0, 'UnknownSizes': 2}, {'LFConversion': 1}, {'MaxVarcharSize': 50}, {'ByteaAsLongVarBinary': 1}, {'UpdatableCursors': 1}, {'LowerCaseIdentifier': 1},
                {'ConnSettings': "set timezone to 'Asia/Tokyo'"}, {'ReadOnly': 1}, {'Ksqo': 1, 'Parse': 1}):
    @with_connection('setting %s' % ' '.join('%s=%s' % item for item in setting.items()), **setting)
    def _(c):
        c.execute('SELECT id, subject, urgent, payload, sent_at FROM messages ORDER BY id LIMIT 3')
        c.execute('SHOW timezone')
