"""COPY at the level of messages, in the simple and in the extended protocol."""
import os
import struct
import threading
import time

import wire
from wire import bind, copy_data, copy_done, copy_fail, describe, execute, flush, parse, query, sync, terminate

INTO = 'COPY items (a, b) FROM STDIN'
BIG = b'x' * 1000 + b'\ty\n'


def rows(w, what='a, b'):
    return w.simple('SELECT %s FROM items ORDER BY a, b' % what).rows


def clear(world):
    world.shared("DELETE FROM store.items_all WHERE tenant_id <> 'globex'")


def begin(w, sql=INTO):
    w.send(query(sql))
    kinds = ''.join(kind for kind, _ in w.recv_until('GZ'))
    assert kinds[-1] == 'G', kinds


def prepared(sql=INTO):
    return parse('', sql) + bind('', '') + describe('P') + execute()


def memory(world):
    with open('/proc/%d/status' % world.headgate.process.pid, encoding='utf8') as file:
        return int(next(line for line in file if line.startswith('VmRSS:')).split()[1]) // 1024


# ---- to the client ----

def test_out(world):
    with world.connect('globex') as w:
        result = w.simple("COPY items TO STDOUT; SELECT 1; COPY (SELECT 1 AS a, 'x;y' AS b) TO STDOUT (FORMAT csv, HEADER, DELIMITER ';')")
        assert result.kinds == 'HdcCTDCHddcCZ', result.kinds
        assert result.statements[0].copied == [b'others\trow\t1\n'] and result.statements[0].tag == 'COPY 1'
        assert result.statements[2].copied == [b'a;b\n', b'1;"x;y"\n'], result.statements[2].copied


def test_out_extended(world):
    with world.connect('globex') as w:
        w.send(parse('s', 'COPY items (a) TO STDOUT') + describe('S', 's') + bind('', 's') + describe('P') + execute() + sync())
        result = w.result()
        assert result.kinds == '1tn2nHdcCZ', result.kinds
        w.send(bind('', 's') + execute() + bind('', 's') + execute() + sync())
        assert w.result().kinds == '2HdcC2HdcCZ'


def test_out_binary(world):
    with world.connect('globex') as w, world.private() as p:
        p.simple("BEGIN; INSERT INTO items VALUES ('others', 'row', 1)")
        sql = 'COPY items TO STDOUT (FORMAT binary)'
        assert w.query(sql)[:-1] == p.query(sql)[:-1]


def test_out_fails_within(world):
    with world.connect() as w, world.private() as p:
        sql = 'COPY (SELECT 1 / (3 - i) FROM generate_series(1, 5) i) TO STDOUT'
        ours, theirs = w.simple(sql), p.simple(sql)
        assert ours.kinds == theirs.kinds and ours.sqlstate == '22012', ours
        assert w.simple('SELECT 1').rows == [('1',)]


def test_out_is_long_and_the_client_slow(world):
    with world.connect() as w:
        before = memory(world)
        w.send(query("COPY (SELECT repeat('x', 100000) FROM generate_series(1, 1000)) TO STDOUT"))
        time.sleep(1)
        assert memory(world) - before < 50
        result = w.result(timeout=60)
        assert result.tag == 'COPY 1000' and sum(map(len, result.statements[0].copied)) == 100001000


def test_out_is_cancelled(world):
    with world.connect() as w:
        w.send(query('COPY (SELECT generate_series(1, 1000000000)) TO STDOUT'))
        w.recv()
        other = wire.Wire('127.0.0.1', world.port)
        other.send(wire.cancel_request(w.pid, w.secret))
        other.drop()
        result = w.result(timeout=30)
        assert result.sqlstate == '57014', result.error
        assert w.simple('SELECT 1').rows == [('1',)]


# ---- from the client ----

def test_in(world):
    with world.connect() as w:
        w.send(query('COPY items FROM STDIN; SELECT count(*) FROM items'))
        answer = w.recv_until('G')[-1][1]
        assert answer == b'\0' + struct.pack('!H3H', 3, 0, 0, 0), answer
        w.send(copy_data(b'1\tx') + copy_data(b'') + flush() + copy_data(b'\t1\n2\ty\t') + sync() + copy_data(b'\\N\n') + copy_done())
        result = w.result()
        assert result.kinds == 'CTDCZ' and result.statements[0].tag == 'COPY 2' and result.rows == [('2',)], result
        assert rows(w, 'a, b, c') == [('1', 'x', '1'), ('2', 'y', None)]
    assert world.shared("SELECT count(*) FROM store.items_all WHERE tenant_id = 'acme'").strip() == '2'
    clear(world)


def test_in_extended(world):
    """As libpq does it: a Sync behind Execute, which the server ignores, and one behind the data."""
    with world.connect() as w:
        w.send(prepared() + sync())
        assert ''.join(kind for kind, _ in w.recv_until('GZ')) == '12nG'
        w.send(copy_data(b'1\tx\n') + copy_done() + sync())
        result = w.result()
        assert result.kinds == 'CZ' and result.tag == 'COPY 1', result
        w.send(prepared() + flush())
        w.recv_until('G')
        w.send(copy_data(b'2\ty\n'))
        w.send(copy_done() + sync() + query('SELECT count(*) FROM items'))
        assert w.result().tag == 'COPY 1' and w.result().rows == [('2',)]
        w.send(prepared() + copy_data(b'3\tz\n') + copy_done() + sync())  # nobody waited
        result = wire.collect(w.recv_until('Z'))
        assert result.kinds == '12nGCZ', result
    clear(world)


def test_in_prepared_once(world):
    with world.connect() as w:
        w.send(parse('s', INTO) + describe('S', 's') + sync())
        assert w.result().kinds == '1tnZ'
        for i in range(3):
            w.send(bind('p', 's') + execute('p') + sync())
            w.recv_until('G')
            w.send(copy_data(b'%d\tx\n' % i) + copy_done() + sync())
            assert w.result().tag == 'COPY 1'
        assert len(rows(w)) == 3
    clear(world)


def test_in_twice_in_one_text(world):
    with world.connect() as w:
        begin(w, INTO + "; SELECT 1; COPY items (c, a) FROM STDIN (FORMAT csv, DELIMITER ';'); SELECT count(*) FROM items")
        w.send(copy_data(b'1\tx\n') + copy_done())
        assert ''.join(kind for kind, _ in w.recv_until('G')) == 'CTDCG'
        w.send(copy_data(b'5;"2;"\n') + copy_done())
        assert w.result().rows == [('2',)]
        assert rows(w, 'a, b, c') == [('1', 'x', None), ('2;', None, '5')]
    clear(world)


def test_in_a_transaction(world):
    with world.connect() as w:
        w.simple('BEGIN')
        begin(w)
        w.send(copy_data(b'1\tx\n') + copy_done())
        result = w.result()
        assert result.status == 'T' and len(rows(w)) == 1
        w.simple('ROLLBACK')
        assert rows(w) == []
        begin(w, 'BEGIN; ' + INTO + '; COMMIT')
        w.send(copy_data(b'1\tx\n') + copy_done())
        assert w.result().kinds == 'CCZ' and len(rows(w)) == 1
    clear(world)


def test_in_among_statements_for_another_backend(world):
    """A text of which no server sees the whole."""
    with world.connect() as w:
        begin(w, "SELECT count(*) FROM pg_class WHERE relname = 'items'; " + INTO + '; SELECT 1')
        w.send(copy_data(b'1\tx\n') + copy_done())
        result = w.result()
        assert result.error is None and result.rows == [('1',)], result
        assert len(rows(w)) == 1
    clear(world)


def test_nothing(world):
    with world.connect() as w:
        for sql in (INTO, INTO + ' (FORMAT csv, HEADER)'):
            begin(w, sql)
            w.send(copy_done())
            assert w.result().tag == 'COPY 0'


# ---- errors ----

def test_error(world):
    with world.connect() as w, world.private() as p:
        for connection in (w, p):
            begin(connection, 'COPY items FROM STDIN')
            connection.send(copy_data(b'1\tx\t1\n2\ty\tnumber\n') + copy_data(BIG * 100) + copy_done())
        ours, theirs = w.result(), p.result()
        assert ours.kinds == theirs.kinds == 'EZ'
        for field in 'CMW':
            assert ours.error[field] == theirs.error[field], (ours.error, theirs.error)
        assert ours.error['W'] == 'COPY items, line 2, column c: "number"'
        assert rows(w) == []


def test_error_extended(world):
    with world.connect() as w:
        w.send(prepared('COPY items FROM STDIN') + sync())
        w.recv_until('G')
        w.send(copy_data(b'1\tx\tnumber\n') + copy_data(BIG * 100))
        assert w.recv()[0] == 'E'
        assert w.is_silent()
        w.send(copy_data(BIG) + copy_done())
        assert w.is_silent()
        w.send(sync())
        assert ''.join(kind for kind, _ in w.recv_until('Z')) == 'Z'
        assert rows(w) == []


def test_error_before_any_row(world):
    """The Sync that libpq sends along is one, then: no copying has begun."""
    with world.connect() as w:
        w.simple('BEGIN; SELECT 1 / 0')
        w.send(prepared() + sync())
        assert w.result().kinds == 'EZ'
        w.simple('ROLLBACK')
        w.send(prepared("COPY items FROM STDIN (DELIMITER 'ab')") + sync())
        result = w.result()
        assert result.kinds == '12nEZ' and result.sqlstate == '0A000', result
        assert w.simple("COPY items FROM STDIN (DELIMITER 'ab')").kinds == 'EZ'
        w.send(prepared('COPY items (nothing) FROM STDIN') + sync())
        assert w.result().sqlstate == '42703'
        assert w.simple('SELECT 1').rows == [('1',)]


def test_fail(world):
    with world.connect() as w:
        begin(w)
        w.send(copy_data(b'1\tx\n') + copy_fail('no more'))
        result = w.result()
        assert result.sqlstate == '57014' and result.error['M'] == 'COPY from stdin failed: no more', result
        w.send(prepared() + sync())
        w.recv_until('G')
        w.send(copy_data(b'1\tx\n') + copy_fail('') + sync())
        assert w.result().sqlstate == '57014' and rows(w) == []


def test_what_follows_a_failure_is_dropped(world):
    with world.connect() as w:
        begin(w)
        w.send(copy_fail('x') + copy_data(b'1\tx\n') + copy_done() + copy_fail('y') + query('SELECT 1'))
        assert w.result().sqlstate == '57014'
        assert w.result().rows == [('1',)] and rows(w) == []


def test_strays(world):
    """Messages of COPY where there is none."""
    with world.connect() as w:
        w.send(copy_data(b'x' * 20000000) + copy_done() + copy_fail('x') + query('SELECT 1'))
        assert w.result(timeout=30).rows == [('1',)]


def test_statements_within(world):
    for message in (query('SELECT 1'), parse('', 'SELECT 1'), bind('', ''), b'F\0\0\0\x04', b'\xff\0\0\0\x04', b'\0\0\0\0\x04'):
        with world.connect() as w:
            begin(w)
            w.send(copy_data(b'1\tx\n') + message + copy_done())
            received = w.recv_to_end()
            fields = wire.decode_fields(received[-1][1])
            assert [kind for kind, _ in received] == ['E', 'E'] and fields['C'] == '08P01' and fields['S'] == 'FATAL', received
    with world.connect() as w:
        assert rows(w) == []


def test_bad_lengths(world):
    for message in (b'd\0\0\0\x03', b'd\xff\xff\xff\xff', b'c\0\0\xff\xff', b'f\0\x10\0\0', b'f\0\0\0\x04', b'd\x7f\xff\xff\xff'):
        with world.connect() as w:
            begin(w)
            w.send(copy_data(b'1\tx\n') + message)
            received = w.recv_to_end()
            assert [kind for kind, _ in received] == ['E'] and wire.decode_fields(received[0][1])['C'] == '08P01', (message, received)
    with world.connect() as w:
        assert rows(w) == []


# ---- the client goes ----

def vanished(world):
    end = time.time() + 60
    while time.time() < end:
        if world.cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state <> 'idle'").strip() == '0':
            break
        time.sleep(0.1)
    else:
        raise AssertionError('the statement still runs')
    with world.connect() as w:
        assert rows(w) == []


def test_client_vanishes(world):
    for opening in (query(INTO), prepared() + sync()):
        for last in (copy_data(b'1\tx\n'), copy_data(b'1\tx\n2\t')[:9], b'', copy_data(b'1\tx\n')[:3]):
            w = world.connect()
            w.send(opening)
            w.recv_until('G')
            w.send(copy_data(b'1\tx\n' * 1000) + last)
            w.drop()
    vanished(world)


def test_client_says_goodbye(world):
    w = world.connect()
    begin(w)
    w.send(copy_data(b'1\tx\n') + terminate())
    assert w.recv_to_end() == []
    vanished(world)


def test_server_vanishes(world):
    with world.connect() as w:
        begin(w)
        w.send(copy_data(b'1\tx\n'))
        time.sleep(0.1)
        world.cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND pid <> pg_backend_pid()")
        w.send(copy_data(b'2\tx\n') + copy_done() + query('SELECT 1'))
        assert w.result().sqlstate in ('08006', '57P01')
        assert w.result().rows == [('1',)] and rows(w) == []


# ---- much ----

def test_one_long_message(world):
    with world.connect() as w:
        before = memory(world)
        begin(w)
        w.send(copy_data(BIG * 40000) + copy_done())
        assert w.result(timeout=60).tag == 'COPY 40000'
        assert memory(world) - before < 50
        assert w.simple('SELECT count(*) FROM items').rows == [('40000',)]
    clear(world)


def test_server_is_slow(world):
    """What it does not take, the client is not asked for."""
    with world.connect() as w, wire.connect('127.0.0.1', world.cluster.port, 'postgres', world.cluster.password, 'data') as holder:
        before = memory(world)
        begin(w)
        w.send(copy_data(b'1\tx\n'))
        copying = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'"
        end = time.time() + 60
        while not (found := holder.simple(copying).rows):
            assert time.time() < end, 'it does not begin'
        (pid,) = found[0]
        os.kill(int(pid), 19)  # SIGSTOP
        try:
            sender = threading.Thread(target=w.send, args=(copy_data(BIG * 100) * 400 + copy_done(),))
            sender.start()
            time.sleep(1)
            assert sender.is_alive() and memory(world) - before < 50
        finally:
            os.kill(int(pid), 18)
        sender.join()
        assert w.result(timeout=60).tag == 'COPY 40001'
    clear(world)


def test_client_is_idle_within(world):
    with world.another('limits: {idle_transaction_timeout: 1s}\n') as port:
        with wire.connect('127.0.0.1', port, 'acme', world.password, 'analytics') as w:
            begin(w)
            began = time.time()
            w.send(copy_data(b'1\tx\n'))
            fields = wire.decode_fields(w.recv_until('E')[-1][1])
            assert fields['C'] == '25P03' and 0.9 < time.time() - began < 30, fields
    vanished(world)


def test_many_at_once(world):
    failed = []

    def one(number):
        try:
            with world.connect() as w:
                for i in range(20):
                    begin(w)
                    w.send(copy_data(b'%d\t%d\n' % (number, i)) + (copy_done() if i % 2 else copy_fail('x')))
                    assert bool(w.result().error) == (i % 2 == 0)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    with world.connect() as w:
        assert w.simple('SELECT count(*) FROM items').rows == [('120',)]
    clear(world)
