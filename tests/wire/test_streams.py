"""Much at once: pipelines, mixed protocols, large results, readers that are slow or go away, several statements at once."""
import socket
import time

import wire
from expect import is_error, is_under_way, works


def test_pipeline_of_queries(env):
    with env.connect() as w:
        w.send(b"".join(wire.query(f"SELECT {i}") for i in range(300)))
        for i in range(300):
            result = w.result()
            assert result.kinds == "TDCZ" and result.rows == [(str(i),)], (i, result)


def test_pipeline_of_batches(env):
    batch = b"".join(wire.parse("", "SELECT $1::int8") + wire.bind("", "", [str(i)]) + wire.execute() + wire.sync() for i in range(300))
    with env.connect() as w:
        w.send(batch)
        for i in range(300):
            result = w.result()
            assert result.kinds == "12DCZ" and wire.decode_values(result.messages[2][1]) == [str(i).encode()], (i, result)


def test_long_batch_before_one_sync(env):
    one = wire.bind("", "s", ["1"]) + wire.execute()
    with env.connect() as w:
        w.send(wire.parse("s", "SELECT $1::int4") + one * 2000 + wire.sync())
        assert w.result().kinds == "1" + "2DC" * 2000 + "Z"


def test_mixed_protocols_in_one_write(env):
    with env.connect() as w:
        w.send(wire.query("SELECT 1") + wire.parse("", "SELECT 2") + wire.bind("", "") + wire.execute() + wire.sync() + wire.query("SELECT 3")
               + wire.parse("", "SELECT oops(") + wire.sync() + wire.query(""))
        assert [w.result().kinds for _ in range(5)] == ["TDCZ", "12DCZ", "TDCZ", "EZ", "IZ"]


def test_query_inside_of_a_batch(env):
    """A simple query before the Sync: it is answered behind what came before, and the Sync still is."""
    with env.connect() as w:
        w.send(wire.parse("", "SELECT 1") + wire.bind("", "") + wire.execute() + wire.query("SELECT 2") + wire.sync())
        assert w.result().kinds == "12DCTDCZ"
        assert w.result().kinds == "Z"
        works(w)


def test_query_after_an_error_in_a_batch(env):
    """Until the Sync everything is skipped, a simple query too."""
    with env.connect() as w:
        w.send(wire.parse("", "SELECT oops(") + wire.query("SELECT 2") + wire.sync())
        assert w.result().kinds == "EZ"
        works(w)


def test_several_statements(env):
    with env.connect() as w:
        result = w.simple("SELECT 1; SELECT 2, 'b'; ; SELECT 3")
        assert [s.rows for s in result.statements] == [[("1",)], [("2", "b")], [("3",)]] and result.status == "I"
        result = w.simple("SELECT 1; SELECT 1/0; SELECT 3")
        is_error(result, "22012", "TDCEZ")
        result = w.simple("BEGIN; SELECT 1; SELECT 1/0")
        is_error(result, "22012")
        assert result.status == "E"
        assert w.simple("SELECT 1").sqlstate == "25P02"
        assert w.simple("ROLLBACK").status == "I"
        result = w.simple("SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3")
        assert result.error is None and result.status == "I" and [s.tag for s in result.statements] == ["SELECT 1", "BEGIN", "SELECT 1", "COMMIT", "SELECT 1"]


def test_a_refused_statement_of_several(env):
    """It fails in its turn, as any other: what stands before it has answered, and nothing behind it runs. Without grammar nothing does."""
    with env.connect() as w:
        result = w.simple("SELECT 1; SELECT pg_read_file('/etc/passwd'); SELECT 3")
        is_error(result, "42501 42883 0A000", "TDCEZ")
        result = w.simple("SELECT 1; SELECT FROM WHERE")
        is_error(result, "42601", "EZ")
        works(w)


def test_large_result(env):
    with env.connect(timeout=60) as w:
        result = w.simple("SELECT n, repeat('x', 100) FROM generate_series(1, 100000) AS n")
        assert result.tag == "SELECT 100000" and len(result.rows) == 100000
        assert result.rows[-1] == ("100000", "x" * 100)
        works(w)


def test_large_values(env):
    with env.connect(timeout=60) as w:
        for size in (65531, 65535, 65536, 1 << 20, 20 << 20):
            assert len(w.simple(f"SELECT repeat('x', {size})").rows[0][0]) == size
            assert w.extended("SELECT length($1::text)", ["y" * size]).rows == [(str(size),)], size
        works(w)


def test_slow_reader(env):
    """A client that reads slowly gets everything, and others are served meanwhile."""
    with env.raw(timeout=60) as w:
        w.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        w.login(env.user, env.password, env.database)
        w.send(wire.query("SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) AS n"))
        rows = 0
        while True:
            kind, _ = w.recv()
            rows += kind == "D"
            if kind == "Z":
                break
            if kind == "D" and rows % 4000 == 0:
                time.sleep(0.3)
                with env.connect() as other:
                    works(other)
        assert rows == 20000, rows
        works(w)


def test_reader_that_goes_away(env):
    for wait in (0, 0.05, 0.3):
        w = env.connect()
        w.send(wire.query("SELECT n, repeat('x', 1000) FROM generate_series(1, 50000) AS n"))
        time.sleep(wait)
        w.drop()
    with env.connect() as w:
        works(w)


def test_writer_that_does_not_read(env):
    """Requests without end from a client that reads no answer: the proxy stops reading too, and lets it go."""
    w = env.connect()
    w.sock.settimeout(2)
    request = wire.query("SELECT repeat('x', 100000)") * 20
    try:
        for _ in range(500):
            w.send(request)
    except (wire.TimedOut, wire.Closed):
        pass
    with env.connect() as other:
        works(other)
    w.drop()


def test_many_connections(env):
    many = [env.connect() for _ in range(60)]
    for i, w in enumerate(many):
        w.send(wire.query(f"SELECT {i}"))
    for i, w in enumerate(many):
        assert w.result().rows == [(str(i),)]
        w.end()


def test_cancel(env):
    with env.connect(timeout=30) as w:
        w.send(wire.query("SELECT count(*) FROM generate_series(1, 2000000000) AS n"))
        is_under_way(env, w)
        with env.raw() as other:
            other.send(wire.cancel_request(w.pid, w.secret))
            assert other.recv_to_end() == []
        is_error(w.result(), "57014")
        works(w)


def test_cancel_of_an_idle_session(env):
    with env.connect() as w:
        for _ in range(3):
            with env.raw() as other:
                other.send(wire.cancel_request(w.pid, w.secret))
                assert other.recv_to_end() == []
            works(w)


def test_notices_and_settings_in_order(env):
    with env.connect() as w:
        result = w.simple("SET application_name = 'one'; SELECT 1; SET application_name = 'two'")
        names = [value for name, value in result.parameters if name == "application_name"]
        assert names and names[-1] == "two" and w.parameters["application_name"] == "two"
        result = w.simple("COMMIT")
        assert result.tag == "COMMIT" and [n["C"] for n in result.notices] == ["25P01"], result
