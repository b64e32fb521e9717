"""SSLRequest and GSSENCRequest, the handshake, and bytes that try to get in before it."""
import hashlib
import os
import ssl
import struct

import wire
from expect import asked_for_password, ends, works


def test_answers(env):
    with env.raw() as w:
        w.send(wire.ssl_request())
        assert w.recv_bytes(1) in b"SN"
    with env.raw() as w:
        w.send(wire.gssenc_request())
        assert w.recv_bytes(1) == b"N"


def test_requests_byte_by_byte(env):
    with env.raw() as w:
        w.send(wire.gssenc_request(), chunk=1)
        assert w.recv_bytes(1) == b"N"
        w.send(wire.ssl_request(), chunk=1)
        assert w.recv_bytes(1) in b"SN"


def test_gssenc_then_plain(env):
    with env.raw() as w:
        w.send(wire.gssenc_request())
        assert w.recv_bytes(1) == b"N"
        w.send(env.startup_packet())
        w.authenticate(env.user, env.password)
        works(w)


def test_gssenc_then_tls(env):
    with env.raw() as w:
        w.send(wire.gssenc_request())
        assert w.recv_bytes(1) == b"N"
        w.send(wire.ssl_request())
        if w.recv_bytes(1) == b"S":
            w.start_tls()
        w.login(env.user, env.password, env.database)
        works(w)


def test_requests_without_end(env):
    """They cannot be repeated for ever."""
    with env.raw() as w:
        for _ in range(20):
            try:
                w.send(wire.gssenc_request())
                if w.recv_bytes(1) != b"N":
                    break
            except wire.Closed:
                return
        else:
            raise AssertionError("20 GSSENCRequests were answered")


def test_requests_with_a_body(env):
    for code in (wire.SSL_REQUEST, wire.GSSENC_REQUEST):
        with env.raw() as w:
            w.send(wire.packet(struct.pack("!I", code) + b"more"))
            ends(w)


def offered(w):
    """Was TLS offered? A connection that is closed with bytes unread may end before the answer was read."""
    try:
        return w.recv_bytes(1) == b"S"
    except wire.Closed:
        return False


def test_bytes_behind_the_request(env):
    """A startup packet in clear that comes with the SSLRequest must not be taken as one that came through TLS."""
    with env.raw() as w:
        w.send(wire.ssl_request() + env.startup_packet())
        if offered(w):
            ends(w)
    with env.raw() as w:
        w.send(wire.ssl_request() + b"\x16")
        if offered(w):
            ends(w)


def test_login_over_tls(env):
    if not env.offers_tls():
        return
    with env.connect(tls=True) as w:
        assert w.sock.version() in ("TLSv1.2", "TLSv1.3")
        works(w)
        assert len(w.simple("SELECT repeat('x', 100000)").rows[0][0]) == 100000
        assert len(w.simple("SELECT '" + "y" * 100000 + "'").rows[0][0]) == 100000


def end_point(w):
    """tls-server-end-point: the SHA-256 of the certificate, which is signed with SHA-256 in these tests."""
    return hashlib.sha256(w.sock.getpeercert(True)).digest()


def scram_over_tls(env, mechanism, scram):
    """The last message of a login: R when it was let in."""
    with env.raw(tls=True) as w:
        w.send(env.startup_packet())
        assert asked_for_password(w) == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]
        if scram.header.startswith("p=") and scram.binding is None:
            scram.binding = end_point(w)
        w.send(wire.sasl_initial(mechanism, scram.first()))
        kind, body = w.recv()
        if kind == "R":
            w.send(wire.sasl_response(scram.final(body[4:])))
            kind, body = w.recv()
        if kind == "R":
            scram.verify(body[4:])
            w.recv_until("Z")
            works(w)
        return kind


def test_channel_binding(env):
    """Offered under TLS only. A client that is bound to another certificate, or was told that there is no binding, is refused."""
    with env.raw() as w:
        w.send(env.startup_packet())
        assert asked_for_password(w) == ["SCRAM-SHA-256"]
    assert env.offers_tls(), "these tests need a proxy with a certificate"
    bound = "p=tls-server-end-point"
    assert scram_over_tls(env, "SCRAM-SHA-256", wire.Scram(env.password, "n")) == "R"
    assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", wire.Scram(env.password, bound)) == "R"
    assert scram_over_tls(env, "SCRAM-SHA-256", wire.Scram(env.password, "y")) == "E", "somebody in between took -PLUS away"
    assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", wire.Scram(env.password, "n")) == "E"
    assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", wire.Scram(env.password, "y")) == "E"
    assert scram_over_tls(env, "SCRAM-SHA-256", wire.Scram(env.password, bound)) == "E"
    assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", wire.Scram(env.password, "p=tls-unique")) == "E"
    assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", wire.Scram("wrong" + env.password, bound)) == "E"
    for other in (b"", b"\0" * 32, b"\1" * 31, b"\1" * 64):
        scram = wire.Scram(env.password, bound)
        scram.binding = other
        assert scram_over_tls(env, "SCRAM-SHA-256-PLUS", scram) == "E", other


def direct(env, protocols):
    """A connection that begins with the handshake, and names these protocols."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    w = env.raw()
    w.sock = context.wrap_socket(w.sock, server_hostname=env.host)
    w.tls = True
    return w


def test_direct_tls(env):
    for protocols in (["postgresql"], ["h2", "postgresql"]):
        with direct(env, protocols) as w:
            assert w.sock.selected_alpn_protocol() == "postgresql"
            w.login(env.user, env.password, env.database)
            works(w)
    with direct(env, ["postgresql"]) as w:  # TLS within TLS is none
        w.send(wire.ssl_request())
        ends(w, "08P01")
    for protocols in ([], ["h2"], ["http/1.1", "postgres"]):
        try:
            with direct(env, protocols) as w:
                w.send(env.startup_packet())
                ends(w)
        except OSError:  # refused in the handshake
            pass


def test_alpn_after_a_request(env):
    """Whoever asks for TLS first need not name the protocol, but must not name others only."""
    for protocols, good in (([], True), (["postgresql"], True), (["h2"], False)):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if protocols:
            context.set_alpn_protocols(protocols)
        with env.raw() as w:
            w.send(wire.ssl_request())
            assert w.recv_bytes(1) == b"S"
            try:
                w.sock = context.wrap_socket(w.sock, server_hostname=env.host)
            except OSError:
                assert not good
                continue
            assert good
            w.login(env.user, env.password, env.database)
            works(w)


def test_handshake_byte_by_byte(env):
    if not env.offers_tls():
        return
    with env.raw() as w:
        w.send(wire.ssl_request())
        assert w.recv_bytes(1) == b"S"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=env.host)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                w.send(outgoing.read(), chunk=1, pause=0)
                incoming.write(w.sock.recv(65536))
        tls.write(env.startup_packet())
        w.send(outgoing.read(), chunk=1, pause=0)
        while True:
            try:
                assert tls.read(1) == b"R"
                break
            except ssl.SSLWantReadError:
                incoming.write(w.sock.recv(65536))


def test_junk_for_a_handshake(env):
    if not env.offers_tls():
        return
    for junk in (env.startup_packet(), b"\0" * 100, os.urandom(300), b"\x16\x03\x01\xff\xff" + b"\0" * 100):
        with env.raw() as w:
            w.send(wire.ssl_request())
            assert w.recv_bytes(1) == b"S"
            w.send(junk)
            rest = b""
            try:
                while True:
                    rest += w.recv_bytes(1)
            except wire.Closed:
                pass
            assert len(rest) < 20 and not rest.startswith(b"R"), rest  # at most a TLS alert


def test_tls_inside_tls(env):
    if not env.offers_tls():
        return
    with env.raw(tls=True) as w:
        w.send(wire.ssl_request())
        try:
            assert w.recv_bytes(1) != b"S"
        except wire.Closed:
            return


def test_cancel_over_tls(env):
    if not env.offers_tls():
        return
    with env.raw(tls=True) as w:
        w.send(wire.cancel_request(1, b"1234"))
        assert w.recv_to_end() == []
