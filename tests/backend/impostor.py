"""Servers that are none: they accept connections and say what a test lets them say."""
import socket
import struct
import threading


class Impostor:
    """Accepts connections and runs `script(connection)` for each, on threads."""

    def __init__(self, script):
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self.script(connection)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def startup(connection):
    """The startup packet; b'' when it did not come."""
    head = connection.recv(4, socket.MSG_WAITALL)
    return connection.recv(struct.unpack("!I", head)[0] - 4, socket.MSG_WAITALL) if len(head) == 4 else b""
