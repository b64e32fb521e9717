#!/usr/bin/python3
"""Runs the wire tests against a proxy that is up.

    tests/wire/run.py --host H --port P --user U --password W --database D --user2 U2 --password2 W2 [NAME...]

Every function test_*(env) of the test_*.py files here is one test; NAME picks those whose name contains it. After each
one the proxy must still serve an ordinary client. Ends with `N passed, N failed`.
"""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "support"), HERE]
import wire  # noqa: E402

SECONDS = 90  # for one test


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


class Overtime(Exception):
    pass


def overtime(*_):
    raise Overtime(f"more than {SECONDS} s")


def describe(error):
    """One line: what went wrong and where in the test."""
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
    where = f"{os.path.basename(here[-1].filename)}:{here[-1].lineno}: {here[-1].line}" if here else ""
    return f"{type(error).__name__}: {error} ({where})"


def run(test, env):
    """None, or why it failed."""
    signal.alarm(SECONDS)
    try:
        test(env)
        signal.alarm(20)
        with env.connect() as w:
            if w.simple("SELECT 1").rows != [("1",)]:
                return "afterwards the proxy does not answer an ordinary client"
    except Exception as error:  # a test may fail in any way
        return describe(error)
    finally:
        signal.alarm(0)


def tests():
    for name in sorted(os.listdir(HERE)):
        if name.startswith("test_") and name.endswith(".py"):
            module = importlib.import_module(name[:-3])
            for attribute, value in list(vars(module).items()):
                if attribute.startswith("test_") and callable(value):
                    yield f"{name[5:-3]}.{attribute[5:]}", value


def main():
    parser = argparse.ArgumentParser()
    for option in ("host", "user", "password", "database", "user2", "password2"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--login-timeout", type=float, default=15, help="seconds, as in the proxy's configuration")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    env, passed, failed = Env(arguments), 0, 0
    signal.signal(signal.SIGALRM, overtime)
    for name, test in tests():
        if arguments.names and not any(part in name for part in arguments.names):
            continue
        began = time.monotonic()
        why = run(test, env)
        if why:
            failed += 1
            print(f"FAIL {name}: {why}", flush=True)
        else:
            passed += 1
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
