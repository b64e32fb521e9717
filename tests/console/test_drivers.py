"""The console by the drivers that administrators have: psql, psycopg2, psycopg 3, asyncpg, pgjdbc, node-postgres."""
import os
import shutil
import subprocess

from world import CONSOLE, PASSWORD

HERE = os.path.dirname(os.path.abspath(__file__))


def environment(world, user='root'):
    return dict(os.environ, PGHOST='127.0.0.1', PGPORT=str(world.port), PGUSER=user, PGPASSWORD=PASSWORD, PGDATABASE=CONSOLE, PGSSLMODE='prefer', LC_ALL='C.UTF-8', TZ='UTC')


def psql(world, *arguments, text='', user='root'):
    done = subprocess.run(['psql', '-X', '-At', *arguments], input=text, capture_output=True, text=True, env=environment(world, user), timeout=200)
    return done.stdout, done.stderr


def test_psql(world):
    out, error = psql(world, '-c', "SELECT \"user\", kind FROM headgate.sessions WHERE kind = 'console' ORDER BY id")
    assert out == 'root|console\n' and error == '', (out, error)
    out, error = psql(world, text='SHOW version;\nSELECT 1; SELECT 2;\nBEGIN;\nSELECT 3;\nCOMMIT;\nSELECT current_database(), current_schema();\n')
    assert out.split('\n')[1:] == ['1', '2', 'BEGIN', '3', 'COMMIT', 'headgate|headgate', ''] and error == '', (out, error)
    out, error = psql(world, text='\\set FETCH_COUNT 2\nSELECT tenant FROM tenants ORDER BY 1;\n')
    assert 'no command "DECLARE"' in error, 'psql wants a cursor, and is told'


def test_psql_describes_politely(world):
    """What asks PostgreSQL's catalog is told in one error of one line that there is none, and psql goes on."""
    for command in ('\\d', '\\dt', '\\l', '\\du', '\\df', '\\dn', '\\d sessions', '\\z', '\\dx', '\\sf now', '\\gdesc'):
        out, error = psql(world, text=command + '\nSELECT \'alive\';\n')
        assert out.endswith('alive\n'), (command, out, error)
        assert error.count('ERROR') <= 1 and 'server closed' not in error, (command, error)
        if error and 'ERROR' in error:
            assert 'SHOW HELP' in error or command == '\\sf now', (command, error)
    out, error = psql(world, text='\\conninfo\n\\encoding\n\\timing on\nSELECT 1 \\gx\n\\password\n')
    assert 'You are connected to database "headgate"' in out and 'UTF8' in out, (out, error)
    assert psql(world, text='SELECT 1 AS one, now() \\gdesc\n')[1].count('ERROR') <= 1
    bound = psql(world, text="SELECT 1;\n")
    assert bound == ('1\n', '')


def test_psql_by_the_socket(world):
    done = subprocess.run(['psql', '-X', '-w', '-At', '-h', world.directory, '-p', str(world.port), '-d', 'headgate', '-c', 'SHOW tenants'], capture_output=True, text=True,
                          env=dict(os.environ, PGUSER='anybody'), timeout=200)
    assert done.stdout == 'acme|acme-value|2|0\nglobex|globex|1|0\n', done


def test_psycopg2(world):
    import psycopg2
    with psycopg2.connect(host='127.0.0.1', port=world.port, user='root', password=PASSWORD, dbname=CONSOLE) as connection:
        assert connection.server_version == 150000
        with connection.cursor() as cursor:
            cursor.execute('SELECT id, "user", tls, connected_at, 1.5 FROM sessions WHERE "user" = %s', ('root',))
            (number, user, tls, at, real), = cursor.fetchall()
            assert isinstance(number, int) and user == 'root' and tls is True and at.tzinfo and isinstance(real, float), (number, user, tls, at, real)
            cursor.execute("SELECT %s, %s", ("it's", 5))
            assert cursor.fetchall() == [("it's", 5)]
            try:
                cursor.execute('SELECT nobody FROM sessions')
                raise AssertionError('no error')
            except psycopg2.errors.UndefinedColumn:
                connection.rollback()
            cursor.execute('RELOAD DRY RUN')
            assert cursor.fetchall()[-1] == ('the configuration could be loaded',)
            cursor.execute('PAUSE aurora')
            assert cursor.description is None and cursor.statusmessage == 'PAUSE'
    connection.close()


def test_psycopg3(world):
    import psycopg
    for options in ({}, {'autocommit': True}, {'prepare_threshold': 0}):
        for binary in (False, True):
            with psycopg.connect(host='127.0.0.1', port=world.port, user='root', password=PASSWORD, dbname=CONSOLE, **options) as connection:
                with connection.cursor(binary=binary) as cursor:
                    for _ in range(7):
                        rows = cursor.execute('SELECT id, s."user", tls, connected_at, paused FROM sessions s, pools WHERE s."user" = %s AND id > %s AND tls = %s LIMIT %s',
                                              ('root', 5, True, 1)).fetchall()
                        assert len(rows) == 1 and isinstance(rows[0][0], int) and rows[0][2] is True and rows[0][3].tzinfo and rows[0][4] is False, rows
                    assert cursor.execute('SELECT count(*) FROM tenants').fetchone() == (2,)
                    assert cursor.execute('REWRITE %s AS %s', ('SELECT 1', 'alice')).fetchone()[1] == 'forwarded'
                    try:
                        cursor.execute('SELECT * FROM nowhere')
                        raise AssertionError('no error')
                    except psycopg.errors.UndefinedTable as error:
                        assert error.diag.message_hint
                    connection.rollback()
                    with connection.transaction():
                        with connection.transaction():
                            assert cursor.execute('SELECT 1').fetchone() == (1,)
                    with connection.pipeline():
                        results = [connection.execute('SELECT %s', (n,)) for n in range(20)]
                    assert [int(r.fetchone()[0]) for r in results] == list(range(20))


def test_asyncpg(world):
    import asyncio

    import asyncpg

    async def use():
        connection = await asyncpg.connect(host='127.0.0.1', port=world.port, user='root', password=PASSWORD, database=CONSOLE, ssl='disable')
        row = await connection.fetchrow('SELECT id, "user", tls, connected_at FROM sessions WHERE "user" = $1', 'root')
        assert row['user'] == 'root' and isinstance(row['id'], int) and row['tls'] is False and row['connected_at'].tzinfo, row
        assert await connection.fetchval('SELECT count(*) FROM tenants') == 2
        async with connection.transaction():
            assert [r['tenant'] async for r in connection.cursor('SELECT tenant FROM tenants ORDER BY 1', prefetch=1)] == ['acme', 'globex']
        await connection.execute('RELOAD')
        try:
            await connection.fetch('SELECT nobody FROM sessions')
            raise AssertionError('no error')
        except asyncpg.UndefinedColumnError:
            pass
        await connection.close()

    asyncio.run(use())


def test_pgjdbc(world):
    jars = ['/usr/share/java/postgresql.jar', '/usr/share/java/ecj.jar']
    assert shutil.which('java') and all(os.path.exists(jar) for jar in jars), 'conf/setup --for test installs them'
    classes = world.path('classes')
    done = subprocess.run(['java', '-cp', jars[1], 'org.eclipse.jdt.internal.compiler.batch.Main', '-11', '-nowarn', '-cp', jars[0], '-d', classes,
                           os.path.join(HERE, 'clients', 'Console.java')], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', '%s:%s' % (classes, jars[0]), 'Console'], capture_output=True, text=True,
                          env=environment(world), timeout=200)
    blocks = done.stdout.split('== ')[1:]
    assert len(blocks) == 5 and done.returncode == 0, done.stdout + done.stderr
    for block in blocks:
        lines = block.strip().split('\n')
        tls = 'false' if 'disable' in lines[0] else 'true'
        for line in lines[1:3]:
            parts = line.split('|')
            assert parts[0] == 'text root' and parts[1] == 'bool ' + tls and parts[3] == 'text console', block
        assert lines[3:] == ['true', 'int8 1', 'text reloaded', '42601 true', 'true', 'true', 'headgate headgate'], block


def test_node(world):
    assert shutil.which('node')
    done = subprocess.run(['node', os.path.join(HERE, 'clients', 'console.js')], capture_output=True, text=True, timeout=200,
                          env=dict(environment(world), NODE_PATH='/usr/share/nodejs:/usr/lib/nodejs:%s' % os.path.join(os.path.dirname(HERE), 'clients', 'node', 'node_modules'), PGSSLMODE='disable'))
    if 'Cannot find module' in done.stderr:
        install = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--prefix', world.directory, 'pg'], capture_output=True, text=True)
        assert install.returncode == 0, install.stderr
        done = subprocess.run(['node', os.path.join(HERE, 'clients', 'console.js')], capture_output=True, text=True, timeout=200,
                              env=dict(environment(world), NODE_PATH=world.path('node_modules'), PGSSLMODE='disable'))
    lines = done.stdout.strip().split('\n')
    assert lines[0] == 'SELECT 1 [{"user":"root","tls":false}]', done
    assert lines[1:4] == ['SELECT 1 [{"count(*)":"1"}]'] * 3, lines
    assert lines[4:8] == ['SELECT 1 [{"a":"1"}]', 'SELECT 1 [{"b":"2"}]', 'BEGIN null []', 'COMMIT null []'], lines
    assert lines[8:12] == ['null null []', '42601 ERROR', '42703 8', 'true'] and int(lines[12]) >= 1, lines
