"""The first packet: how it may come, what it may say, and what happens to everything else."""
import os
import struct
import time

import wire
from expect import asked_for_password, ends, is_under_way, refused, works

REPORTED = {
    "application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby",
    "integer_datetimes", "IntervalStyle", "is_superuser", "server_encoding", "server_version",
    "session_authorization", "standard_conforming_strings", "TimeZone",
}


def test_split_in_two_at_every_byte(env):
    packet = env.startup_packet()
    for at in range(1, len(packet)):
        with env.raw() as w:
            w.send(packet[:at])
            time.sleep(0.003)
            w.send(packet[at:])
            asked_for_password(w)


def test_byte_by_byte(env):
    with env.raw() as w:
        w.send(env.startup_packet(application_name="drip"), chunk=1)
        w.authenticate(env.user, env.password)
        assert w.parameters["application_name"] == "drip"
        works(w)


def test_bad_lengths(env):
    for length in (0, 1, 3, 4, 7, 10005, 65536, 0x7fffffff, 0x80000000, 0xffffffff):
        with env.raw() as w:
            w.send(struct.pack("!I", length) + struct.pack("!I", wire.PROTOCOL_3_0))
            ends(w)


def test_largest_packet(env):
    """10,000 bytes of parameters are read; what they say is another matter."""
    fill = "x" * 9000
    with env.raw() as w:
        w.send(env.startup_packet(application_name=fill))
        w.authenticate(env.user, env.password)
        assert w.parameters["application_name"] == fill[:63], w.parameters["application_name"]


def test_malformed_parameters(env):
    version = struct.pack("!I", wire.PROTOCOL_3_0)
    for body in (b"", b"user", b"user\0", b"user\0ann", b"user\0ann\0", b"user\0ann\0database\0\0", b"user\0ann\0\0x", b"user\0ann\0\0\0"):
        with env.raw() as w:
            w.send(wire.packet(version + body))
            fields = ends(w)
            assert fields is None or fields["C"] == "08P01", (body, fields)


def test_junk(env):
    for junk in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(600), b"\xff" * 100,
                 b"SSH-2.0-OpenSSH_9.2\r\n", b"Q\0\0\0\rSELECT 1\0"):
        with env.raw() as w:
            w.send(junk)
            ends(w)


def test_peers_that_go_away(env):
    packet = env.startup_packet()
    for part in (b"", packet[:2], packet[:10], packet):
        w = env.raw()
        w.send(part)
        w.drop()
    with env.raw() as w:
        w.send(packet)
        asked_for_password(w)


def test_other_protocol_versions(env):
    for major, minor in ((4, 0), (5, 3), (1234, 1), (0x7fff, 0)):
        with env.raw() as w:
            w.send(wire.startup({"user": env.user, "database": env.database}, major << 16 | minor))
            ends(w, "0A000 08P01")
    with env.raw() as w:  # before 3.0 errors had another form
        w.send(wire.startup({"user": env.user}, 2 << 16))
        try:
            while True:
                w.recv_bytes(1)
        except wire.Closed:
            pass


def negotiated(env, params, version):
    """The NegotiateProtocolVersion that this login got: the version and the names, or None."""
    with env.raw() as w:
        messages = w.login(env.user, env.password, env.database, params, version)
        works(w)
    answers = [(at, body) for at, (kind, body) in enumerate(messages) if kind == "v"]
    if not answers:
        return None
    assert len(answers) == 1 and answers[0][0] == 0, "it comes once, and first"
    version, count = struct.unpack_from("!II", answers[0][1])
    names = answers[0][1][8:].split(b"\0")
    assert names.pop() == b"" and len(names) == count
    return version, [name.decode() for name in names]


def test_newer_minor_versions(env):
    assert negotiated(env, {}, wire.PROTOCOL_3_0) is None
    assert negotiated(env, {}, wire.PROTOCOL_3_0 + 2) is None
    assert negotiated(env, {}, wire.PROTOCOL_3_0 + 3) == (wire.PROTOCOL_3_0 + 2, [])
    assert negotiated(env, {}, wire.PROTOCOL_3_0 + 9999) == (wire.PROTOCOL_3_0 + 2, [])


def test_length_of_cancel_keys(env):
    """4 bytes as ever; 32 from protocol 3.2 on. Both cancel."""
    for minor, length in ((0, 4), (1, 4), (2, 32), (99, 32)):
        with env.raw() as w:
            w.login(env.user, env.password, env.database, version=wire.PROTOCOL_3_0 + minor)
            assert len(w.secret) == length, (minor, w.secret)
            w.send(wire.query("SELECT count(*) FROM generate_series(1, 1000000000)"))
            is_under_way(env, w)
            for secret in (w.secret[:-1], w.secret + b"\0", w.secret[:4] if length > 4 else w.secret * 8):
                with env.raw() as other:
                    other.send(wire.cancel_request(w.pid, secret))
                    other.recv_to_end()
            assert w.is_silent(0.3), "a wrong key cancelled"
            with env.raw() as other:
                other.send(wire.cancel_request(w.pid, w.secret))
                assert other.recv_to_end() == []
            assert w.result().sqlstate == "57014"


def test_protocol_options(env):
    assert negotiated(env, {"_pq_.compression": "zstd"}, wire.PROTOCOL_3_0) == (wire.PROTOCOL_3_0, ["_pq_.compression"])
    assert negotiated(env, {"_pq_.b": "", "application_name": "x", "_pq_.a": "1"}, wire.PROTOCOL_3_0 + 2) == (
        wire.PROTOCOL_3_0 + 2, ["_pq_.b", "_pq_.a"])


def test_replication(env):
    """As a private PostgreSQL answers those who have no right to it."""
    for value in ("database", "true", "on", "1"):
        fields = refused(lambda: env.connect(params={"replication": value}), "42501")
        assert fields["M"] == "must be superuser or replication role to start walsender", fields
    for value in ("false", "off"):
        with env.connect(params={"replication": value}) as w:
            works(w)


def test_no_user(env):
    with env.raw() as w:
        w.send(wire.startup({"database": env.database}))
        ends(w, "28000")
    with env.raw() as w:
        w.send(wire.startup({"user": "", "database": env.database}))
        ends(w, "28000")


def test_database(env):
    """Another database does not exist, and a missing name means the user's own."""
    def to(database):
        return wire.connect(env.host, env.port, env.user, env.password, database)
    assert refused(lambda: to("nonesuch"), "3D000")["M"] == 'database "nonesuch" does not exist'
    assert refused(lambda: to(None), "3D000")["M"] == f'database "{env.user}" does not exist'
    assert refused(lambda: to(env.database + "x"), "3D000")
    assert refused(lambda: to(env.database.upper()), "3D000")


def test_database_tells_nothing_before_the_password(env):
    """Who cannot log in does not learn which databases there are."""
    texts = set()
    for database in (env.database, "nonesuch"):
        fields = refused(lambda: wire.connect(env.host, env.port, env.user, "wrong", database), "28P01")
        texts.add(fields["M"])
    assert len(texts) == 1, texts


def test_order_and_repetition_of_parameters(env):
    for pairs in ([("database", env.database), ("user", env.user)],
                  [("user", "somebody_else"), ("application_name", "a"), ("database", env.database), ("user", env.user)]):
        with env.raw() as w:
            w.send(wire.startup(pairs))
            w.authenticate(env.user, env.password)
            works(w)


def test_unknown_parameter(env):
    fields = refused(lambda: env.connect(params={"no_such_setting": "1"}), "42704")
    assert fields["M"] == 'unrecognized configuration parameter "no_such_setting"'


def test_bad_values_of_parameters(env):
    for name, value in (("TimeZone", "Mars/Olympus"), ("DateStyle", "sideways"), ("statement_timeout", "soon")):
        refused(lambda: env.connect(params={name: value}), "22023")


def test_reported_parameters(env):
    with env.connect(params={"application_name": "probe", "TimeZone": "Europe/Berlin"}) as w:
        assert REPORTED <= set(w.parameters), REPORTED - set(w.parameters)
        assert w.parameters["application_name"] == "probe"
        assert w.parameters["TimeZone"] == "Europe/Berlin"
        assert w.parameters["session_authorization"] == env.user
        assert w.parameters["is_superuser"] == "off"
        assert w.parameters["client_encoding"] == "UTF8"
        assert w.parameters["standard_conforming_strings"] == "on"
        assert w.pid and len(w.secret) == 4


def test_client_encoding(env):
    for value in ("UTF8", "utf-8", "unicode", "'utf-8'"):
        with env.connect(params={"client_encoding": value}) as w:
            assert w.parameters["client_encoding"] == "UTF8", value
    for value in ("LATIN1", "SQL_ASCII", "nonesuch"):
        refused(lambda: env.connect(params={"client_encoding": value}), "0A000 22023 55P02")


def test_cancel_with_a_wrong_key(env):
    """Silence, whatever the key; the session that was named does not notice."""
    with env.connect() as w:
        for pid, secret in ((w.pid, os.urandom(4)), (w.pid + 1, w.secret), (0, b"\0\0\0\0"), (-1, os.urandom(32))):
            with env.raw() as other:
                other.send(wire.cancel_request(pid, secret))
                assert other.recv_to_end() == []
        for body in (b"", b"\0\0", struct.pack("!i", w.pid), struct.pack("!i", w.pid) + b"abc", struct.pack("!i", w.pid) + b"x" * 300):
            with env.raw() as other:
                other.send(wire.packet(struct.pack("!I", wire.CANCEL_REQUEST) + body))
                ends(other)
        works(w)


def test_slow_logins(env):
    """Whoever does not log in in time is sent away, at whatever point he stopped."""
    packet = env.startup_packet()
    stalled = [env.raw() for _ in range(4)]
    stalled[1].send(packet[:3])
    stalled[2].send(packet[:-1])
    stalled[3].send(packet)
    asked_for_password(stalled[3])
    began, dripped = time.monotonic(), env.raw()
    while time.monotonic() - began < env.login_timeout + 1:  # a byte now and then buys no time
        try:
            dripped.send(packet[:1] if dripped.sock.fileno() >= 0 else b"")
            packet = packet[1:]
        except wire.Closed:
            break
        time.sleep(env.login_timeout / 20)
    for w in stalled + [dripped]:
        ends(w, seconds=env.login_timeout + 25)
        w.drop()
    assert time.monotonic() - began < env.login_timeout + 25
