"""Certificates of clients: which are trusted, whose they are, and what becomes of that at a reload."""
import ssl

import wire
from world import PASSWORD


def test_as_identity(world):
    assert world.both('by_cert', cert='by_cert') == (True, 'by_cert|2')
    assert world.both('by_robot', cert='robot') == (True, 'by_robot|2')
    assert world.both('by_cert') == (False, 'FATAL:  connection requires a valid client certificate')


def test_of_another_name(world):
    """One's own good certificate opens nobody else's account."""
    for user, cert in (('by_cert', 'robot'), ('by_cert', 'upper'), ('by_cert', 'longer'), ('by_robot', 'by_cert'), ('by_robot', 'by_both')):
        assert world.both(user, cert=cert) == (False, 'FATAL:  certificate authentication failed for user "%s"' % user)
    # PostgreSQL takes the first of two common names; here a certificate that says two things says nothing.
    for user in ('by_cert', 'by_both'):
        assert not world.gate(user, cert='two')[0]


def test_of_another_tenant(world):
    """acme's certificates, good as they are, open no account of globex."""
    world.write_policy(tenants={'by_robot': 'globex', 'by_both': 'globex', 'by_dns': 'globex'})
    world.reload()
    assert world.gate('by_robot', cert='robot') == (True, 'by_robot|1')
    assert world.gate('by_cert', cert='by_cert') == (True, 'by_cert|2')
    for user in ('by_robot', 'by_both', 'by_dns'):
        for cert in ('by_cert', 'stranger', 'longer', 'upper', None):
            assert not world.gate(user, PASSWORD, cert=cert)[0], (user, cert)
    world.write_policy()
    world.reload()


def test_that_are_not_trusted(world):
    for cert in ('forged', 'alone', 'expired', 'server'):
        right, words = world.both('by_cert', cert=cert)
        assert not right and words.startswith('SSL error: '), words
        assert not world.gate('by_scram', cert=cert)[0], 'such a certificate ends the handshake, whoever comes'


def test_besides_a_password(world):
    for user in ('by_both', 'by_both_md5'):
        same = world.both if user == 'by_both' else world.gate
        assert same(user, cert='by_both') == (True, user + '|2')
        wrong = (False, 'FATAL:  password authentication failed for user "%s"' % user)
        assert same(user, 'x', cert='by_both') == wrong
        assert same(user, PASSWORD, cert='robot') == wrong
        assert same(user, 'x', cert='robot') == wrong
        assert same(user, PASSWORD) == (False, 'FATAL:  connection requires a valid client certificate')


def test_passwords_cannot_be_tried_without_one(world):
    """The right password and a wrong one are answered alike, before they are sent."""
    w, (kind, body) = world.asked('by_both')
    assert kind == 'E' and wire.decode_fields(body)['C'] == '28000'
    w.drop()


def test_where_none_is_needed(world):
    """Whoever has one may show it."""
    assert world.both('by_scram', cert='by_cert') == (True, 'by_scram|2')
    assert world.both('by_clear', cert='by_cert') == (True, 'by_clear|2')


def test_alternative_names(world):
    for user in ('by_dns', 'by_uri', 'by_email', 'by_dn'):
        assert world.gate(user, cert='names') == (True, user + '|2'), user
        assert not world.gate(user, cert='by_cert')[0]
    assert not world.gate('by_cert', cert='names')[0]


def test_direct_tls(world):
    """The certificate counts however TLS began."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(['postgresql'])
    context.load_cert_chain(world.path('by_cert.crt'), world.path('by_cert.key'))
    w = world.raw()
    w.sock = context.wrap_socket(w.sock, server_hostname='localhost')
    w.login('by_cert', '', 'analytics')
    assert w.simple('SELECT count(*) FROM items').rows == [('2',)]
    w.end()


def test_revoked_by_reload(world):
    """A list of revoked certificates counts from the reload on; who is logged in stays."""
    world.clients.issue('leaver', '/CN=by_cert')
    with tls_client(world, 'by_cert', 'leaver') as logged_in:
        world.clients.revoke('leaver')
        assert world.gate('by_cert', cert='leaver')[0]
        world.reload()
        right, words = world.gate('by_cert', cert='leaver')
        assert not right and 'revoked' in words, words
        assert world.gate('by_cert', cert='by_cert')[0]
        assert logged_in.simple('SELECT count(*) FROM items').rows == [('2',)]


def tls_client(world, user, cert, secret=''):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(world.path(cert + '.crt'), world.path(cert + '.key'))
    w = world.raw()
    w.send(wire.ssl_request())
    assert w.recv_bytes(1) == b'S'
    w.sock, w.tls = context.wrap_socket(w.sock, server_hostname='localhost'), True
    w.login(user, secret, 'analytics')
    return w


def test_other_roots_by_reload(world):
    world.write_config(', client_ca: strangers.crt')
    world.reload()
    assert world.gate('by_cert', cert='forged') == (True, 'by_cert|2')
    assert not world.gate('by_cert', cert='by_cert')[0]
    world.write_config()
    world.reload()
    assert not world.gate('by_cert', cert='forged')[0]
    assert world.gate('by_cert', cert='by_cert')[0]


def test_files_that_are_none(world):
    """Such a reload changes nothing."""
    for client in (', client_ca: schema.sql', ', client_ca: clients.crt, client_crl: schema.sql', ', client_ca: clients.key'):
        world.write_config(client)
        failed = world.headgate.output().count('reload of')
        world.headgate.signal(1)
        world.until(lambda: world.headgate.output().count('reload of') > failed)
        assert world.gate('by_cert', cert='by_cert')[0]
    said = world.headgate.output()
    assert 'cannot use the file of clients\' roots' in said and 'cannot use the file of revoked certificates' in said, said[-1500:]
    world.write_config()
    world.reload()
