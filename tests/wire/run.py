#!/usr/bin/python3
"""Runs the wire tests against a proxy that is up.

    tests/wire/run.py --host H --port P --user U --password W --database D --user2 U2 --password2 W2 [NAME...]

Every function test_*(env) of the test_*.py files here is one test; NAME picks those whose name contains it. After each
one the proxy must still serve an ordinary client. Ends with `N passed, N failed`.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "support"), HERE]
import suite  # noqa: E402
import wire  # noqa: E402


class Env:
    """What a test gets: where the proxy is and who may log in."""

    def __init__(self, arguments):
        vars(self).update(vars(arguments))

    def raw(self, **options):
        """A socket to the proxy, nothing sent."""
        return wire.Wire(self.host, self.port, **options)

    def connect(self, **options):
        return wire.connect(self.host, self.port, self.user, self.password, self.database, **options)

    def startup_packet(self, **more):
        return wire.startup({"user": self.user, "database": self.database, **more})

    def offers_tls(self):
        with self.raw() as w:
            w.send(wire.ssl_request())
            return w.recv_bytes(1) == b"S"


def main():
    parser = argparse.ArgumentParser()
    for option in ("host", "user", "password", "database", "user2", "password2"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--login-timeout", type=float, default=15, help="seconds, as in the proxy's configuration")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    env = Env(arguments)

    def around(function):
        function(env)
        with env.connect() as w:
            assert w.simple("SELECT 1").rows == [("1",)], "afterwards the proxy does not answer an ordinary client"
    suite.end(*suite.run(suite.collect(HERE, arguments.names), around, HERE))


if __name__ == "__main__":
    main()
