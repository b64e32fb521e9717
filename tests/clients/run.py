#!/usr/bin/python3
"""Real clients against Headgate and against a private database: their outputs must be equal.

    tests/clients/run.py --headgate build/dev/headgate [--client NAME]... [--table] [--times] [--show] [TEXT...]

The world is the twin tests' (tests/twin/world.py): shared servers behind Headgate, and a private server for each user. Every
client is a program that prints sections (sections.py); it runs twice, at the same time, with libpq's environment variables
naming the one and the other server. Clients run beside each other, but for those that write: these have one lane. TEXT picks the
sections whose `client: name` contains it. A section is one test. After the clients, refusals.py is checked, and the table in
README.md is compared with what was found (--table writes it instead). Ends with `N passed, N failed`.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'twin'), os.path.join(os.path.dirname(HERE), 'support')]
import world as twin  # noqa: E402
from cluster import Cluster  # noqa: E402
from clients import CLIENTS, Unavailable  # noqa: E402
from sections import Outcome, compare  # noqa: E402
import refusals  # noqa: E402
import table  # noqa: E402

SECONDS = 400  # for one client


class World(twin.World):
    """The twin tests' world with TLS on the private servers too."""

    def cluster(self, name):
        cluster = Cluster(name, tls=name.startswith('private'))
        self.clusters.append(cluster)
        cluster.start()
        return cluster

    def grant_database(self, *_):
        """Grants to other users would stand in what a user's private database says of privileges."""

    def start_private(self):
        """Who owns the tables takes from himself what the policy does not give him, so that a private database lists the same
        privileges. Foreign keys need more, and what Headgate refuses is not to be refused there: that he has by two roles, which
        stand in no list."""
        super().start_private()
        for user in ('acme_bi', 'globex_bi', 'acme_masked'):
            cluster = next(c for c in self.clusters if c.port == self.private[user])
            schemas = cluster.sql("SELECT string_agg(quote_ident(nspname), ',') FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'", database=twin.DATABASE).strip()
            cluster.sql('GRANT pg_read_all_data, pg_write_all_data TO {0}; SET ROLE {0}; REVOKE ALL ON ALL TABLES IN SCHEMA {1} FROM {0}; '
                        'GRANT SELECT ON ALL TABLES IN SCHEMA {1} TO {0}; REVOKE ALL ON ALL SEQUENCES IN SCHEMA {1} FROM {0}'.format(user, schemas),
                        database=twin.DATABASE)

    def targets(self, user):
        """(port, file of the certificate) of Headgate and of the user's private server."""
        port = self.private[user]
        private = next(c for c in self.clusters if c.port == port)
        return (self.headgate.port, os.path.join(self.directory, 'server.crt')), (port, private.ca_file)


def environment(user, port, certificate):
    kept = {name: os.environ[name] for name in ('PATH', 'HOME', 'TMPDIR') if name in os.environ}
    return dict(kept, PGHOST='127.0.0.1', PGPORT=str(port), PGUSER=user, PGPASSWORD=twin.PASSWORD, PGDATABASE=twin.DATABASE,
                PGSSLROOTCERT=certificate, PGAPPNAME='clients', LC_ALL='C.UTF-8', TZ='UTC', PYTHONUNBUFFERED='1', PYTHONPATH=HERE)


def start(client, user, target):
    # Output goes to a file: two programs that fill pipes at the same time would wait for the one that is read second.
    out = open(os.path.join(target[2], '%s-%s-%d' % (client.name, user, target[0])), 'w+', encoding='utf8', errors='replace')
    return subprocess.Popen(client.command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=HERE,
                            env=dict(environment(user, *target[:2]), **client.environment)), out


def finish(process, out):
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        out.write('\n(killed after %d s)\n' % SECONDS)
    out.seek(0)
    text = out.read()
    out.close()
    return text + ('' if process.returncode == 0 else '\n(exit status %d)\n' % process.returncode)


class Run:
    """The clients of one run of this program. found: client -> Outcome of those that could run."""

    def __init__(self, world, arguments):
        self.world, self.arguments = world, arguments
        self.found, self.failed, self.printing = {}, 0, threading.Lock()

    def twice(self, client, user):
        targets = [target + (self.world.directory,) for target in self.world.targets(user)]
        outputs = [finish(*started) for started in [start(client, user, target) for target in targets]]
        name = client.name if user == 'acme_bi' else '%s as %s' % (client.name, user)
        outcome = compare(name, *outputs, [target[0] for target in targets], self.arguments.names)
        if re.search(r'\n\(exit status -?\d+\)\n$', outputs[1]):  # both would have ended there, and be equal so far
            outcome += Outcome(failed=1, text='FAIL %s: ended early\n%s' % (name, outputs[1][-1000:]))
        if self.arguments.show:
            outcome.text = outputs[1] + outcome.text
        return outcome

    def client(self, client):
        began = time.time()
        try:
            client.prepare(self.world.directory)
        except Unavailable as reason:
            with self.printing:
                self.failed += reason.wanted
                print('%s %s: %s' % ('FAIL' if reason.wanted else 'left out', client.name, reason), flush=True)
            return
        outcome = sum((self.twice(client, user) for user in client.users), Outcome())
        with self.printing:
            self.found[client] = outcome
            print(outcome.text, end='')
            if self.arguments.times:
                print('%-14s %5.1f s %4d passed %3d refused' % (client.name, time.time() - began, outcome.passed, outcome.refused))
            sys.stdout.flush()

    def lane(self, clients):
        for client in clients:
            self.client(client)

    def all(self, wanted):
        writing = [client for client in wanted if client.writes]
        lanes = [writing] + [[client] for client in sorted(wanted, key=lambda client: -client.seconds) if not client.writes]
        with concurrent.futures.ThreadPoolExecutor(max_workers=(os.cpu_count() or 2) + 1) as pool:
            for lane in [pool.submit(self.lane, lane) for lane in lanes]:
                lane.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--headgate', required=True)
    parser.add_argument('--client', action='append')
    parser.add_argument('--table', action='store_true', help='write the table in README.md')
    parser.add_argument('--times', action='store_true', help='of each client')
    parser.add_argument('--show', action='store_true', help='what the private database answered')
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    wanted = [client for client in CLIENTS if not arguments.client or client.name in arguments.client]
    passed = failed = 0
    with World(os.path.abspath(arguments.headgate), writes=True) as world:
        run = Run(world, arguments)
        run.all(wanted)
        passed = sum(outcome.passed + outcome.refused for outcome in run.found.values())
        failed = run.failed + sum(outcome.failed for outcome in run.found.values())
        if not world.headgate.alive():
            print('FAIL Headgate ended\n%s' % world.headgate.output()[-3000:])
            failed += 1
        elif not arguments.client:
            p, f = refusals.check(world.headgate.port)
            passed, failed = passed + p, failed + f
        if world.headgate.stop() not in (0, None):
            failed += 1
            print('FAIL Headgate did not end well')
    if wanted == CLIENTS and not arguments.names and not failed:
        wrong = table.write(run.found) if arguments.table else table.difference(run.found)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print('FAIL the table in README.md (--table writes it): ' + wrong)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
