-- Every backslash command that asks about the schema. Unaligned, so that the width of a masked owner does not matter.
\pset format unaligned
\pset border 2
\echo '== \\d'
\d
\echo '== \\d table'
\d campaigns
\echo '== \\d table of several schemas'
\d contacts
\d crm.contacts
\d materialized.daily_metrics
\echo '== \\d table with capitals'
\d "Mixed Case"
\d Mixed Case
\echo '== \\d+ table'
\d+ campaigns
\d+ messages
\d+ audit
\echo '== \\d pattern'
\d mess*
\d *.contacts
\d (events|audit)
\echo '== \\d index'
\d campaigns_pkey
\echo '== \\d of what is not there'
\d nothing
\d nowhere.nothing
\d otherdb.public.campaigns
\d public._materialized_daily_metrics
\echo '== \\d of system relations'
\d pg_class
\d+ pg_stat_activity
\d information_schema.columns
\echo '== \\dt'
\dt
\dt campaigns
\dt crm.*
\dt analytics.public.*
\dt otherdb.public.*
\echo '== \\dt *.*'
\dt *.*
\echo '== \\dtvmsE'
\dtvmsE
\echo '== \\dn'
\dn
\dn crm
\dn+ mat*
\echo '== \\du'
\du
\dg
\du+ nobody
\echo '== \\df'
\df
\df abs
\df+ upper
\df pg_catalog.array*
\dfa
\echo '== \\da'
\da pg_catalog.*
\echo '== \\dv'
\dv
\dvS
\echo '== \\di'
\di
\di *.*pkey
\echo '== \\ds'
\ds
\echo '== \\dm and \\dE'
\dm
\dE
\echo '== \\dT'
\dT
\dTS *range
\echo '== \\dT+'
\dT+
\dT+ numeric
\echo '== \\dD'
\dD
\dD+
\echo '== \\dp'
\dp
\z campaigns
\ddp
\echo '== \\do'
\do
\doS ||
\echo '== \\dC \\dc \\dO'
\dC bigint
\dc
\dO
\dOS "C*"
\echo '== \\dd'
\dd
\dd abs
\echo '== \\dF'
\dF
\dFd english*
\dFp+
\dFt
\echo '== \\dL'
\dL
\dL+
\echo '== \\dA'
\dA
\dAc btree integer
\dAf btree integer
\dAo btree integer_ops
\dAp btree integer_ops
\echo '== \\dP \\dX \\dy'
\dP
\dX
\dy
\echo '== \\dR'
\dRp
\dRs
\echo '== \\de'
\des
\deu
\dew
\det
\echo '== \\dx'
\dx
\echo '== \\sf'
\sf upper(text)
\sf nothing
\echo '== \\sv'
\sv information_schema.schemata
\echo '== \\l of this database'
\l analytics
\echo '== \\h'
\h ROLLBACK TO
\echo '== \\dt+'
\dt+
\echo '== \\d+'
\d+
\echo '== \\di+'
\di+
\echo '== \\dm+'
\dm+
\echo '== \\db'
\db
\echo '== \\l+ of this database'
\l+ analytics
-- Refused by design, and these alone: what roles are members of, objects of extensions, large objects.
\set VERBOSITY sqlstate
\echo '== \\dx+ !42501'
\dx+
\echo '== \\dl'
\dl
\echo '== \\dconfig work_mem'
\dconfig work_mem
\echo '== \\dconfig+ *timeout'
\dconfig+ *timeout
