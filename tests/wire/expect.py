"""What the tests check again and again."""
import time

import wire


def ends(w, states=None, seconds=12):
    """The peer closes, having said at most one FATAL error, which it must have said when states are given (as one text
    of SQLSTATEs). Nothing else may come: no login, no rows."""
    messages = w.recv_to_end(seconds)
    kinds = "".join(kind for kind, _ in messages)
    assert kinds in ("", "E"), f"came {kinds!r} before the end"
    if states is not None:
        assert kinds == "E", "the connection ended without an error"
    if kinds:
        fields = wire.decode_fields(messages[0][1])
        assert fields["S"] in ("FATAL", "ERROR") and fields["S"] == fields["V"], fields
        assert states is None or fields["C"] in states.split(), fields
        return fields


def refused(action, states):
    """Calling this is refused as a login."""
    try:
        action().end()
    except wire.LoginRefused as error:
        assert error.sqlstate in states.split(), error.fields
        assert error.fields["S"] == "FATAL", error.fields
        return error.fields
    raise AssertionError("it was let in")


def is_error(result, states, kinds=None):
    assert result.sqlstate in states.split(), f"expected {states}, got {result}"
    assert kinds is None or result.kinds == kinds, f"expected {kinds}, got {result.kinds}"


def works(w):
    """The session is alive and in step."""
    result = w.simple("SELECT 42 AS answer")
    assert result.kinds == "TDCZ" and result.rows == [("42",)], result
    result = w.extended("SELECT $1::int4", ["7"])
    assert result.kinds == "1t" "T2TDCZ" and result.rows == [("7",)], result


def is_under_way(env, w):
    """Waits until the statement of this connection runs."""
    with env.connect() as other:
        end = time.monotonic() + wire.PATIENCE
        while other.simple(f"SELECT state FROM pg_stat_activity WHERE pid = {w.pid}").rows != [("active",)]:
            assert time.monotonic() < end, "it does not run"


def asked_for_password(w, seconds=12):
    """The next message offers SASL."""
    kind, body = w.recv(seconds)
    assert kind == "R" and body[:4] == b"\0\0\0\x0a", (kind, body)
    return body[4:-1].rstrip(b"\0").decode().split("\0")
