"""The extended protocol: statements, portals, errors inside a pipeline, Flush, row limits."""
import wire
from expect import is_error, works


def one(sql, values=(), name="", portal="", **more):
    """Parse, Bind, Execute of one statement, without a Sync."""
    return wire.parse(name, sql) + wire.bind(portal, name, values, **more) + wire.execute(portal)


def test_errors_skip_to_the_sync(env):
    with env.connect() as w:
        w.send(one("SELECT 1") + wire.parse("", "SELECT FROM WHERE") + one("SELECT 2") + wire.describe("S") + wire.flush() + wire.sync())
        is_error(w.result(), "42601", "12DCEZ")
        w.send(one("SELECT 1/0") + one("SELECT 2") + wire.sync() + one("SELECT 3") + wire.sync())
        is_error(w.result(), "22012", "1EZ")  # found when it is planned, at Bind
        assert w.result().rows == [(b"3",)]
        works(w)


def test_refusals_skip_to_the_sync(env):
    """What the proxy refuses itself behaves like an error of the server's."""
    with env.connect() as w:
        w.send(one("SELECT 1") + one("SELECT pg_read_file('/etc/passwd')") + one("SELECT 2") + wire.sync())
        result = w.result()
        is_error(result, "42501 42883 0A000", "12DCEZ")
        works(w)


def test_every_sync_is_answered(env):
    with env.connect() as w:
        w.send(wire.sync() * 5)
        assert [w.recv() for _ in range(5)] == [("Z", b"I")] * 5
        w.send(wire.parse("", "SELECT 1/") + wire.sync() * 3)
        assert "".join(kind for kind, _ in [w.recv() for _ in range(4)]) == "EZZZ"
        assert w.is_silent()
        works(w)


def test_flush(env):
    """Answers come without a Sync when they are asked for."""
    with env.connect() as w:
        w.send(wire.parse("f", "SELECT $1::int4 AS n") + wire.describe("S", "f") + wire.flush())
        assert "".join(kind for kind, _ in w.recv_until("T")) == "1tT"
        w.send(wire.bind("", "f", ["5"]) + wire.flush())
        assert w.recv()[0] == "2"
        w.send(wire.execute() + wire.flush())
        assert "".join(kind for kind, _ in w.recv_until("C")) == "DC"
        w.send(wire.parse("g", "SELECT 1/0::int4") + wire.bind("", "g") + wire.execute() + wire.flush())
        assert w.recv_until("E")[-1][0] == "E"
        w.send(wire.flush() + wire.parse("", "SELECT 1") + wire.flush())
        assert w.is_silent()
        w.send(wire.sync())
        assert w.recv() == ("Z", b"I")
        works(w)


def test_flush_then_another_parse(env):
    """A driver that looks up types in the middle of preparing."""
    with env.connect() as w:
        w.send(wire.parse("a", "SELECT $1::date") + wire.describe("S", "a") + wire.flush())
        w.recv_until("T")
        w.send(wire.parse("b", "SELECT typname FROM pg_catalog.pg_type WHERE oid = $1", [26]) + wire.describe("S", "b") + wire.flush())
        w.recv_until("T")
        w.send(wire.bind("", "b", ["1082"]) + wire.execute() + wire.sync())
        assert w.result().rows[0] in (("date",), (b"date",))
        w.send(wire.bind("", "a", ["2024-02-29"]) + wire.describe("P") + wire.execute() + wire.sync())
        assert w.result().rows == [("2024-02-29",)]


def test_named_statements(env):
    with env.connect() as w:
        w.send(wire.parse("s1", "SELECT 1") + wire.parse("s2", "SELECT 2") + wire.sync())
        assert w.result().kinds == "11Z"
        for name, value in (("s1", "1"), ("s2", "2"), ("s1", "1")):
            w.send(wire.bind("", name) + wire.describe("P") + wire.execute() + wire.sync())
            assert w.result().rows == [(value,)]
        w.send(wire.parse("s1", "SELECT 3") + wire.sync())
        result = w.result()
        is_error(result, "42P05", "EZ")
        assert result.error["M"] == 'prepared statement "s1" already exists'
        w.send(wire.close("S", "s1") + wire.parse("s1", "SELECT 3") + wire.bind("", "s1") + wire.describe("P") + wire.execute() + wire.sync())
        assert w.result().rows == [("3",)]
        w.send(wire.close("S", "never") + wire.close("P", "never") + wire.sync())
        assert w.result().kinds == "33Z"


def test_unnamed_statement_is_replaced(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT 1") + wire.parse("", "SELECT 2") + wire.bind("", "") + wire.describe("P") + wire.execute() + wire.sync())
        assert w.result().rows == [("2",)]
        w.send(wire.bind("", "") + wire.describe("P") + wire.execute() + wire.sync())
        assert w.result().rows == [("2",)]
        w.simple("SELECT 1")  # a simple query drops it
        w.send(wire.bind("", "") + wire.sync())
        is_error(w.result(), "26000", "EZ")


def test_failed_parse_leaves_no_statement(env):
    with env.connect() as w:
        w.send(wire.parse("bad", "SELECT nonesuch") + wire.sync())
        is_error(w.result(), "42703", "EZ")
        w.send(wire.bind("", "bad") + wire.sync())
        result = w.result()
        is_error(result, "26000", "EZ")
        assert result.error["M"] == 'prepared statement "bad" does not exist'


def test_unknown_names(env):
    with env.connect() as w:
        for message, states in ((wire.bind("", "x"), "26000"), (wire.describe("S", "x"), "26000"), (wire.describe("P", "x"), "34000"),
                                (wire.execute("x"), "34000"), (wire.execute(""), "34000"), (wire.describe("P", ""), "34000")):
            w.send(message + wire.sync())
            is_error(w.result(), states, "EZ")
        works(w)


def test_other_sessions_names(env):
    """Statements and portals are the session's own."""
    with env.connect() as a, env.connect() as b:
        a.send(wire.parse("mine", "SELECT 'a'") + wire.sync())
        assert a.result().kinds == "1Z"
        b.send(wire.bind("", "mine") + wire.sync())
        is_error(b.result(), "26000", "EZ")
        b.send(wire.parse("mine", "SELECT 'b'") + wire.bind("", "mine") + wire.describe("P") + wire.execute() + wire.sync())
        assert b.result().rows == [("b",)]
        a.send(wire.bind("", "mine") + wire.describe("P") + wire.execute() + wire.sync())
        assert a.result().rows == [("a",)]


def test_internal_names(env):
    """Names by which the proxy might call statements on its servers are the client's like any other."""
    with env.connect() as w:
        for name in [f"hg_{i}" for i in range(1, 30)]:
            w.send(wire.bind("", name) + wire.sync())
            is_error(w.result(), "26000", "EZ")
            w.send(wire.parse(name, f"SELECT '{name}'") + wire.bind("", name) + wire.describe("P") + wire.execute() + wire.sync())
            assert w.result().rows == [(name,)]


def test_names_of_all_kinds(env):
    with env.connect() as w:
        for name in ("a b", "Ä", '"', "'; --", "x" * 63, "x" * 64, "x" * 2000, "\n"):
            w.send(wire.parse(name, "SELECT 1") + wire.bind(name, name) + wire.describe("P", name) + wire.execute(name)
                   + wire.close("P", name) + wire.close("S", name) + wire.sync())
            assert w.result().kinds == "12TDC33Z", name


def test_wrong_counts_in_bind(env):
    with env.connect() as w:
        for values in ([], ["1", "2"], ["1"] * 100):
            w.send(wire.parse("", "SELECT $1::int4") + wire.bind("", "", values) + wire.sync())
            is_error(w.result(), "08P01", "1EZ")
        for formats in ([0, 0], [0] * 50):
            w.send(wire.parse("", "SELECT $1::int4") + wire.bind("", "", ["1"], [], formats) + wire.execute() + wire.sync())
            is_error(w.result(), "08P01")
        works(w)


def test_wrong_formats_in_bind(env):
    with env.connect() as w:
        for formats, results in (([7], []), ([0], [7]), ([0xffff], []), ([0], [0xffff])):
            w.send(wire.parse("", "SELECT $1::int4") + wire.bind("", "", ["1"], formats, results) + wire.describe("P") + wire.execute() + wire.sync())
            is_error(w.result(), "22023 08P01")
        works(w)


def test_wrong_binary_values(env):
    with env.connect() as w:
        for value in (b"", b"\0", b"\0\0\0\0\0\0\0\0"):
            w.send(wire.parse("", "SELECT $1::int4") + wire.bind("", "", [value]) + wire.execute() + wire.sync())
            is_error(w.result(), "08P01 22P03", "1EZ")
        works(w)


def test_formats(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT $1::int4, $2::text, $3::int2") + wire.bind("", "", ["1", b"two", None], None, [1, 0, 1])
               + wire.describe("P") + wire.execute() + wire.sync())
        result = w.result()
        assert result.rows == [(b"\0\0\0\1", "two", None)] and [c.format for c in result.columns] == [1, 0, 1]
        w.send(wire.parse("", "SELECT $1::int4, $2::int4") + wire.bind("", "", [b"\0\0\0\1", b"\0\0\0\2"], [1], [1])
               + wire.describe("P") + wire.execute() + wire.sync())
        assert w.result().rows == [(b"\0\0\0\1", b"\0\0\0\2")]


def test_parameter_types(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT $1, $2::int8, $3::date, $4", [0, 20, 0, 1700]) + wire.describe("S") + wire.sync())
        result = w.result()
        assert result.kinds == "1tTZ" and result.parameter_oids == [25, 20, 1082, 1700]
        assert [c.type_oid for c in result.columns] == [25, 20, 1082, 1700]


def test_many_parameters(env):
    count = 2000
    sql = "SELECT " + " + ".join(f"${i}::int8" for i in range(1, 101))
    with env.connect() as w:
        assert w.extended(sql, ["1"] * 100).rows == [("100",)]
        sql = "SELECT $1::int8 IN (" + ", ".join(f"${i}" for i in range(2, count + 1)) + ")"
        assert w.extended(sql, [str(i) for i in range(count)]).rows == [("f",)]


def test_row_limits(env):
    with env.connect() as w:
        w.simple("BEGIN")
        w.send(wire.parse("", "SELECT n FROM generate_series(1, 5) AS n") + wire.bind("c", "") + wire.execute("c", 2) + wire.sync())
        result = w.result()
        assert result.kinds == "12DDsZ" and result.status == "T"
        w.send(wire.execute("c", 2) + wire.execute("c", 2) + wire.execute("c", 2) + wire.sync())
        assert w.result().kinds == "DDsDCCZ"
        w.send(wire.close("P", "c") + wire.execute("c") + wire.sync())
        is_error(w.result(), "34000", "3EZ")
        w.simple("ROLLBACK")
        w.send(wire.parse("", "SELECT 1") + wire.bind("", "") + wire.execute("", -1) + wire.sync())
        assert w.result().kinds == "12DCZ"
        works(w)


def test_portals_end_with_the_transaction(env):
    with env.connect() as w:
        w.send(one("SELECT 1", portal="p") + wire.sync() + wire.execute("p") + wire.sync())
        assert w.result().kinds == "12DCZ"
        is_error(w.result(), "34000", "EZ")


def test_portal_names(env):
    with env.connect() as w:
        w.simple("BEGIN")
        w.send(wire.parse("", "SELECT 1") + wire.bind("p", "") + wire.bind("p", "") + wire.sync())
        is_error(w.result(), "42P03", "12EZ")
        w.simple("ROLLBACK")
        works(w)


def test_interleaved_portals(env):
    with env.connect() as w:
        w.simple("BEGIN")
        w.send(wire.parse("s", "SELECT n FROM generate_series($1::int4, $1 + 2) AS n") + wire.bind("a", "s", ["1"]) + wire.bind("b", "s", ["10"])
               + wire.execute("a", 1) + wire.execute("b", 1) + wire.execute("a", 1) + wire.execute("b", 1) + wire.sync())
        result = w.result()
        assert [wire.decode_values(body) for kind, body in result.messages if kind == "D"] == [[b"1"], [b"10"], [b"2"], [b"11"]], result
        w.simple("COMMIT")


def test_empty_statements(env):
    with env.connect() as w:
        for sql in ("", ";", " ", "-- nothing", "/* nothing */ ;"):
            assert w.simple(sql).kinds == "IZ", sql
            assert w.extended(sql).kinds == "1tn2nIZ", sql


def test_several_statements_in_one_parse(env):
    with env.connect() as w:
        is_error(w.extended("SELECT 1; SELECT 2"), "42601", "EZ")
        works(w)


def test_describe_without_execute(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT 1 AS a, 'x'::text AS b") + wire.describe("S") + wire.sync())
        result = w.result()
        assert result.kinds == "1tTZ"
        w.send(wire.parse("", "BEGIN") + wire.describe("S") + wire.sync())
        assert w.result().kinds == "1tnZ"
        works(w)


def test_no_physical_origin(env):
    """Table numbers of the shared databases do not reach a client."""
    with env.connect() as w:
        for result in (w.simple("SELECT 1 AS a"), w.extended("SELECT 1 AS a")):
            assert [(c.table_oid, c.attnum) for c in result.columns] == [(0, 0)]


def test_transactions_in_a_pipeline(env):
    with env.connect() as w:
        w.send(one("BEGIN") + one("SELECT 1") + one("COMMIT") + wire.sync())
        result = w.result()
        assert result.kinds == "12C12DC12CZ" and result.status == "I"
        w.send(one("BEGIN") + one("SELECT 1/0") + one("COMMIT") + wire.sync())
        result = w.result()
        is_error(result, "22012")
        assert result.status == "E"
        w.send(one("SELECT 1") + wire.sync())
        is_error(w.result(), "25P02", "EZ")
        w.send(one("ROLLBACK") + wire.sync())
        result = w.result()
        assert result.kinds == "12CZ" and result.status == "I"
