"""Drivers beside libpq's psql."""
import os
import shutil
import subprocess
import tempfile

import pg8000
import psycopg
import psycopg2

from world import HERE, PASSWORD

JARS = ['/usr/share/java/postgresql.jar', '/usr/share/java/ecj.jar']


def test_pg8000(world):
    """1.10 knows md5 and clear text only, and sends Flush right behind the password."""
    assert pg8000.__version__.startswith('1.10')
    for user, tls in (('by_md5', False), ('by_md5', True), ('by_clear', True)):
        connection = pg8000.connect(user=user, password=PASSWORD, host='127.0.0.1', port=world.port, database='analytics', ssl=tls)
        cursor = connection.cursor()
        cursor.execute('SELECT name FROM items WHERE id = %s', (1,))
        assert [row[0] for row in cursor.fetchall()] == ['anvil']
        cursor.execute('SELECT count(*) FROM items')
        assert cursor.fetchone()[0] == 2
        connection.commit()
        connection.close()
    for user, secret in (('by_md5', 'x'), ('by_scram', PASSWORD)):
        try:
            pg8000.connect(user=user, password=secret, host='127.0.0.1', port=world.port, database='analytics')
        except pg8000.Error:
            continue
        raise AssertionError(user + ' was let in')


def test_psycopg(world):
    for module in (psycopg2, psycopg):
        for user, cert in (('by_scram', None), ('by_md5', None), ('by_clear', None), ('by_cert', 'by_cert'), ('by_both', 'by_both')):
            connection = module.connect(world.dsn(world.port, user, cert, password=PASSWORD))
            with connection.cursor() as cursor:
                cursor.execute('SELECT current_user, count(*) FROM items')
                assert cursor.fetchone() == (user, 2)
            connection.close()
        for user, cert in (('by_cert', 'robot'), ('by_scram', 'expired'), ('by_both', None)):
            try:
                module.connect(world.dsn(world.port, user, cert, password=PASSWORD)).close()
            except module.OperationalError:
                continue
            raise AssertionError('%s with %s was let in' % (user, cert))


def test_pgjdbc(world):
    """One program, many logins: its lines say how each ended."""
    logins = [('by_scram', PASSWORD, '', 'require'), ('by_scram', PASSWORD, '', 'disable'), ('by_md5', PASSWORD, '', 'require'), ('by_md5', PASSWORD, '', 'disable'),
              ('by_clear', PASSWORD, '', 'require'), ('by_cert', '', 'by_cert', 'require'), ('by_both', PASSWORD, 'by_both', 'require'),
              ('by_scram', 'x', '', 'require'), ('by_md5', 'x', '', 'require'), ('by_clear', 'x', '', 'require'), ('by_cert', '', 'robot', 'require'), ('by_cert', '', '', 'require')]
    directory = tempfile.mkdtemp(prefix='headgate-login-java-')
    try:
        for cert in ('by_cert', 'by_both', 'robot'):
            subprocess.run(['openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', world.path(cert + '.key'), '-outform', 'DER', '-out', world.path(cert + '.pk8')], check=True)
        subprocess.run(['java', '-cp', JARS[1], 'org.eclipse.jdt.internal.compiler.batch.Main', '-11', '-nowarn', '-cp', JARS[0], '-d', directory,
                        os.path.join(HERE, 'Login.java')], check=True)
        for port in (world.private.port, world.port):
            text = ''.join('%s|%s|%s|%s\n' % (user, secret, world.path(cert) if cert else '', mode) for user, secret, cert, mode in logins)
            done = subprocess.run(['java', '-XX:TieredStopAtLevel=1', '-cp', directory + ':' + JARS[0], 'Login', str(port)], input=text, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            ends = done.stdout.splitlines()
            assert ends[:7] == [login[0] + ' 2' for login in logins[:7]], ends
            assert all(end.startswith(state) for end, state in zip(ends[7:], ('28P01', '28P01', '28P01', '28000', '28000'))), ends
            if port == world.private.port:
                expected = ends
        assert ends == expected, (ends, expected)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
