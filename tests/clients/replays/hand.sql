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
-- == a name in three parts of another database
SELECT 'other.public.campaigns'::regclass
-- == statistics of the database
SELECT datname, numbackends > 0 AS some FROM pg_stat_database WHERE datname = current_database()
