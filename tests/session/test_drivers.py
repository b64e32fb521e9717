"""Drivers that save before each statement, in transactions on several servers, and that keep what they were told of their statements."""
import os
import shutil
import subprocess
import tempfile

import pyodbc

from world import DATABASE, PASSWORD, slow

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVER, ECJ = '/usr/share/java/postgresql.jar', '/usr/share/java/ecj.jar'
# channels and customers are on one backend, messages on the other, campaigns on both.
SAVED = (
    'SELECT count(*) FROM channels', 'SELECT 1 / 0 FROM channels', 'SELECT count(*) FROM messages', 'SELECT nonesuch FROM messages',
    "SELECT count(*) FROM pg_class WHERE relname = 'messages'", 'SELECT name::integer FROM campaigns', "INSERT INTO customers (id, name) VALUES (70, 'x')",
    "INSERT INTO customers (id, name) VALUES (70, 'x')", 'SELECT count(*) FROM messages', 'SELECT nonesuch', 'SELECT count(*) FROM customers',
    'UPDATE customers SET id = 71 WHERE id = 70', 'DELETE FROM customers WHERE id = 71', 'SELECT body FROM messages WHERE id < 4 ORDER BY id', 'SELECT 1 / 0',
    'SELECT id, name FROM campaigns ORDER BY id')


def both(world):
    """User, port and database: here, and on the private database."""
    with world.private():
        pass
    return ('wendy', world.port, DATABASE), ('headgate', world.aurora.port, 'private')


def test_psql_on_error_rollback(world):
    script = '\\set ON_ERROR_ROLLBACK on\n\\set VERBOSITY sqlstate\n'
    for end in ('COMMIT', 'ROLLBACK'):
        script += 'BEGIN;\n' + ''.join(text + ';\n' for text in SAVED) + 'SAVEPOINT mine;\nSELECT 1 / 0;\nRELEASE mine;\nSELECT 1;\n%s;\n' % end
    said = []
    for user, port, database in both(world):
        done = subprocess.run(['psql', '-XAqt', '-h', '127.0.0.1', '-p', str(port), '-U', user, '-d', database], input=script, env=dict(os.environ, PGPASSWORD=PASSWORD),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said.append(done.stdout)
    assert said[0] == said[1] and said[0].count('22012') == 6, said


def odbc(user, port, database, **options):
    settings = dict({'Driver': 'PostgreSQL Unicode', 'Server': '127.0.0.1', 'Port': port, 'Database': database, 'Uid': user, 'Pwd': PASSWORD}, **options)
    connection = pyodbc.connect(';'.join('%s=%s' % item for item in settings.items()), autocommit=False)
    out = []
    for end in ('commit', 'rollback'):
        for text in SAVED:
            cursor = connection.cursor()
            try:
                cursor.execute(text)
                out.append([tuple(row) for row in cursor.fetchall()] if cursor.description else cursor.rowcount)
            except pyodbc.Error as error:
                out.append(error.args[0])
            cursor.close()
        getattr(connection, end)()
    connection.close()
    return out


def test_odbc_saves_each_statement(world):
    here, there = both(world)
    for options in ({'Protocol': '7.4-2'}, {'Protocol': '7.4-2', 'UseServerSidePrepare': 0}, {'Protocol': '7.4-1'}):
        a, b = odbc(*here, **options), odbc(*there, **options)
        assert a == b, '%s\n  here  %s\n  there %s' % (options, a, b)
        assert options['Protocol'] == '7.4-1' or a[2] == [(1000,)], a
    # Its cursors are WITH HOLD, which one backend of a transaction may have: what asks the other is refused, and takes nothing else with it.
    options = {'Protocol': '7.4-2', 'UseDeclareFetch': 1, 'Fetch': 2}
    a, b = odbc(*here, **options), odbc(*there, **options)
    for text, x, y in zip(SAVED + SAVED, a, b):
        assert x == ('0A000' if 'messages' in text and 'pg_class' not in text else y), (text, x, y)


def compile_java(directory, program):
    done = subprocess.run(['java', '-cp', ECJ, 'org.eclipse.jdt.internal.compiler.batch.Main', '-11', '-nowarn', '-cp', DRIVER, '-d', directory,
                           os.path.join(HERE, program + '.java')], capture_output=True, text=True)
    assert done.returncode == 0, done


def run_java(world, directory, options, change):
    """What it printed, up to each place where it waits for the change."""
    url = 'jdbc:postgresql://127.0.0.1:%d/%s?user=alice&password=%s&sslmode=disable&%s' % (world.port, DATABASE, PASSWORD, options)
    with subprocess.Popen(['java', '-XX:TieredStopAtLevel=1', '-cp', directory + ':' + DRIVER, 'Reloaded', url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as java:
        parts = [[]]
        for line in java.stdout:
            if line != 'change\n':
                parts[-1].append(line.rstrip('\n'))
                continue
            parts.append([])
            change(len(parts))
            java.stdin.write('\n')
            java.stdin.flush()
    assert java.returncode == 0, (options, parts)
    return parts[:-1]


@slow
def test_pgjdbc_when_columns_change(world):
    """It describes a statement once. With autosave, or outside of a transaction, it prepares it anew by itself when it is told 0A000."""
    count, wide, narrow, wrong = 'count | 1000', 'id, name, score | 3 acme campaign 3 3', 'id, name | 3 acme campaign 3', '22012'
    directory = tempfile.mkdtemp()

    def change(number):
        world.write_policy(columns='public.campaigns.score: {hide: true}' if number % 2 == 0 else '')
        world.reload()

    try:
        compile_java(directory, 'Reloaded')
        world.write_policy(columns='public.campaigns.score: {hide: true}')
        world.headgate.catalog()
        world.write_policy()
        for options, saves in (('autosave=always&prepareThreshold=1', True), ('prepareThreshold=1', False)):
            parts = run_java(world, directory, options, change)
            change(1)
            assert len(parts) == 6
            for number, part in enumerate(parts):
                now = narrow if number % 2 else wide
                if number < 3 or saves:
                    assert part == [count, now, wrong] * 3, (options, number, part)
                else:
                    assert part[0] == count and part[1] in (now, '0A000') and part[3:] == ['25P02'] * 6, (options, number, part)
    finally:
        shutil.rmtree(directory)
        world.write_policy()
        world.reload()
