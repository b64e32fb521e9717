"""What random statements are made of, as data: the twin tables, sorts of values, and templates of expressions.

A sort is a type as far as results must not depend on the plan: `n2` and `n4` are numerics of a fixed scale, so that equal values
look alike whichever of them DISTINCT keeps; `float` holds what sums exactly in any order; `jobj` is a jsonb object; `interval` has no
days. A template's operand {int:8} is an expression of that sort, bracketed unless it binds at least as strongly as 8. T in a
generic template stands for any sort. No template can fail on data: an error of one side only is then always worth a look.
"""
import collections
import re

Table = collections.namedtuple('Table', 'schema name columns key primary rows side')  # side: of messages, of audit, or both
COLUMN_LINKS = {'customer_id': 'customer', 'order_id': 'order', 'campaign_id': 'campaign', 'parent_id': 'campaign', 'contact_no': 'contact', 'channel_id': 'channel', 'message_id': 'message'}


def table(schema, name, columns, key, rows, side='', primary=True):
    pairs = [column.rsplit(':', 1) for column in columns.split(',')]
    links = dict(COLUMN_LINKS, id=name[:-1])
    return Table(schema, name, [(n, s, links.get(n)) for n, s in pairs], key.split(','), primary, rows, side)


TABLES = [
    table('public', 'channels', 'id:int,name:text,unit_cost:n4', 'id', 4),
    table('public', 'campaigns', 'id:int,name:text,status:text,channel_id:int,parent_id:int,budget:n2,starts_on:date,created_at:tz,'
          'tags:textarr,settings:jobj', 'id', 9),
    table('public', 'contacts', 'tenant_id:text,contact_no:int,email:domain,full_name:text,phone:text,country:bpchar,credit:float,'
          'birthday:date', 'tenant_id,contact_no', 14),
    table('public', 'messages', 'id:int,campaign_id:int,contact_no:int,channel_id:int,subject:varchar,body:text,status:status,cost:n4,'
          'segments:int,sent_at:tz,scheduled_for:ts,took:interval,urgent:bool,payload:bytea,metadata:json,trace:uuid', 'id', 71, 'messages'),
    table('public', 'events', 'id:int,message_id:int,kind:text,at:tz,latency_ms:int,ip:inet,score:float', 'id', 170, 'messages', False),
    table('public', 'audit', 'tenant_id:text,id:int,actor:text,note:text', 'id', 12, 'audit', False),
    table('public', 'Mixed Case', 'Draft No:int,select:text,order:int,ünïcode:text', 'Draft No', 6, '', False),
    table('crm', 'contacts', 'contact_no:int,owner:text', 'contact_no', 7, '', False),
    table('materialized', 'daily_metrics', 'day:date,campaign_id:int,sent:int,delivered:int,spend:n2', 'day,campaign_id', 63),
]
# what those who write read besides
SHOP_TABLES = [
    table('shop', 'customers', 'id:int,name:text,email:text,tier:tier,credit:n2,tags:textarr,profile:jobj,born:date,active:bool,note:varchar', 'id', 10),
    table('shop', 'orders', 'id:int,customer_id:int,state:text,total:n2,placed_at:tz', 'id', 12),
    table('shop', 'lines', 'order_id:int,line_no:int,sku:text,qty:int,price:n2,total:n2', 'order_id,line_no', 20),
    table('shop', 'tickets', 'no:int,title:text,state:text,tenant_id:text,parent:int,hours:n2', 'no', 8),
    table('shop', 'stock', 'warehouse:text,sku:text,qty:int,moved:ts', 'warehouse,sku', 8),
    table('shop', 'ledger', 'entry:int,account:text,amount:n2,booked:date', 'entry', 10),
    table('shop', 'visits', 'day:date,page:text,n:int', 'day,page', 16),
    table('shop', 'notes', 'id:int,body:text,at:tz', 'id', 4, primary=False),
    table('shop', 'queue', 'job:int,payload:text,done:bool', 'job', 9, primary=False),
]
# what the role `masked` sees of them
MASKED_TABLES = [t._replace(columns=[c for c in t.columns if c[0] != 'email']) for t in TABLES if t.schema != 'crm']

# sort -> (weight in select lists, names of its type, values; the first value is the plainest)
SORTS = {
    'int': (9, ['bigint', 'int', 'int8', 'integer'], '1 0 2 3 -4 17 5500001 5500004 5500040 7700002 7700005 9900001'.split()),
    'text': (8, ['text'], ['x', '', 'acme', 'globex', 'initech', 'ACME', 'active', 'paused', 'sms', 'ACME campaign 3', 'GLBX campaign 2',
                           'INTC campaign 1', "it's", 'back\\slash', 'ö', ' campaign', 'tag1', 'open', 'sent', 'DE']),
    'n2': (3, ['numeric(12,2)'], ['1.00', '2000.50', '0.00', '-3.25']),
    'n4': (3, ['numeric(12,4)'], ['1.0000', '0.0125', '0.0000', '-2.5000']),
    'float': (2, ['double precision', 'float8'], ['1', '0.5', '10', '-2.5']),
    'bool': (5, ['boolean', 'bool'], ['true', 'false']),
    'date': (3, ['date'], ['2026-01-05', '2026-01-12', '1980-06-07', '2026-02-28']),
    'ts': (2, ['timestamp', 'timestamp without time zone'], ['2026-01-05 00:00:00', '2026-01-20 09:00:00']),
    'tz': (2, ['timestamptz', 'timestamp with time zone'], ['2026-01-05 00:00:00+00', '2026-01-03 10:30:00+02']),
    'interval': (2, ['interval'], ['1 hour', '00:00:03.5', '90 minutes', '-2 hours']),
    'uuid': (1, ['uuid'], ['00000000-0000-0000-0000-000000000001', 'fb5cbf1e-02d0-0e3d-6a25-c79ba1d0eb1f']),
    'bytea': (1, ['bytea'], ['\\x01', '\\xdeadbeef']),
    'inet': (1, ['inet'], ['10.0.1.7', '10.0.2.7', '192.168.0.0/16']),
    'status': (2, ['delivery_status', 'public.delivery_status'], ['sent', 'queued', 'failed']),
    'varchar': (1, ['varchar(80)', 'character varying(80)'], ['ACME subject 3', 'GLBX subject 3']),
    'bpchar': (1, ['char(2)', 'character(2)'], ['DE', 'FR']),
    'domain': (1, ['email_address', 'public.email_address'], ['u1@acme.example', 'u1@globex.example']),
    'textarr': (1, ['text[]'], ['{x}', '{}', '{ACME,tag1}', '{GLBX,tag0}', '{NULL,"a b"}']),
    'intarr': (1, ['bigint[]', 'int8[]'], ['{1}', '{}', '{1,2,3}', '{5500001,7700001}']),
    'jobj': (1, ['jsonb'], ['{"a": 1}', '{}', '{"owner": "ACME-1"}', '{"cap": 20, "nested": {"a": 2}}']),
    'jsonb': (1, ['jsonb'], ['1', '[1, 2]', '"x"', '{"z": null}']),
    'json': (1, ['json'], ['{"n": 1}', '[]']),
    'tier': (0, ['shop.tier'], ['basic', 'gold']),
}
BARE = {'int': str, 'bool': str, 'n2': str, 'n4': str}  # literals that need no quotes
QUOTED_UNKNOWN = ('text', 'varchar', 'bpchar')          # '…' alone will do most of the time
PREFIX_FORM = ('date', 'ts', 'tz', 'interval', 'uuid', 'inet', 'text', 'bytea', 'jsonb', 'bool')  # date '…'
SORTABLE = [sort for sort in SORTS if sort not in ('json', 'tier')]
COMPARED = ['int'] * 6 + ['text'] * 6 + ['n2', 'n4', 'date', 'date', 'tz', 'status', 'status'] + SORTABLE
MIN_MAX = [sort for sort in SORTABLE if sort not in ('bool', 'uuid', 'bytea', 'jobj', 'jsonb')]


def compile_template(text):
    """The pieces of a template: text, and (sort, precedence)."""
    pieces = re.split(r'\{(\w+)(?::(\d+))?\}', text)
    out = []
    for i in range(0, len(pieces), 3):
        if pieces[i]:
            out.append(pieces[i])
        if i + 2 < len(pieces):
            out.append((pieces[i + 1], int(pieces[i + 2] or 0)))
    return out


def compile_list(text):
    """Lines `precedence template`."""
    out = []
    for line in text.strip().split('\n'):
        prec, template = line.strip().split(' ', 1)
        out.append((int(prec), template))
    return out


GENERIC = compile_list("""
20 coalesce({T}, {T})
20 coalesce({T}, {T}, {T})
20 nullif({T}, {T})
20 CASE WHEN {bool} THEN {T} ELSE {T} END
20 CASE WHEN {bool} THEN {T} WHEN {bool} THEN {T} END
20 CASE {int} WHEN 1 THEN {T} WHEN {int} THEN {T} ELSE {T} END
20 CASE {text} WHEN 'acme' THEN {T} ELSE {T} END
20 greatest({T}, {T})
20 least({T}, {T}, {T})
""")
GENERIC_JSON = [g for g in GENERIC if 'nullif' not in g[1] and 'greatest' not in g[1] and 'least' not in g[1]]

OWN = {
    'int': """
8 {int:8} + {int:9}
8 {int:8} - {int:9}
9 {int:9} % 7
9 {int:9} % 100 * 3
9 {int:9} / 3
9 {int:9} / nullif({int}, 0)
7 {int:8} & 7
7 {int:8} # 5
7 ~ {int:8}
13 - {int:15}
20 abs({int})
7 @ {int:8}
20 mod({int}, 5)
20 length({text:15})
20 char_length({text:15})
20 strpos({text:15}, {text:15})
20 position({text:15} IN {text:15})
20 ascii({text:15})
20 cardinality({textarr})
20 array_length({textarr}, 1)
20 array_position({textarr}, {text:15}::text)
20 num_nulls({int}, {date}, {bool})
20 regexp_count({text:15}, 'a')
20 masklen({inet})
20 length({bytea})
8 {date:8} - {date:9}
15 extract(year FROM {date})::int
15 extract(epoch FROM {interval})::bigint
15 extract(isodow FROM {tz})::int
15 date_part('month', {ts})::integer
15 extract(epoch FROM {tz:8} - {tz:9})::bigint
15 ({jobj:9} ->> 'cap')::int
15 ({jobj:9} #>> '{nested,a}')::integer
14 {intarr:21}[1]
14 {intarr:21}[({int:9} % 3)::int]
15 {int:15}::bigint
15 {int:15}::text::bigint
15 {bool:15}::int
15 {float:15}::numeric(20,1)::bigint
20 CAST({int} AS bigint)
20 width_bucket({int}, 0, 100, 5)
20 num_nonnulls(VARIADIC {textarr})
20 COALESCE(array_position(ARRAY['acme', 'globex'], {text:15}::text), 0)
6 {int:7} OPERATOR(pg_catalog.+) {int:8}
20 (ARRAY[{int}, {int}])[2]
20 (SELECT {int})
""", 'text': """
7 {text:7} || {text:8}
7 {text:7} || {int:8}
7 {int:7} || {text:15}::text
20 upper({text:15})
20 lower({text:15})
20 initcap({text:15})
20 reverse({text:15})
20 left({text:15}, 6)
20 right({text:15}, 3)
20 left({text:15}, ({int:9} % 5)::int)
20 substr({text:15}, 3, 4)
20 substring({text:15} FROM 2 FOR 5)
20 substring({text:15} FROM '[0-9]+')
20 overlay({text:15} PLACING 'zz' FROM 2 FOR 1)
20 trim({text:15})
20 trim(BOTH 'A' FROM {text:15})
20 replace({text:15}, 'a', {text})
20 translate({text:15}, 'abc', 'xyz')
20 regexp_replace({text:15}, '[0-9]+', '#', 'g')
20 split_part({text:15}, ' ', 2)
20 lpad({text:15}, 5, '.')
20 repeat({text:15}, 2)
20 md5({text:15})
20 quote_literal({text:15}::text)
20 concat({text}, {int}, {bool})
20 concat_ws('/', {text}, {text:15}, {date})
20 format('%s:%L', {text}, {text:15}::text)
20 to_char({date}, 'YYYY-MM-DD')
20 to_char({tz}, 'DD Mon HH24:MI')
20 to_char({n2}, 'FM999990.00')
20 encode({bytea}, 'hex')
20 host({inet})
20 array_to_string({textarr}, ',', '*')
15 {int:15}::text
15 {date:15}::text
15 {bool:15}::text
15 {n4:15}::text
15 {tz:15}::text
15 {interval:15}::text
15 {status:15}::text
15 {varchar:15}::text
15 {bpchar:15}::text
15 {domain:15}::text
15 {uuid:15}::text
15 {jobj:15}::text
15 {textarr:15}::text
15 {row:15}::text
15 {text:15}::varchar(4)::text
20 CAST({text} AS text)
7 {jobj:8} ->> 'owner'
7 {jobj:8} #>> '{nested,b,0}'
7 {json:8} ->> 'n'
20 jsonb_typeof({jsonb})
14 {textarr:21}[1]
14 {textarr:21}[({int:9} % 3)::int]
12 {text:12} COLLATE "C"
15 current_user::text
20 current_database()::text
15 session_user::text
20 current_schema()::text
20 (ARRAY[{text}, {text:15}::text])[1]
20 (SELECT {text:15}::text)
20 row_to_json({row})::text
""", 'bool': """
1 {bool:1} OR {bool:2}
1 {bool:1} OR {bool:2}
1 {bool:1} OR {bool:2} OR {bool:2}
2 {bool:2} AND {bool:3}
2 {bool:2} AND {bool:3}
3 NOT {bool:4}
4 {bool:5} IS TRUE
4 {bool:5} IS NOT TRUE
4 {bool:5} IS NOT FALSE
4 {bool:5} IS UNKNOWN
4 {row:5} IS NULL
4 {row:5} IS NOT NULL
6 {text:7} LIKE '%a%'
6 {text:7} NOT LIKE 'A%'
6 {text:7} ILIKE {text:7}
6 {text:7} LIKE 'x_\\%' ESCAPE '\\'
7 {text:7} ~ '[12]$'
7 {text:7} !~* 'acme|glbx'
6 {text:7} SIMILAR TO '%(1|2)'
7 {text:7} ^@ 'AC'
20 starts_with({text:15}, {text:15})
5 {text:12} COLLATE "C" < {text:6}
6 {text:7} IN ('acme', 'active', {text})
6 {text:7} NOT IN ('globex', {text})
6 {int:7} IN (1, 2, {int})
6 {int:7} BETWEEN 1 AND {int:9}
6 {int:7} NOT BETWEEN {int:9} AND {int:9}
6 {int:7} BETWEEN SYMMETRIC {int:9} AND {int:9}
6 {date:7} BETWEEN {date:9} AND {date:9}
6 {tz:7} >= {tz:9}
5 {int:6} = ANY ({intarr:15}::bigint[])
5 {int:6} <> ALL ({intarr:15}::bigint[])
5 {text:6} = ANY ({textarr:15}::text[])
5 {text:6} = ANY (ARRAY['acme', 'globex', {text}])
5 {status:6} = 'sent'
5 {status:6} > 'sent'
7 {textarr:8} @> {textarr:8}
7 {textarr:8} && ARRAY['tag0', 'ACME']
7 {intarr:8} <@ {intarr:8}
7 {jobj:8} ? 'cap'
7 {jobj:8} ?| ARRAY['owner', 'n']
7 {jobj:8} @> '{"cap": 20}'
7 {jobj:8} @? '$.cap ? (@ > 30)'
7 {jsonb:8} <@ {jobj:8}
7 {inet:8} << inet '10.0.0.0/8'
5 ({int}, {text}) = ({int}, {text:15}::text)
5 ({int}, {date}) < ({int}, {date})
5 ROW({text}, {int}) <> ROW({text:15}::text, {int})
4 ROW({int}, {text}) IS NULL
6 ({int}, {text:15}::text) IN ((1, 'acme'), (2, {text}))
20 ({date}, {date}) OVERLAPS (date '2026-01-03', interval '10 days')
7 to_tsvector('simple', {text:15}::text) @@ plainto_tsquery('simple', 'campaign')
20 isfinite({tz})
15 ({int:9} % 3)::int::bool
20 CASE WHEN {bool} THEN {bool} ELSE {bool} END
4 {text:5} IS NORMALIZED
4 {bool:5} IS DISTINCT FROM {bool:5}
""", 'n2': """
8 {n2:8} + {n2:9}
8 {n2:8} - {n2:9}
9 {n2:9} * 2
20 round({n4}, 2)
20 abs({n2})
15 {int:15}::numeric(20,2)
20 CAST({n2} AS numeric(16,2))
20 round({n2:9} * {n2:10}, 2)
20 round({n2:9} / nullif({n2}, 0), 2)
""", 'n4': """
8 {n4:8} + {n4:9}
8 {n4:8} - {n4:9}
9 {n4:9} * 3
15 {n2:15}::numeric(16,4)
20 round({n4:9} * {n2:10}, 4)
20 round({n2:9} / nullif({n4}, 0), 4)
20 abs({n4})
15 {int:15}::numeric(24,4)
20 round(extract(epoch FROM {interval}), 4)
""", 'float': """
8 {float:8} + {float:9}
8 {float:8} - {float:9}
9 {float:9} * 2
15 {int:15}::float8
15 ({int:9} % 1000)::int::double precision
20 abs({float})
20 floor({float})
20 ceil({float})
""", 'date': """
8 {date:8} + 3
8 {date:8} - 1
8 {date:8} + ({int:9} % 30)::int
15 {tz:15}::date
15 {ts:15}::date
15 date_trunc('month', {ts})::date
20 make_date(2026, 1 + abs({int} % 12)::int, 7)
20 CAST({ts} AS date)
20 to_date('2026-01-02', 'YYYY-MM-DD')
""", 'ts': """
8 {ts:8} + {interval:9}
8 {date:8} + {interval:9}
15 {date:15}::timestamp
20 date_trunc('day', {ts})
11 {tz:12} AT TIME ZONE 'Europe/Berlin'
20 date_bin('1 day', {ts}, timestamp '2026-01-01')
""", 'tz': """
8 {tz:8} + {interval:9}
8 {tz:8} - {interval:9}
20 date_trunc('hour', {tz})
11 {ts:12} AT TIME ZONE 'UTC'
20 to_timestamp({int:9} % 100000000)
15 {date:15}::timestamptz
""", 'interval': """
8 {interval:8} + {interval:9}
9 {interval:9} * 2
20 make_interval(mins => ({int:9} % 60)::int)
20 make_interval(0, 0, 0, 0, 1)
""", 'uuid': """
15 md5({text:15})::uuid
15 {uuid:15}::text::uuid
""", 'bytea': """
20 decode(md5({text:15}), 'hex')
7 {bytea:7} || {bytea:8}
20 substring({bytea} FROM 1 FOR 2)
20 sha256({bytea})
""", 'inet': """
20 set_masklen({inet}, 24)
15 host({inet})::inet
""", 'status': """
20 CASE WHEN {bool} THEN {status} ELSE 'failed' END
20 CASE WHEN {bool} THEN 'queued'::delivery_status ELSE {status} END
20 (enum_range(NULL::delivery_status))[2]
""", 'tier': """
20 CASE WHEN {bool} THEN {tier} ELSE 'gold' END
""", 'varchar': """
15 {text:15}::varchar(80)
20 CAST({text} AS character varying)
""", 'bpchar': """
15 right({text:7} || 'DE', 2)::char(2)
""", 'domain': """
15 {text:15}::email_address
15 {text:15}::public.email_address
""", 'textarr': """
20 ARRAY[{text:15}::text, {text}]
7 {textarr:7} || {textarr:8}
7 {textarr:7} || {text:15}::text
20 array_append({textarr}, {text:15}::text)
20 array_remove({textarr}, {text:15}::text)
20 string_to_array({text:15}, ' ')
14 {textarr:21}[1:1]
20 ARRAY[{text}]::text[]
20 regexp_split_to_array({text:15}, ' ')
""", 'intarr': """
15 ARRAY[{int}, {int}]::bigint[]
7 {intarr:7} || {intarr:8}
20 array_append({intarr}, {int:15}::bigint)
14 {intarr:21}[1:2]
15 ARRAY[]::bigint[]
""", 'jobj': """
20 jsonb_build_object('k', {int}, 'owner', {text:15}::text)
20 jsonb_build_object(concat({text}, '.'), {jsonb})
7 {jobj:7} || {jobj:8}
7 {jobj:7} - 'owner'
20 to_jsonb({row})
15 row_to_json({row})::jsonb
20 jsonb_set({jobj}, '{"cap"}', '7')
20 jsonb_strip_nulls({jobj})
""", 'jsonb': """
7 {jobj:8} -> 'nested'
7 {jobj:8} -> 'owner'
14 {jobj:21}['cap']
20 to_jsonb({int})
20 to_jsonb({text:15}::text)
20 to_jsonb({textarr})
20 jsonb_build_array({int}, {text:15}::text, {jsonb})
20 jsonb_path_query_array({jobj}, '$.nested.b[*]')
""", 'json': """
20 row_to_json({row})
20 json_build_object('n', {int}, 't', {text:15}::text)
20 to_json({textarr})
20 json_build_array({int}, {bool})
"""}

# $A: the argument, the same wherever it stands; $D: DISTINCT or nothing; $F: FILTER (WHERE …) or nothing
AGGREGATES = {
    'int': [('count(*)$F', None), ('count(*)$F', None), ('count($D$A)$F', 'any'), ('sum($D$A)$F::bigint', 'int'), ('bit_or($A)$F', 'int'),
            ('percentile_disc(0.5) WITHIN GROUP (ORDER BY $A)$F', 'int'), ('mode() WITHIN GROUP (ORDER BY $A)$F', 'int'),
            ('rank(3) WITHIN GROUP (ORDER BY $A)$F', 'int'), ('count($A)$F', 'row'), ('sum($A)$F::bigint', 'int')],
    'n2': [('sum($A)$F', 'n2'), ('round(avg($D$A)$F, 2)', 'n2')],
    'n4': [('sum($A)$F', 'n4'), ('round(avg($A)$F, 4)', 'int'), ('round(avg($A)$F, 4)', 'n4'), ('round(stddev($A)$F, 4)', 'int')],
    'float': [('sum($A)$F', 'float'), ('sum($D$A)$F', 'float')],
    'text': [("string_agg($A::text, ',' ORDER BY $A::text)$F", 'text'), ("string_agg(DISTINCT $A::text, '|')$F", 'text'),
             ('mode() WITHIN GROUP (ORDER BY $A::text)$F', 'text')],
    'bool': [('bool_and($A)$F', 'bool'), ('bool_or($A)$F', 'bool'), ('every($A)$F', 'bool')],
    'interval': [('sum($A)$F', 'interval')],
    'textarr': [('array_agg($A::text ORDER BY $A::text)$F', 'text'), ('array_agg(DISTINCT $A::text)$F', 'text')],
    'intarr': [('array_agg($A::bigint ORDER BY $A::bigint)$F', 'int'), ('array_agg(DISTINCT $A::bigint ORDER BY $A::bigint DESC)$F', 'int')],
    'jobj': [('jsonb_object_agg(coalesce($A, 0)::bigint, $A)$F', 'int')],
    'jsonb': [('jsonb_agg($A ORDER BY $A)$F', 'int'), ('jsonb_agg($A::text ORDER BY $A::text)$F', 'text')],
    'json': [('json_agg($A ORDER BY $A)$F', 'int')],
    'date': [('percentile_disc(0.25) WITHIN GROUP (ORDER BY $A)$F', 'date')],
}
for _sort in MIN_MAX:
    AGGREGATES.setdefault(_sort, []).extend([('min($A)$F', _sort), ('max($A)$F', _sort)])

# window functions, $O: OVER …; a total order is needed where rows of equal rank would be told apart
WINDOW = {
    'int': [('row_number() $O', True), ('rank() $O', False), ('dense_rank() $O', False), ('ntile(3) $O', True)],
    'n4': [('round((percent_rank() $O)::numeric, 4)', False), ('round((cume_dist() $O)::numeric, 4)', False)],
}
WINDOW_GENERIC = [('lag($A) $O', True), ('lead($A, 2) $O', True), ('lag($A, 1, $A) $O', True), ('first_value($A) $O', True),
                  ('last_value($A) $O', True), ('nth_value($A, 2) $O', True)]
FRAMES_ANY = ['', '', '', 'RANGE UNBOUNDED PRECEDING', 'RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
              'RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES', 'GROUPS 1 PRECEDING',
              'GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING', 'GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE GROUP']
FRAMES_TOTAL = FRAMES_ANY + ['ROWS UNBOUNDED PRECEDING', 'ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW', 'ROWS 3 PRECEDING',
                             'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 'ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING']


def templates():
    """sort -> compiled templates (precedence, pieces), generic ones included."""
    out = {}
    for sort in SORTS:
        own = compile_list(OWN[sort])
        generic = GENERIC_JSON if sort == 'json' else GENERIC
        cheap = [(prec, text.replace('{T}', '{%s}' % sort)) for prec, text in generic]
        out[sort] = [(prec, compile_template(text)) for prec, text in own + cheap]
    return out


TEMPLATES = templates()
