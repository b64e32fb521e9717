-- SQL by hand: errors that name types and tables, and questions about the schema.
-- @ mode simple
-- == a label that is not there
SELECT count(*) FROM messages WHERE status = 'nonsense'
-- == an operator that is not there
SELECT status + 1 FROM messages
-- == a function that is not there
SELECT lower(status) FROM messages
-- == a domain is named
SELECT email + 1 AS n FROM contacts
-- == two types in one column
SELECT status FROM messages UNION SELECT id FROM messages
-- == a cast that is not there
SELECT id::delivery_status FROM messages
-- == an array
SELECT array_agg(status) || 1 FROM messages
-- == of another schema
SELECT status::shop.tier FROM messages
-- == a text like a type's name
SELECT 'public.delivery_status'::int FROM messages
-- == another path
SET search_path = crm
-- == where the type is not found
SELECT status + 1 FROM public.messages
-- == and back
RESET search_path
-- == a name in three parts
SELECT 'analytics.public.campaigns'::regclass, to_regclass('analytics.public.campaigns'), '"analytics".public.delivery_status'::regtype
-- == a privilege by a name in three parts
SELECT has_table_privilege('analytics.public.campaigns', 'select'), has_column_privilege('Analytics.public.campaigns', 'id', 'select')
-- == the name of the catalog database itself
SELECT 'analytics_masked.public.campaigns'::regclass
-- == a number of two points
SELECT 'a.b.c' AS text, 'a.b.c'::text
-- == a name in three parts of another database
SELECT 'other.public.campaigns'::regclass
-- == statistics of the database
SELECT datname, numbackends > 0 AS some FROM pg_stat_database WHERE datname = current_database()
-- == a table's number beside its rows !0A000
SELECT 'messages'::regclass, count(*) FROM messages
-- == a type beside rows !0A000
SELECT pg_typeof(id), count(*) FROM messages GROUP BY 1
-- == a comment beside rows !0A000
SELECT obj_description('campaigns'::regclass), count(*) FROM campaigns
-- == a system relation beside a table !0A000
SELECT c.id, p.relname FROM campaigns c, pg_class p WHERE p.relname = 'campaigns'
