#!/usr/bin/python3
"""Runs a command against a Headgate with the twin tests' world behind it.

    tests/support/with_proxy.py [--headgate BINARY] -- COMMAND [ARGUMENTS...]

The command gets --host, --port, --user, --password, --database, --user2 and --password2 appended; its exit status is ours.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'twin'), HERE]
from world import DATABASE, PASSWORD, World  # noqa: E402


def main():
    binary, arguments = 'build/dev/headgate', sys.argv[1:]
    if arguments[:1] == ['--headgate']:
        binary, arguments = arguments[1], arguments[2:]
    if arguments[:1] != ['--'] or len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with World(binary) as world:
        status = subprocess.run(arguments[1:] + ['--host', '127.0.0.1', '--port', str(world.headgate.port), '--user', 'acme_bi', '--password', PASSWORD,
                                                 '--database', DATABASE, '--user2', 'globex_bi', '--password2', PASSWORD]).returncode
        ended = world.headgate.stop()
    return status or (1 if ended else 0)


if __name__ == '__main__':
    sys.exit(main())
