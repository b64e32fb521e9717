"""The table of clients in README.md: written from what a run found, and held against each run: it must not say more than was found.

A line is a driver: the clients of clients.py that name it, added up. Versions are those of the machine on which it was written
and are not compared; drivers that are not installed here (they need npm) are not, either.
"""
import os
import re

from clients import CLIENTS

README = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'README.md')  # the project's
HEAD = '| client | version | what it does here | equal | refused |\n|---|---|---|---:|---:|\n'
TABLE = re.compile(re.escape(HEAD) + r'((?:\|.*\n)*)')


def drivers(found):
    """driver -> its clients, of those whose clients all ran."""
    grouped = {}
    for client in CLIENTS:
        grouped.setdefault(client.driver, []).append(client)
    return {driver: clients for driver, clients in grouped.items() if all(client in found for client in clients)}


def cells(driver, clients, found):
    total = sum((found[client] for client in clients[1:]), found[clients[0]])
    return [driver, clients[0].version(), '; '.join(client.what for client in clients), str(total.passed), str(total.refused)]


def lines(found):
    return [cells(driver, clients, found) for driver, clients in drivers(found).items()]


def text():
    with open(README, encoding='utf8') as file:
        return file.read()


def written():
    """driver -> cells, as README.md has them."""
    match = TABLE.search(text())
    rows = [[cell.strip() for cell in line.strip('|\n').split('|')] for line in match.group(1).splitlines()] if match else []
    return {row[0]: row for row in rows}


def complaints():
    """For tests/lint: lines of clients that are not there, and the other way round."""
    there, wanted = written(), {}
    for client in CLIENTS:
        wanted.setdefault(client.driver, []).append(client.what)
    for driver, what in wanted.items():
        if there.get(driver, [None] * 3)[2] != '; '.join(what):
            yield 'README.md:1: the table of clients does not say what clients.py says of %s' % driver
    for driver in set(there) - set(wanted):
        yield 'README.md:1: the table of clients names %s, which clients.py does not' % driver


def write(found):
    """Returns what is wrong, or None."""
    missing = {client.driver for client in CLIENTS} - set(drivers(found))
    if missing:
        return 'not every client could run: ' + ', '.join(sorted(missing))
    new = HEAD + ''.join('| %s |\n' % ' | '.join(row) for row in lines(found))
    old = text()
    with open(README, 'w', encoding='utf8') as file:
        file.write(TABLE.sub(lambda _: new, old))
    return None if TABLE.search(old) else 'README.md has no table'


def difference(found):
    """What README.md says that the run did not find, or None. Steps may have been added since: it must not flatter."""
    there = written()
    for row in lines(found):
        said = there.get(row[0])
        if not said or said[2] != row[2] or int(said[3]) > int(row[3]) or int(said[4]) < int(row[4]):
            return 'found %s, it says %s' % (row, said)
    gone = set(there) - {client.driver for client in CLIENTS}
    return 'no such client: ' + ', '.join(sorted(gone)) if gone else None
