"""Messages after the login, whole and in pieces: types, lengths, bodies that are not what they should be."""
import struct
import time

import wire
from expect import ends, is_error, works

KNOWN = set(b"BCDEFHPQSXcdf")


def test_query_split_in_two_at_every_byte(env):
    message = wire.query("SELECT 'split', 42")
    with env.connect() as w:
        for at in range(1, len(message)):
            w.send(message[:at])
            time.sleep(0.001)
            w.send(message[at:])
            assert w.result().rows == [("split", "42")], at


def test_extended_split_in_two_at_every_byte(env):
    batch = (wire.parse("", "SELECT $1::int4, $2::text", [23, 25]) + wire.describe("S") + wire.bind("p", "", [b"\0\0\0\7", "seven"])
             + wire.describe("P", "p") + wire.execute("p", 10) + wire.close("P", "p") + wire.sync())
    with env.connect() as w:
        for at in range(1, len(batch)):
            w.send(batch[:at])
            time.sleep(0.001)
            w.send(batch[at:])
            result = w.result()
            assert result.kinds == "1tT2TDC3Z" and result.rows == [("7", "seven")], (at, result)


def test_byte_by_byte(env):
    with env.connect() as w:
        w.send(wire.query("SELECT 1; SELECT 2") + wire.parse("", "SELECT 3") + wire.bind("", "") + wire.execute() + wire.sync(), chunk=1, pause=0)
        assert [s.rows for s in w.result().statements] == [[("1",)], [("2",)]]
        assert w.result().kinds == "12DCZ"


def test_unknown_types(env):
    for kind in (0, 1, ord("A"), ord("G"), ord("N"), ord("R"), ord("T"), ord("Z"), ord("b"), ord("p"), ord("q"), ord("s"), 0x7f, 0x80, 0xff):
        assert kind not in KNOWN
        with env.connect() as w:
            w.send(bytes([kind]) + struct.pack("!I", 4))
            fields = ends(w)
            assert fields is None or fields["C"] == "08P01", (kind, fields)


def test_bad_lengths(env):
    for kind in b"QPBDECSHXdcf":
        for length in (0, 3, 0x7fffffff, 0x80000000, 0xffffffff):
            with env.connect() as w:
                w.send(bytes([kind]) + struct.pack("!I", length))
                ends(w)


def test_oversize_message(env):
    """A length above the limit is refused when it is read, not when all of it has come."""
    with env.connect() as w:
        w.send(b"B" + struct.pack("!I", 128 << 20))
        ends(w)


def test_too_long_statement(env):
    with env.connect() as w:
        result = w.simple("SELECT '" + "x" * (1 << 20) + "'")
        is_error(result, "54000", "EZ")
        result = w.extended("SELECT '" + "x" * (1 << 20) + "'")
        is_error(result, "54000", "EZ")
        works(w)


def malformed(env, message, extended=True, states="08P01"):
    """It is a protocol violation; the session either ends or, after the next Sync, is in step."""
    with env.connect() as w:
        w.send(message + (wire.sync() if extended else b""))
        try:
            messages = w.recv_until("Z")
        except wire.Closed:
            return
        kinds = "".join(kind for kind, _ in messages)
        errors = [wire.decode_fields(body) for kind, body in messages if kind == "E"]
        assert kinds.endswith("EZ") and len(errors) == 1, (message, kinds)
        assert errors[0]["C"] in states.split(), (message, errors)
        works(w)


def test_malformed_queries(env):
    for body in (b"", b"SELECT 1", b"SELECT 1\0x", b"SELECT 1\0\0", b"SELECT\0 1\0"):
        malformed(env, wire.message("Q", body), extended=False)


def test_malformed_parse(env):
    for body in (b"", b"s", b"s\0", b"s\0SELECT 1", b"s\0SELECT 1\0", b"s\0SELECT 1\0\0", b"s\0SELECT 1\0\0\1", b"s\0SELECT 1\0\0\1\0\0\0",
                 b"s\0SELECT 1\0\0\0x", b"s\0SELECT 1\0\xff\xff"):
        malformed(env, wire.message("P", body))


def test_malformed_bind(env):
    for body in (b"", b"\0", b"\0\0", b"\0\0\0\0", b"\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0x", b"\0\0\0\1\0", b"\0\0\0\0\0\1\0\0\0\5abc\0\0",
                 b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0", b"\0\0\0\0\0\1\x80\0\0\0\0\0", b"\0\0\0\0\xff\xff\0\0", b"\0\0\0\0\0\0\xff\xff",
                 b"\0\0\0\2\0\0\0\0\0\1\0\0\0\0\0\0"):
        malformed(env, wire.parse("", "SELECT $1::text") + wire.message("B", body), states="08P01 22021")


def test_malformed_others(env):
    for message in (
        wire.message("D", b""), wire.message("D", b"S"), wire.message("D", b"X\0"), wire.message("D", b"S\0x"), wire.message("D", b"\0\0"),
        wire.message("C", b""), wire.message("C", b"P"), wire.message("C", b"X\0"), wire.message("C", b"P\0\0"),
        wire.message("E", b""), wire.message("E", b"\0"), wire.message("E", b"\0\0\0\0"), wire.message("E", b"\0\0\0\0\0x"), wire.message("E", b"p\0\0\0\0\0\0"),
        wire.message("H", b"x"),
    ):
        malformed(env, message)
    malformed(env, wire.message("S", b"x"), extended=False)


def test_function_call(env):
    """Functions by number have no text that could be checked."""
    for oid in (1598, 2626, 0, 0xffffffff):  # random(), pg_sleep(), none
        with env.connect() as w:
            w.send(wire.function_call(oid))
            result = w.result()
            assert result.kinds == "EZ" and result.sqlstate in ("0A000", "42501", "08P01"), result
            works(w)


def test_copy_messages_outside_of_copy(env):
    """As PostgreSQL does: what is left of a COPY that failed is ignored."""
    with env.connect() as w:
        w.send(wire.copy_data(b"1\t2\n") + wire.copy_fail("no") + wire.copy_done() + wire.query("SELECT 1"))
        assert w.result().kinds == "TDCZ"
        works(w)


def test_terminate(env):
    with env.connect() as w:
        w.send(wire.terminate())
        assert w.recv_to_end() == []


def test_terminate_behind_a_query(env):
    with env.connect() as w:
        w.send(wire.query("SELECT 1") + wire.terminate())
        kinds = "".join(kind for kind, _ in w.recv_to_end())
        assert kinds in ("TDCZ", ""), kinds


def test_terminate_inside_of_a_pipeline(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT 1") + wire.bind("", "") + wire.execute() + wire.terminate())
        w.recv_to_end()


def test_end_of_stream_in_the_middle(env):
    message = wire.query("SELECT 1")
    for part in (b"", message[:1], message[:4], message[:5], message[:-1]):
        w = env.connect()
        w.send(part)
        w.sock.shutdown(1)
        assert w.recv_to_end() == [], part
        w.drop()


def test_half_closed_behind_a_query(env):
    """A client that has sent all and only reads gets its answer, or at least an end; nobody waits for ever."""
    w = env.connect()
    w.send(wire.query("SELECT 1"))
    w.sock.shutdown(1)
    kinds = "".join(kind for kind, _ in w.recv_to_end())
    assert kinds in ("TDCZ", ""), kinds
    w.drop()


def test_invalid_utf8(env):
    with env.connect() as w:
        for raw in (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"a\xe4b"):
            w.send(wire.message("Q", b"SELECT '" + raw + b"'\0"))
            is_error(w.result(), "22021", "EZ")
            w.send(wire.message("P", b"\0SELECT '" + raw + b"'\0\0\0") + wire.sync())
            is_error(w.result(), "22021", "EZ")
        works(w)


def test_invalid_utf8_in_a_value(env):
    with env.connect() as w:
        w.send(wire.parse("", "SELECT $1::text") + wire.bind("", "", [b"a\xffb"], [0]) + wire.execute() + wire.sync())
        is_error(w.result(), "22021", "1EZ")
        works(w)


def test_text_of_all_kinds(env):
    text = "ä€𝄞 \t\n\r \\ ' \" \x01\x7f " + "".join(chr(c) for c in range(0x100, 0x180))
    with env.connect() as w:
        assert w.simple("SELECT '" + text.replace("'", "''") + "' AS \"ä€𝄞\"").rows == [(text,)]
        result = w.extended("SELECT $1::text", [text])
        assert result.rows == [(text,)]
        assert w.extended("SELECT $1::text", [text], binary_results=True).rows == [(text.encode(),)]
