-- Every backslash command that asks the server, with its S and + variants, and each kind of object that there is. \set ECHO_HIDDEN
-- shows nothing here: what psql asks is the same on both sides, the answers are compared.
\pset format unaligned
\pset border 2
\echo '== \\d of every table'
\d channels
\d contacts
\d messages
\d events
\d audit
\d "Mixed Case"
\d crm.contacts
\d materialized.daily_metrics
\echo '== \\d of tables with constraints, identities, generated columns'
\d shop.payments
\d shop.refunds
\d shop.rates
\d shop.stock
\d shop.ledger
\d shop.visits
\d shop.notes
\d shop.changes
\d shop.queue
\d shop.orders
\d shop.lines
\d shop.items
\d books.counters
\echo '== \\d+ of the same'
\d+ shop.payments
\d+ materialized.daily_metrics
\d+ "Mixed Case"
\d+ contacts
\d+ shop.orders
\d+ shop.lines
\d+ shop.items
\echo '== \\d of indexes and sequences'
\d channels_pkey
\d+ shop.refunds_pkey
\d shop.customers_email_key
\d+ shop.orders_placed_idx
\d shop.items_id_seq
\d+ shop.items_code_seq
\echo '== \\d of system objects'
\d pg_namespace
\d+ pg_type
\d pg_tables
\d+ pg_indexes
\d pg_class_oid_index
\d pg_toast.pg_toast_1255
\d information_schema.tables
\d+ information_schema.schemata
\d information_schema.sql_identifier
\d pg_stat_activity
\d pg_settings
\d pg_roles
\d pg_locks
\echo '== \\dS of a name'
\dS pg_am
\dS+ pg_am
\dtS pg_am*
\dtS+ pg_database
\diS pg_am*
\dvS pg_ro*
\dvS+ pg_views
\dsS
\echo '== \\dt with quotes and patterns'
\dt "Mixed Case"
\dt "Mixed"*
\dt public."c"*
\dt shop.*
\dt shop.o*|shop.l*
\dt *.*contacts
\dt (crm|public).contacts
\dt c?annels
\dt CAMPAIGNS
\dt "CAMPAIGNS"
\echo '== patterns that are wrong'
\dt a.b.c.d
\dt (
\dt [
\df nothing.nothing.nothing
\dn a.b
\echo '== \\dt+ \\di+ \\ds+ \\dv+ of schemas'
\dt+ shop.*
\di+ shop.*
\ds+ shop.*
\dv+ information_schema.ch*
\dm+
\dE+
\dti shop.*
\echo '== \\dn and \\dnS'
\dnS
\dnS+ pg*
\dn+ shop
\echo '== \\dT'
\dT shop.*
\dT+ shop.*
\dT+ public.*
\dTS int*
\dTS+ json*
\dT character varying
\dT int4[]
\echo '== \\dD'
\dD shop.*
\dD+ shop.*
\dDS information_schema.*
\dDS+ information_schema.*
\echo '== \\df'
\df lower
\df lower text
\df+ lower text
\df pg_catalog.age
\dfnS pg_catalog.min*
\dfaS count
\dfwS
\dfpS
\dftS tsvector*
\dfS+ now
\df round numeric int
\df array_append anycompatiblearray *
\echo '== \\da \\do'
\daS max
\daS+ string_agg
\da string_agg text text
\doS <>  integer integer
\doS ->>
\doS+ @@
\echo '== \\dC \\dc \\dO'
\dC money
\dC+ xml
\dcS utf8_to_iso*
\dcS+ koi8*
\dOS ucs*
\dOS+ "en_GB*"
\echo '== \\du \\dg'
\du acme_bi
\du+ acme_bi
\duS pg_read*
\echo '== \\dp \\ddp'
\dp campaigns
\z shop.r*
\ddp shop
\echo '== \\dd'
\dd pg_am
\ddS btree
\ddS pg_catalog.+
\echo '== \\dF'
\dF+ english
\dFd+ simple
\dFp default
\dFt+ snowball
\dF *.s*
\echo '== \\dA'
\dA+ b*
\dAc+ gin
\dAf+ gist
\dAo+ hash
\dAp+ brin integer*
\echo '== \\db \\dP \\dX \\dy \\dL'
\dPn
\dPt+
\dPi
\dX+ *.*
\dy+ *
\dLS
\dLS+ sql
\echo '== \\dR \\de'
\dRp+
\des
\deu+
\dew
\det+
\echo '== \\dx'
\dx plpgsql
\dx nothing
\echo '== \\sf \\sv'
\sf+ pg_catalog.lower(text)
\sf pg_catalog.lpad(text,integer)
\sf lower
\sv pg_tables
\sv+ pg_user
\sv campaigns
\echo '== \\ev and \\ef, whose editor leaves the text alone'
\setenv PSQL_EDITOR true
\ef pg_catalog.lpad(text,integer)
\r
\ev pg_tables
\r
\echo '== \\l'
\l nothing
\echo '== \\h and \\?'
\h SELECT
\h nothing
\? variables
\echo '== x with columns of \\d'
\x on
\d campaigns
\dT+ delivery_status
\x off
\echo '== search_path'
SET search_path = shop, public;
\d re*
\dt
\d refunds
\dT
RESET search_path;
\echo '== in a transaction'
BEGIN;
\d channels
\d nothing
SELECT 1/0;
\d channels
ROLLBACK;
\d channels
\echo '== in one that has asked for data'
BEGIN;
SELECT count(*) FROM campaigns;
\dt shop.*
SELECT count(*) FROM channels;
COMMIT;
\echo '== as it echoes'
\set ECHO_HIDDEN on
\dn
\set ECHO_HIDDEN noexec
\dt
\set ECHO_HIDDEN off
