"""/metrics: what Prometheus' own parsers make of it, and whether it is true."""
import os
import re
import subprocess
import time

import wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def settled(world, **readings):
    """Metrics, once these readings, which workers write down each second, are such."""
    def there():
        metrics = world.metrics()
        return metrics if all(metrics(name) == value for name, value in readings.items()) else None
    world.until(there)
    return there() or world.metrics()


def test_text(world):
    world.see()
    with world.connect() as w:
        w.simple('SELECT count(*) FROM channels')
        w.simple('SELECT * FROM nothing_such')
    status, headers, text = world.get('/metrics')
    assert status == 200 and headers['Content-Type'].startswith('text/plain; version=0.0.4'), headers
    metrics = world.metrics()
    documented = re.findall(r'^\| `(headgate_\w+)` \| (\w+) \|', open(os.path.join(ROOT, 'conf/metrics.md'), encoding='utf8').read(), re.M)
    shown = {(line.split()[2], line.split()[3]) for line in text.split('\n') if line.startswith('# TYPE')}
    assert shown == set(documented), shown ^ set(documented)
    for family in metrics.families.values():
        assert family.documentation and family.samples, family.name
    done = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr  # 3: the linter's taste
    assert 'error' not in done.stderr.lower() or 'errors' in done.stderr.lower(), done.stderr


def test_documentation(world):
    made = subprocess.run([world.binary, 'metrics'], capture_output=True, text=True, check=True).stdout
    kept = open(os.path.join(ROOT, 'conf/metrics.md'), encoding='utf8').read()
    assert kept.endswith(made), 'conf/metrics.md is not what `headgate metrics` prints'


def test_statements(world):
    world.see()
    before = world.metrics()
    with world.connect() as w:
        for _ in range(5):
            assert len(w.simple('SELECT * FROM channels').rows) == 2
        w.simple('SET application_name = x')
        w.simple('SELECT 1/0 FROM channels')
        w.simple('SELECT 1 FROM channels; SELECT 2 FROM channels; SELECT 3 FROM channels')
        w.simple('DROP TABLE channels')
        w.extended('SELECT id FROM channels WHERE id = $1', ['1'])
        after = world.metrics()

    def grown(name, **labels):
        return after(name, **labels) - before(name, **labels)

    assert grown('backend_statements_total', backend='aurora') == 10
    assert grown('backend_errors_total', backend='aurora') == 1
    assert grown('backend_rows_total', backend='aurora') == 5 * 2 + 3 * 2 + 1
    assert grown('backend_bytes_total', backend='aurora') > 200
    assert grown('statement_duration_seconds_count', backend='aurora', verdict='forward') == 10
    assert grown('statement_duration_seconds_count', backend='', verdict='local') == 1
    assert grown('statement_duration_seconds_count', backend='', verdict='refused') == 1
    assert 0 < grown('statement_duration_seconds_sum', backend='aurora', verdict='forward') < 30
    assert sum(v for (n, _), v in after.samples.items() if n == 'headgate_refusals_total') - \
        sum(v for (n, _), v in before.samples.items() if n == 'headgate_refusals_total') == 1
    assert grown('parses_total') == 1
    assert grown('tenant_statements_total', tenant='acme') == 12
    assert grown('tenant_refused_total', tenant='acme') == 1
    assert grown('tenant_errors_total', tenant='acme') == 1
    assert grown('tenant_rows_total', tenant='acme') == 17
    assert 0 < grown('tenant_statement_seconds_total', tenant='acme') < 30
    assert grown('logins_total') == 1
    assert grown('queue_duration_seconds_count', backend='aurora') >= 6


def test_refusals_by_sqlstate(world):
    world.see()
    with world.connect() as w:
        w.simple('SELECT * FROM no_such_table')
        w.simple('SELEC 1')
        w.extended('SELECT pg_read_file($1)', ['x'])
    metrics = world.metrics()
    assert metrics('refusals_total', sqlstate='42P01', reason='undefined_table') == 1
    assert metrics('refusals_total', sqlstate='42601', reason='syntax_error') == 1
    assert sum(v for (n, _), v in metrics.samples.items() if n == 'headgate_refusals_total') == 3
    assert 'no_such_table' not in metrics.text and 'pg_read_file' not in metrics.text


def test_logins(world):
    world.see()
    for user, secret in (('alice', 'wrong'), ('nobody', 'x')):
        try:
            wire.connect('127.0.0.1', world.port, user, secret, 'analytics').end()
            raise AssertionError('let in')
        except wire.LoginRefused:
            pass
    with world.connect():
        metrics = world.metrics()
        assert metrics('login_failures_total') == 2 and metrics('logins_total') == 1
        assert metrics('clients') == 1 and metrics('connections') == 1
        assert metrics('clients_accepted_total') >= 3


def test_pools_and_readings(world):
    world.see()
    with world.connect() as w, world.connect() as other:
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM channels')
        for _ in range(3):
            other.simple('SELECT count(*) FROM messages')
        metrics = settled(world, sessions=2)
        assert metrics('pool_size', backend='aurora') == 8
        assert metrics('pool_lent', backend='aurora') == 1
        assert metrics('pool_idle', backend='redshift') == 1
        assert metrics('pool_opened_total', backend='aurora') >= 1
        assert metrics('pool_failed_hosts', backend='aurora') == 0 and metrics('pool_hosts', backend='aurora') == 1
        assert metrics('rewrite_cache_hits_total') >= 2 and metrics('rewrite_cache_misses_total') >= 2
        assert metrics('rewrite_cache_bytes') > 0
        assert metrics('workers') == 2
        assert metrics('verify_failures_total') == 0
        assert metrics('resident_memory_bytes') > 1e6 and metrics('open_fds') > 5
        w.simple('ROLLBACK')


def test_waiting(world):
    world.see(pool=1, catalog_pool=8)
    with world.connect() as w, world.connect() as other:
        w.simple('BEGIN')
        w.simple('SELECT 1 FROM channels')
        other.send(wire.query('SELECT 2 FROM channels'))
        world.until(lambda: world.metrics()('pool_waiting', backend='aurora') == 1)
        time.sleep(0.3)
        w.simple('COMMIT')
        assert other.result().rows == [('2',), ('2',)]
        metrics = world.metrics()
        assert metrics('queue_duration_seconds_sum', backend='aurora') >= 0.3
        assert metrics('pool_waiting', backend='aurora') == 0


def test_reload(world):
    world.see()
    before = world.metrics()
    world.reload()
    after = world.metrics()
    assert after('generation') > before('generation')
    assert after('reloads_total') == 1 and after('reload_failures_total') == 0
    with open(world.path('headgate.yaml'), 'a', encoding='utf8') as file:
        file.write('nonsense: 1\n')
    world.reload(good=False)
    assert world.metrics()('reload_failures_total') == 1
    world.write_config()


def test_tenants_are_bounded(world):
    world.see(more='metrics: {tenants: 1}\n')
    for user in ('alice', 'bob', 'carol', 'bob'):
        with world.connect(user=user) as w:
            w.simple('SELECT 1 FROM channels')
    metrics = world.metrics()
    assert metrics('tenant_statements_total', tenant='acme') == 2
    assert metrics('tenant_statements_total', tenant='other') == 2
    assert {dict(labels).get('tenant') for (name, labels) in metrics.samples if name == 'headgate_tenant_statements_total'} == {'acme', 'other'}


def test_lost_backend(world):
    world.see()
    with world.connect() as w:
        w.simple('BEGIN')
        w.simple('SELECT 1 FROM channels')
        for pid in world.servers(world.aurora):
            world.aurora.sql('SELECT pg_terminate_backend(%d)' % pid)
        result = w.simple('SELECT 2 FROM channels')
        assert result.sqlstate[:2] in ('08', '57'), result.error
        assert "The statement's id is " in result.error.get('D', '') or result.sqlstate == '57P01', result.error
        assert world.metrics()('backend_connections_lost_total', backend='aurora') == 1
