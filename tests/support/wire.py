"""A PostgreSQL client at the level of bytes, for tests: it hides nothing and repairs nothing.

    with connect("127.0.0.1", 6432, "alice", "secret", "analytics") as w:
        result = w.simple("SELECT 1 AS one; SELECT 'a'")
        result.statements[0].columns[0].name, result.statements[0].rows     # 'one', [('1',)]
        result = w.extended("SELECT $1::int + 1", ["41"], binary_results=True)
        result.rows                                                          # [(b'\\0\\0\\0*',)]

A value is None, a str when it came in text format, or bytes when it came in binary format. An error of the server
is not an exception but Result.error, a dict by field letter (C sqlstate, M message, D, H, P …); only a refused
login, a closed connection, and silence beyond the timeout are exceptions.

Below that, the functions query(), parse(), bind() … build single messages, Wire.send() sends any bytes, and
Wire.recv() gives one message as (type, body); Wire(host, port) alone opens a socket and sends nothing.
Standard library only.
"""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import time
from collections import namedtuple

PROTOCOL_3_0 = 196608
SSL_REQUEST, GSSENC_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102

Column = namedtuple("Column", "name type_oid typmod format table_oid attnum type_len")


class WireError(Exception):
    """Whatever keeps the conversation from going on."""


class Closed(WireError):
    """The peer closed the connection, or it broke."""


PATIENCE = 40.0  # seconds until an answer counts as one that does not come: more than a machine under load takes


class TimedOut(WireError):
    """Nothing came for as long as we wait."""


class LoginRefused(WireError):
    """An ErrorResponse before the first ReadyForQuery."""

    def __init__(self, fields):
        super().__init__(f"{fields.get('C')}: {fields.get('M')}")
        self.fields, self.sqlstate, self.message = fields, fields.get("C"), fields.get("M")


# ---- building messages ----

def cstr(text):
    return (text if isinstance(text, bytes) else text.encode("utf8", "surrogateescape")) + b"\0"


def message(kind, body=b""):
    return kind.encode("latin1") + struct.pack("!I", len(body) + 4) + body


def packet(body):
    """A message without a type byte, as the first one of a connection is."""
    return struct.pack("!I", len(body) + 4) + body


def startup(params, version=PROTOCOL_3_0):
    """params: a dict or a list of pairs."""
    pairs = params.items() if isinstance(params, dict) else params
    return packet(struct.pack("!I", version) + b"".join(cstr(n) + cstr(v) for n, v in pairs) + b"\0")


def ssl_request():
    return packet(struct.pack("!I", SSL_REQUEST))


def gssenc_request():
    return packet(struct.pack("!I", GSSENC_REQUEST))


def cancel_request(pid, secret):
    return packet(struct.pack("!Ii", CANCEL_REQUEST, pid) + secret)


def query(sql):
    return message("Q", cstr(sql))


def parse(name, sql, oids=()):
    return message("P", cstr(name) + cstr(sql) + struct.pack(f"!H{len(oids)}I", len(oids), *oids))


def bind(portal, statement, values=(), formats=None, result_formats=()):
    """A value is None, str (text) or bytes; formats: a list of 0 and 1, by default text for str and binary for bytes."""
    if formats is None:
        formats = [1 if isinstance(value, bytes) else 0 for value in values]
    body = cstr(portal) + cstr(statement) + struct.pack(f"!H{len(formats)}H", len(formats), *formats)
    body += struct.pack("!H", len(values))
    for value in values:
        raw = value.encode("utf8") if isinstance(value, str) else value
        body += struct.pack("!i", -1) if raw is None else struct.pack("!i", len(raw)) + raw
    return message("B", body + struct.pack(f"!H{len(result_formats)}H", len(result_formats), *result_formats))


def describe(kind, name=""):
    """kind: "S" for a statement, "P" for a portal; likewise close()."""
    return message("D", kind.encode() + cstr(name))


def close(kind, name=""):
    return message("C", kind.encode() + cstr(name))


def execute(portal="", max_rows=0):
    return message("E", cstr(portal) + struct.pack("!i", max_rows))


def sync():
    return message("S")


def flush():
    return message("H")


def terminate():
    return message("X")


def password(text):
    return message("p", cstr(text))


def sasl_initial(mechanism, data):
    body = struct.pack("!i", -1) if data is None else struct.pack("!i", len(data)) + data
    return message("p", cstr(mechanism) + body)


def sasl_response(data):
    return message("p", data)


def function_call(oid, values=()):
    body = struct.pack("!IHHH", oid, 1, 0, len(values))
    for value in values:
        body += struct.pack("!i", len(value)) + value
    return message("F", body + struct.pack("!H", 0))


def copy_data(data):
    return message("d", data)


def copy_done():
    return message("c")


def copy_fail(reason):
    return message("f", cstr(reason))


# ---- reading messages ----

def decode_text(raw):
    return raw.decode("utf8", "surrogateescape")


def decode_fields(body):
    """The fields of an ErrorResponse or NoticeResponse."""
    return {chr(part[0]): decode_text(part[1:]) for part in body.split(b"\0") if part}


def decode_columns(body):
    (count,) = struct.unpack_from("!H", body)
    at, columns = 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        table_oid, attnum, oid, length, typmod, form = struct.unpack_from("!IhIhih", body, end + 1)
        columns.append(Column(decode_text(body[at:end]), oid, typmod, form, table_oid, attnum, length))
        at = end + 19
    if at != len(body):
        raise WireError("bytes behind a RowDescription")
    return columns


def decode_values(body):
    """A DataRow's values as bytes or None."""
    (count,) = struct.unpack_from("!H", body)
    at, values = 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        values.append(None if length < 0 else body[at:at + length])
        at += max(length, 0)
    if at != len(body):
        raise WireError("bytes behind a DataRow")
    return values


def decode_row(body, columns):
    values = decode_values(body)
    formats = [column.format for column in columns or []]
    if len(formats) != len(values):
        formats = [1] * len(values)
    return tuple(v if v is None or form else decode_text(v) for v, form in zip(values, formats))


class Statement:
    """What one statement answered. columns: None when no RowDescription came. tag: of CommandComplete, else None."""

    def __init__(self, columns=None):
        self.columns, self.rows, self.tag = columns, [], None
        self.empty = self.suspended = False  # EmptyQueryResponse, PortalSuspended
        self.copied = []                     # CopyData to us

    def __repr__(self):
        names = None if self.columns is None else [c.name for c in self.columns]
        return f"<{self.tag or 'no tag'} columns={names} rows={len(self.rows)}>"


class Result:
    """All messages up to a ReadyForQuery, sorted. The properties rows, columns and tag are those of the last statement."""

    def __init__(self):
        self.statements, self.notices, self.parameters = [], [], []
        self.error = None           # fields of the ErrorResponse (a second one before ReadyForQuery raises WireError)
        self.parameter_oids = None  # of a ParameterDescription
        self.status = None          # of ReadyForQuery: I, T or E
        self.messages = []          # everything as it came: (type, body)

    @property
    def sqlstate(self):
        return self.error and self.error.get("C")

    @property
    def rows(self):
        return self.statements[-1].rows if self.statements else []

    @property
    def columns(self):
        return self.statements[-1].columns if self.statements else None

    @property
    def tag(self):
        return self.statements[-1].tag if self.statements else None

    @property
    def kinds(self):
        """The types of the messages in order, as one string: "12TDDCZ"."""
        return "".join(kind for kind, _ in self.messages)

    def __repr__(self):
        return f"<{self.kinds} error={self.error} {self.statements}>"


def collect(messages, columns=None):
    """A Result of messages in order. columns: of a row format that was described before."""
    result, current = Result(), None
    described = columns
    for kind, body in messages:
        result.messages.append((kind, body))
        if kind in "TDCIsHGd" and current is None:
            current = Statement(described)
            result.statements.append(current)
        if kind == "T":
            described = current.columns = decode_columns(body)
        elif kind == "D":
            current.rows.append(decode_row(body, current.columns))
        elif kind == "d":
            current.copied.append(body)
        elif kind in "CIs":
            current.empty, current.suspended = kind == "I", kind == "s"
            current.tag = decode_text(body[:-1]) if kind == "C" else None
            current, described = None, None
        elif kind == "n":
            described = None
        elif kind == "E":
            if result.error:
                raise WireError("two errors before one ReadyForQuery")
            result.error, current = decode_fields(body), None
        elif kind == "N":
            result.notices.append(decode_fields(body))
        elif kind == "S":
            result.parameters.append(tuple(decode_text(part) for part in body.split(b"\0")[:2]))
        elif kind == "t":
            result.parameter_oids = list(struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:]))
        elif kind == "Z":
            result.status = body.decode("latin1")
    return result


# ---- SCRAM ----

class Scram:
    """The client's side of SCRAM-SHA-256: first(), final(server_first), verify(server_final). `binding`: bytes of the channel to be bound to, for the
    flag "p=…"."""

    def __init__(self, secret, flag="n", user=""):
        self.secret, self.header, self.binding = secret.encode("utf8"), flag + ",,", None
        self.bare = f"n={user},r=" + base64.b64encode(os.urandom(18)).decode()

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, server_first):
        server_first = server_first.decode()
        parts = dict(part.split("=", 1) for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.secret, base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c={base64.b64encode(self.header.encode() + (self.binding or b'')).decode()},r={parts['r']}"
        signed = ",".join([self.bare, server_first, without_proof]).encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.expected = b"v=" + base64.b64encode(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256"))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, server_final):
        if server_final != self.expected:
            raise WireError("the server does not know the password")


def md5_answer(user, secret, salt):
    inner = hashlib.md5(secret.encode("utf8") + user.encode("utf8")).hexdigest()
    return "md5" + hashlib.md5(inner.encode() + salt).hexdigest()


# ---- a connection ----

class Wire:
    """One connection. Public: sock, parameters (of ParameterStatus), pid, secret, status (of the last ReadyForQuery)."""

    def __init__(self, host, port, tls=False, timeout=PATIENCE, ca_file=None):
        """Opens the socket; with tls also asks for TLS and shakes hands (verifying only when ca_file is given)."""
        self.host, self.timeout = host, timeout
        self.parameters, self.pid, self.secret, self.status = {}, None, None, None
        self.tls, self.buffer, self.columns = False, b"", None
        try:
            self.sock = socket.create_connection((host, port), timeout=timeout)
        except OSError as error:
            raise Closed(f"cannot connect: {error}") from None
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.send(ssl_request())
            answer = self.recv_bytes(1)
            if answer != b"S":
                raise WireError(f"TLS was answered with {answer!r}")
            self.start_tls(ca_file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def start_tls(self, ca_file=None):
        context = ssl.create_default_context(cafile=ca_file)
        if not ca_file:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        except OSError as error:
            raise Closed(f"TLS handshake: {error}") from None
        self.tls = True

    # -- bytes --

    def send(self, data, chunk=0, pause=0.001):
        """All bytes; with chunk, so many at a time with a pause after each."""
        step = chunk or max(len(data), 1)
        try:
            for at in range(0, len(data), step):
                self.sock.sendall(data[at:at + step])
                if chunk:
                    time.sleep(pause)
        except socket.timeout:
            raise TimedOut("the peer does not read") from None
        except OSError as error:
            raise Closed(f"cannot send: {error}") from None

    def recv_bytes(self, count, timeout=None):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while len(self.buffer) < count:
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self.sock.recv(65536)
            except socket.timeout:
                raise TimedOut(f"{len(self.buffer)} of {count} bytes came") from None
            except OSError as error:
                raise Closed(f"cannot receive: {error}") from None
            finally:
                self.sock.settimeout(self.timeout)
            if not data:
                raise Closed(f"end of stream, {len(self.buffer)} of {count} bytes came")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def recv(self, timeout=None):
        """One message as (type, body). Also notes what it says about the connection."""
        header = self.recv_bytes(5, timeout)
        (length,) = struct.unpack("!I", header[1:])
        if not 4 <= length <= 1 << 30:
            raise WireError(f"a message with the length {length}")
        kind, body = chr(header[0]), self.recv_bytes(length - 4, timeout)
        if kind == "S":
            name, value = body.split(b"\0")[:2]
            self.parameters[decode_text(name)] = decode_text(value)
        elif kind == "K":
            self.pid, self.secret = struct.unpack_from("!i", body)[0], body[4:]
        elif kind == "Z":
            self.status = body.decode("latin1")
        return kind, body

    def recv_until(self, kinds="Z", timeout=None):
        """Messages up to and with the first of one of these types."""
        messages = []
        while not messages or messages[-1][0] not in kinds:
            messages.append(self.recv(timeout))
        return messages

    def recv_to_end(self, timeout=None):
        """Messages until the peer closes the connection; raises TimedOut when it does not."""
        messages = []
        try:
            while True:
                messages.append(self.recv(timeout))
        except Closed:
            return messages

    def is_silent(self, seconds=0.2):
        """Nothing comes for this long, and the connection stays open."""
        try:
            data = self.recv_bytes(1, seconds)
        except TimedOut:
            return True
        except Closed:
            return False
        self.buffer = data + self.buffer
        return False

    # -- login --

    def login(self, user, secret, database=None, params=None, version=PROTOCOL_3_0):
        """From StartupMessage to ReadyForQuery; returns the messages that came."""
        pairs = [("user", user)] + ([("database", database)] if database is not None else [])
        self.send(startup(pairs + list((params or {}).items()), version))
        return self.authenticate(user, secret)

    def authenticate(self, user, secret):
        """Answers what the server asks, from the first Authentication message on."""
        scram, messages = Scram(secret), []
        while True:
            kind, body = self.recv()
            messages.append((kind, body))
            if kind == "E":
                raise LoginRefused(decode_fields(body))
            if kind == "Z":
                return messages
            if kind == "R":
                self.answer(scram, user, secret, struct.unpack_from("!I", body)[0], body[4:])

    def answer(self, scram, user, secret, code, data):
        if code == 3:
            self.send(password(secret))
        elif code == 5:
            self.send(password(md5_answer(user, secret, data)))
        elif code == 10:
            self.send(sasl_initial("SCRAM-SHA-256", scram.first()))
        elif code == 11:
            self.send(sasl_response(scram.final(data)))
        elif code == 12:
            scram.verify(data)
        elif code != 0:
            raise WireError(f"authentication method {code}")

    # -- statements --

    def result(self, timeout=None):
        """The Result of what was sent, up to ReadyForQuery. A COPY FROM STDIN is refused on the way."""
        messages = []
        while not messages or messages[-1][0] != "Z":
            messages.append(self.recv(timeout))
            if messages[-1][0] == "G":
                self.send(copy_fail("not in this test"))
        return collect(messages)

    def query(self, sql):
        """Simple protocol: the messages (type, body) up to ReadyForQuery."""
        self.send(query(sql))
        return self.recv_until("Z")

    def simple(self, sql, timeout=None):
        self.send(query(sql))
        return self.result(timeout)

    def extended(self, sql, params=(), param_oids=(), binary_results=False, max_rows=0, timeout=None):
        """Parse, Bind, Describe, Execute and Sync in one write, all unnamed."""
        formats = [1] if binary_results else []
        self.send(parse("", sql, param_oids) + describe("S") + bind("", "", params, None, formats)
                  + describe("P") + execute("", max_rows) + sync())
        return self.result(timeout)

    def end(self):
        """Terminate and close; harmless when the connection is gone."""
        try:
            self.sock.settimeout(1)
            self.sock.sendall(terminate())
        except OSError:
            pass
        self.drop()

    def drop(self):
        """Closes without a word."""
        try:
            self.sock.close()
        except OSError:
            pass


def connect(host, port, user, secret, database=None, tls=False, params=None, timeout=PATIENCE, ca_file=None):
    """A connection that is logged in."""
    wire = Wire(host, port, tls, timeout, ca_file)
    try:
        wire.login(user, secret, database, params)
    except BaseException:
        wire.drop()
        raise
    return wire
