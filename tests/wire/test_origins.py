"""RowDescription names tables and columns by numbers: they are those of the catalog, where clients look them up."""
import struct

import wire


def fields(w, sql):
    """(name, table, column) of each field."""
    w.send(wire.parse("", sql) + wire.describe("S") + wire.sync())
    body = next(body for kind, body in w.recv_until("Z") if kind == "T")
    found, at = [], 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        end = body.index(b"\0", at)
        found.append((body[at:end].decode(), *struct.unpack_from("!IH", body, end + 1)))
        at = end + 19
    return found


def looked_up(w, table, column):
    return w.simple("SELECT c.relname, a.attname, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = %d WHERE c.oid = %d" % (column, table)).rows


def test_columns_of_tables(env):
    with env.connect() as w:
        for sql in ("SELECT id, name FROM campaigns", "WITH q AS (SELECT id, name FROM campaigns) SELECT q.id, c.name FROM q JOIN campaigns c USING (id)"):
            got = fields(w, sql)
            assert len(got) == 2
            for name, table, column in got:
                assert looked_up(w, table, column) == [("campaigns", name, "public")], (sql, name, table, column)


def test_what_is_no_column(env):
    with env.connect() as w:
        assert [origin[1:] for origin in fields(w, "SELECT id + 1, upper(name), count(*) FROM campaigns GROUP BY 1, 2")] == [(0, 0)] * 3


def test_the_same_as_in_the_catalog(env):
    """A statement that the catalog answers itself gives the same numbers as one of the data."""
    with env.connect() as w:
        number = w.simple("SELECT 'public.campaigns'::regclass::oid::text").rows[0][0]
        assert str(fields(w, "SELECT id FROM campaigns")[0][1]) == number
