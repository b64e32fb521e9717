#!/usr/bin/python3
"""The house rules that a compiler does not keep: each is one function that yields complaints `file:line: what`.

    tests/lint/run.py [--build DIR]     DIR: a finished build, for the rules on exported symbols
"""
import argparse
import os
import re
import subprocess
import sys

from threats import threats

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Each floor and what it may include, besides itself and the system.
BELOW = {
    'policy/base': [],
    'policy/sql': ['policy/base'],
    'policy': ['policy/sql', 'policy/base'],
    'rewrite': ['policy', 'policy/sql', 'policy/base'],
    'proxy/wire': ['policy/base'],
    'proxy/net': ['policy/base'],
    'proxy/auth': ['proxy/wire', 'policy/base'],
    'proxy/observe': ['proxy/net', 'policy', 'policy/sql', 'policy/base'],
    'proxy/backend': ['proxy/observe', 'proxy/auth', 'proxy/wire', 'proxy/net', 'policy', 'policy/sql', 'policy/base'],
    'proxy/session': ['proxy/backend', 'proxy/observe', 'proxy/auth', 'proxy/wire', 'proxy/net', 'rewrite', 'policy', 'policy/sql', 'policy/base'],
    'proxy/admin': ['proxy/session', 'proxy/backend', 'proxy/observe', 'proxy/auth', 'proxy/wire', 'proxy/net', 'rewrite', 'policy', 'policy/sql', 'policy/base'],
    'proxy': ['proxy/admin', 'proxy/session', 'proxy/backend', 'proxy/observe', 'proxy/auth', 'proxy/wire', 'proxy/net', 'rewrite', 'policy', 'policy/sql', 'policy/base'],
}
BANNED = re.compile(r'\b(strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|gets|scanf|sscanf|alloca|strncpy|strncat|rand|srand|gmtime|localtime|ctime|asctime|strerror)\s*\(')
LIBRARIES = ['hg_base', 'hg_sql', 'hg_policy', 'hg_rewrite', 'hg_wire', 'hg_net', 'hg_auth', 'hg_observe', 'hg_backend', 'hg_session', 'hg_admin', 'hg_proxy']
NAMED, NAMED_IN_TESTS = ('.c', '.h', '.def', '.sql'), ('.c', '.h', '.py')  # files that a folder's README has to name
GLOBBED = {'tests/unit': 'test_', 'tests/fuzz': 'fuzz_'}  # but these, a program a file
MAX_FUNCTION = 85
MAX_FILE = 900


def tracked():
    out = subprocess.run(['git', 'ls-files'], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [f for f in out.split('\n') if f and os.path.exists(os.path.join(ROOT, f))]


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf8', errors='replace') as f:
        return f.read()


def product_sources():
    return [f for f in tracked() if f.endswith(('.c', '.h')) and os.path.dirname(f) in BELOW]


def without_comments(text):
    """Comments and strings blanked, line numbers kept."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def upward_includes():
    owner = {os.path.basename(f): os.path.dirname(f) for f in product_sources() if f.endswith('.h')}
    for path in product_sources():
        floor = os.path.dirname(path)
        for number, line in enumerate(read(path).split('\n'), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            name = match.group(1)
            if '/' in name and not name.startswith('pg_query/'):
                yield f'{path}:{number}: headers are included by their file name: "{name}"'
            elif name in owner and owner[name] != floor and owner[name] not in BELOW[floor]:
                yield f'{path}:{number}: {floor} must not know {owner[name]} ("{name}")'


def duplicate_header_names():
    seen = {}
    for path in product_sources():
        if path.endswith('.h'):
            name = os.path.basename(path)
            if name in seen:
                yield f'{path}:1: the name {name} is taken by {seen[name]}'
            seen[name] = path


def banned_calls():
    for path in product_sources():
        for number, line in enumerate(without_comments(read(path)).split('\n'), 1):
            match = BANNED.search(line)
            if match:
                yield f'{path}:{number}: {match.group(1)}() is banned'


def libraries_own_libpg_query():
    for path in product_sources():
        if path != 'policy/sql/tree.c' and path != 'policy/sql/tree.h':
            for number, line in enumerate(without_comments(read(path)).split('\n'), 1):
                if re.search(r'\bpg_query_(?!_)[a-z_]+\s*\(', line):
                    yield f'{path}:{number}: only policy/sql/tree.c calls libpg_query'


def exported_globals(build):
    """An object of ours in a writable section that other files can see."""
    for library in LIBRARIES:
        archive = os.path.join(build, f'lib{library}.a')
        if not os.path.exists(archive):
            yield f'{archive}:1: not built'
            continue
        out = subprocess.run(['objdump', '-t', archive], capture_output=True, text=True).stdout
        for line in out.split('\n'):
            # value, flags ("g" global, "O" object), section, size, name; .data.rel.ro is constant once it is relocated
            match = re.match(r'[0-9a-f]+ g.{5}O (\S+)\s+[0-9a-f]+ (?:\.\S+ )?(\S+)$', line)
            if match and not match.group(2).startswith('__odr_asan') and re.match(r'\.(data(?!\.rel\.ro)|bss|tdata|tbss)|\*COM\*', match.group(1)):
                yield f'{library}:1: exported mutable global {match.group(2)}'


def unused_exports(build):
    """A function that its header offers and nobody takes: the program does not, and no test in C either."""
    offered, taken = {}, set()
    objects = [os.path.join(build, f'lib{library}.a') for library in LIBRARIES]  # exported_globals() says when one is not built
    out = subprocess.run(['nm', '--print-file-name', *objects], capture_output=True, text=True).stdout
    for line in out.split('\n'):
        match = re.match(r'\S*?lib(\w+)\.a:(\S+?)(?:\.o)?:\s*[0-9a-f]* ([TU]) (hg_\w+)$', line)
        if match and match.group(3) == 'T':
            offered[match.group(4)] = match.group(2)
        elif match:
            taken.add(match.group(4))
    for path in tracked():
        if path == 'proxy/commands.h' or path.startswith('tests/') and path.endswith(('.c', '.h')):
            taken.update(re.findall(r'\bhg_\w+', read(path)))
    for name in sorted(set(offered) - taken):
        yield f'{offered[name]}:1: nobody else calls {name}(): static, or not at all'


def sqlstates():
    """What Headgate raises stands in the one table, by which it is documented; what servers raise may be compared with as it is."""
    for path in product_sources():
        for number, line in enumerate(read(path).split('\n'), 1):
            match = re.search(r'[,(] ?"((?!00000)(?:0[0-9A-Z]|2[0-9A-Z]|3[BDF]|4[0-9]|5[3-8]|F0|XX)[0-9A-Z]{3})"', line)
            if match and path != 'policy/base/fault.h' and not re.search(r'\b(hg_slice_is|is|memcmp|strcmp)\(', line):
                yield f'{path}:{number}: SQLSTATE {match.group(1)} by its number: it belongs into HG_SQLSTATES of fault.h'


def function_lengths():
    for path in product_sources():
        if not path.endswith('.c'):
            continue
        start = None
        for number, line in enumerate(read(path).split('\n'), 1):
            if line == '{':
                start = number
            elif line == '}' and start:
                if number - start - 1 > MAX_FUNCTION:
                    yield f'{path}:{start}: a function of {number - start - 1} lines (at most {MAX_FUNCTION})'
                start = None


def file_lengths():
    for path in product_sources():
        lines = read(path).count('\n')
        if lines > MAX_FILE:
            yield f'{path}:1: {lines} lines (at most {MAX_FILE})'


def design_comment():
    for path in product_sources():
        if not read(path).startswith('/*'):
            yield f'{path}:1: a file opens with a comment that explains it'


def readmes():
    folders = sorted({os.path.dirname(f) for f in tracked() if f.endswith(('.c', '.h', '.py', '.def')) and not f.startswith('.')})
    for folder in folders:
        readme = os.path.join(folder, 'README.md')
        if not os.path.exists(os.path.join(ROOT, readme)):
            if folder in BELOW or folder.count('/') == 1:
                yield f'{readme}:1: missing'
            continue
        text = read(readme)
        for path in tracked():
            stem, suffix = os.path.splitext(os.path.basename(path))
            if os.path.dirname(path) != folder or suffix not in (NAMED if folder in BELOW else NAMED_IN_TESTS):
                continue
            if folder in GLOBBED and stem.startswith(GLOBBED[folder]):
                continue
            if not re.search(r'\b' + re.escape(stem) + r'\b', text):
                yield f'{readme}:1: does not name {os.path.basename(path)}'


def own_words():
    """The project speaks of itself alone."""
    for path in tracked():
        text = read(path)
        for number, line in enumerate(text.split('\n'), 1):
            if path != 'tests/lint/run.py' and re.search(r'/work/|/root/|/tmp/notes', line):
                yield f'{path}:{number}: a path of one machine'
            if line.endswith((' ', '\t')) and not path.endswith(('.md', '.out', '.sql', '.case')):
                yield f'{path}:{number}: trailing white space'


def formatted():
    sources = product_sources()
    out = subprocess.run(['clang-format', '--dry-run', *sources], cwd=ROOT, capture_output=True, text=True)
    seen = set()
    for line in out.stderr.split('\n'):
        match = re.match(r'([^:]+):(\d+):\d+: warning', line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield f'{match.group(1)}:{match.group(2)}: not formatted as .clang-format says'


def clients_table():
    sys.path.insert(0, os.path.join(ROOT, 'tests/clients'))
    import table
    yield from table.complaints()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('--build', default=os.path.join(ROOT, 'build/release'))
    options = arguments.parse_args()
    rules = [upward_includes, duplicate_header_names, banned_calls, libraries_own_libpg_query, sqlstates, function_lengths, file_lengths,
             design_comment, readmes, own_words, formatted, clients_table, lambda: threats(ROOT), lambda: exported_globals(options.build), lambda: unused_exports(options.build)]
    names = [r.__name__ for r in rules[:-3]] + ['threats', 'exported_globals', 'unused_exports']
    passed = failed = 0
    for name, rule in zip(names, rules):
        complaints = list(rule())
        for complaint in complaints[:40]:
            print(f'{complaint} [{name}]')
        passed += not complaints
        failed += bool(complaints)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
