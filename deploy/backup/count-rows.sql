-- Rows of every table of the shop, one line a table: compared before a backup and after its restoration.
select format('%s %s', table_name,
  (xpath('/row/count/text()', query_to_xml(format('select count(*) as count from %I.%I', table_schema, table_name), false, true, '')))[1])
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema in ('public', 'drizzle')
order by table_schema, table_name;
