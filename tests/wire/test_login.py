"""Passwords: right, wrong and of nobody; every message of the exchange bent in some way."""
import struct
import time

import wire
from expect import asked_for_password, ends, refused, works
from suite import same_time


def started(env, user=None):
    """Where the server waits for the client's first SASL message."""
    w = env.raw()
    w.send(wire.startup({"user": user or env.user, "database": env.database}))
    asked_for_password(w)
    return w


def challenged(env, user=None):
    """Where it waits for the second one: the connection, the client, and server-first."""
    w, scram = started(env, user), wire.Scram(env.password)
    w.send(wire.sasl_initial("SCRAM-SHA-256", scram.first()))
    kind, body = w.recv()
    assert kind == "R" and body[:4] == b"\0\0\0\x0b", (kind, body)
    return w, scram, body[4:]


def test_messages_split_in_two_at_every_byte(env):
    at = 1
    while True:
        w, scram = started(env), wire.Scram(env.password)
        first = wire.sasl_initial("SCRAM-SHA-256", scram.first())
        w.send(first[:at % len(first)])
        time.sleep(0.002)
        w.send(first[at % len(first):])
        final = wire.sasl_response(scram.final(w.recv()[1][4:]))
        w.send(final[:at])
        time.sleep(0.002)
        w.send(final[at:])
        kinds = "".join(kind for kind, _ in w.recv_until("Z"))
        assert kinds.startswith("RR") and kinds.endswith("Z"), (at, kinds)
        w.end()
        at += 1
        if at >= len(final):
            return


def test_second_user(env):
    with wire.connect(env.host, env.port, env.user2, env.password2, env.database) as w:
        assert w.simple("SELECT current_user").rows == [(env.user2,)]


def test_wrong_passwords(env):
    for secret in ("wrong", "", env.password + "x", env.password[:-1], env.password.upper()):
        fields = refused(lambda: wire.connect(env.host, env.port, env.user, secret, env.database), "28P01")
        assert fields["M"] == f'password authentication failed for user "{env.user}"', fields


def transcript(env, user, secret):
    """All that a failed login shows, without the user's name and what is random."""
    w, shown = env.raw(), []
    try:
        w.send(wire.startup({"user": user, "database": env.database}))
        w.authenticate(user, secret)
    except wire.LoginRefused as error:
        shown = sorted((k, v.replace(user, "<user>")) for k, v in error.fields.items())
    return shown


def test_unknown_user_looks_like_a_wrong_password(env):
    unknown = transcript(env, "nobody_of_that_name", "wrong")
    assert unknown == transcript(env, env.user, "wrong"), unknown
    assert ("C", "28P01") in unknown, unknown


def parts_of(server_first):
    return dict(part.split("=", 1) for part in server_first.decode().split(","))


def test_unknown_user_gets_the_same_challenge(env):
    """The same form as a real user's, and the same salt each time, as a real user's."""
    known = [parts_of(challenged(env)[2]) for _ in range(2)]
    unknown = [parts_of(challenged(env, "nobody_of_that_name")[2]) for _ in range(2)]
    other = parts_of(challenged(env, "somebody_else")[2])
    assert known[0]["s"] == known[1]["s"] and unknown[0]["s"] == unknown[1]["s"]
    assert len({known[0]["s"], unknown[0]["s"], other["s"]}) == 3
    assert known[0]["i"] == unknown[0]["i"]
    assert [len(part) for part in known[0].values()] == [len(part) for part in unknown[0].values()]
    assert known[0].keys() == unknown[0].keys()
    assert known[0]["r"] != known[1]["r"]


def test_unknown_user_takes_the_same_time(env):
    def seconds(user):
        w, scram, first = challenged(env, user)
        scram.secret = b"wrong"
        final = wire.sasl_response(scram.final(first))
        began = time.perf_counter()
        w.send(final)
        assert w.recv()[0] == "E"
        taken = time.perf_counter() - began
        w.drop()
        return taken

    same_time(lambda: seconds(env.user), lambda: seconds("nobody_of_that_name"))


def test_first_messages_that_are_refused(env):
    for message in (
        wire.sasl_initial("SCRAM-SHA-256-PLUS", b"p=tls-server-end-point,,n=,r=abcdefgh"),
        wire.sasl_initial("SCRAM-SHA-1", b"n,,n=,r=abcdefgh"),
        wire.sasl_initial("", b"n,,n=,r=abcdefgh"),
        wire.sasl_initial("SCRAM-SHA-256", b"p=tls-server-end-point,,n=,r=abcdefgh"),
        wire.sasl_initial("SCRAM-SHA-256", b"n,a=admin,n=,r=abcdefgh"),
        wire.sasl_initial("SCRAM-SHA-256", b"n,,m=x,n=,r=abcdefgh"),
        wire.sasl_initial("SCRAM-SHA-256", b"n,,n=,r="),
        wire.sasl_initial("SCRAM-SHA-256", b"n,,n="),
        wire.sasl_initial("SCRAM-SHA-256", b"n,,n=,r=a\0b"),
        wire.sasl_initial("SCRAM-SHA-256", b"\xff" * 200),
        wire.sasl_initial("SCRAM-SHA-256", b"n,,n=,r=" + b"a" * 5000),
        wire.message("p", b"SCRAM-SHA-256\0\0\0\0\x05n,,"),
        wire.message("p", b"SCRAM-SHA-256\0\xff\xff\xff\xfen,,"),
        wire.message("p", b"SCRAM-SHA-256\0\x7f\xff\xff\xffn,,"),
        wire.message("p", b"SCRAM-SHA-256"),
        wire.message("p", b""),
        wire.password(env.password),
        wire.password("md5" + "0" * 32),
    ):
        with started(env) as w:
            w.send(message)
            answers = "".join(kind for kind, _ in w.recv_to_end())
            assert answers in ("E", ""), (message, answers)


def test_last_messages_that_are_refused(env):
    def bent(scram, first):
        final = scram.final(first).decode()
        without_proof, proof = final.rsplit(",p=", 1)
        nonce = parts_of(first)["r"]
        return (
            without_proof,
            without_proof + ",",
            without_proof + ",p=",
            without_proof + ",p=AAAA",
            without_proof + ",p=" + proof[:-4],
            without_proof + ",p=" + "A" * 43 + "=",
            final + ",",
            final + ",x=y",
            final + "\0",
            final.replace("c=biws", "c=eSws"),
            final.replace("c=biws", "c=cD10bHMtdW5pcXVlLCw="),
            final.replace("c=biws,", ""),
            final.replace(nonce, nonce + "x"),
            final.replace(nonce, nonce[:-1]),
            final.replace(nonce, ""),
            final.replace("r=", "q="),
            "",
        )
    w, scram, first = challenged(env)
    count = len(bent(scram, first))
    w.drop()
    for which in range(count):
        w, scram, first = challenged(env)
        message = bent(scram, first)[which]
        w.send(wire.sasl_response(message.encode()))
        try:
            answers = "".join(kind for kind, _ in w.recv_to_end())
        except wire.TimedOut:
            answers = "no end"
        assert answers in ("E", ""), (message, answers)
        w.drop()


def test_replayed_exchange(env):
    """What one login sent does not open another one."""
    w, scram, first = challenged(env)
    final = scram.final(first)
    w.send(wire.sasl_response(final))
    assert w.recv_until("ZE")[-1][0] == "Z"
    w.end()
    with started(env) as w:
        w.send(wire.sasl_initial("SCRAM-SHA-256", scram.first()))
        assert w.recv()[0] == "R"
        w.send(wire.sasl_response(final))
        ends(w)


def test_other_messages_instead_of_a_password(env):
    for message in (wire.query("SELECT 1"), wire.parse("", "SELECT 1") + wire.sync(), wire.sync(), wire.terminate(), wire.flush(),
                    wire.copy_data(b"x"), wire.message("\0"), wire.message("R", struct.pack("!I", 0))):
        with started(env) as w:
            w.send(message)
            ends(w)
        w, _, _ = challenged(env)
        w.send(message)
        ends(w)
        w.drop()


def test_lengths_before_the_login(env):
    """Nobody who has not logged in makes the proxy wait for, or make room for, a long message."""
    for length in (0, 3, 0x100000, 0x7fffffff, 0xffffffff):
        with started(env) as w:
            w.send(b"p" + struct.pack("!I", length))
            ends(w)


def test_requests_behind_the_last_message(env):
    """Some drivers do not wait for AuthenticationOk."""
    for more, expected in ((wire.flush(), ""), (wire.query("SELECT 1"), "TDCZ")):
        w, scram, first = challenged(env)
        w.send(wire.sasl_response(scram.final(first)) + more)
        assert w.recv_until("ZE")[-1][0] == "Z"
        if expected:
            assert w.result().kinds == expected
        works(w)
        w.end()


def test_scram_variants_of_clients(env):
    """Names in the message are ignored; a client that could bind, but sees no -PLUS, says y."""
    for flag, user in (("n", ""), ("n", "*"), ("n", "somebody"), ("y", "")):
        with started(env) as w:
            scram = wire.Scram(env.password, flag, user)
            w.send(wire.sasl_initial("SCRAM-SHA-256", scram.first()))
            w.send(wire.sasl_response(scram.final(w.recv()[1][4:])))
            kind, body = w.recv()
            assert kind == "R" and body[:4] == b"\0\0\0\x0c", (flag, user, kind, body)
            scram.verify(body[4:])
            w.recv_until("Z")


def test_hostile_names(env):
    for user in ("'; DROP TABLE users; --", "a" * 5000, "ä" * 100, "\xff\xfe", "nobody\n[root]", '"', "%s%n", env.user + " ", env.user.upper()):
        raw = user.encode("latin1") if user == "\xff\xfe" else user.encode()
        w = env.raw()
        w.send(wire.startup([("user", raw), ("database", env.database)]))
        try:
            w.authenticate(env.user, env.password)
            raise AssertionError(f"{user!r} was let in")
        except (wire.LoginRefused, wire.Closed):
            pass
        w.drop()
