import type postgres from 'postgres'

/** How many variants a grown product has: five sizes in two colours. */
export const variantsOfProduct = 10

/**
 * Grows the catalogue to so many products beside the demo's own: the same ones on every machine, on the demo's shelves, by its vendors,
 * with its pictures. Only what is missing is written, in sets. Answers how many were added. Needs the functions of `prepareGrowth`.
 */
export async function growCatalogue(tx: postgres.TransactionSql, wanted: number): Promise<number> {
  const [there] = await tx<{ products: number }[]>`select count(*)::int as products from products where slug like 'grown-%'`
  const first = (there?.products ?? 0) + 1
  if (first > wanted) return 0
  await tx`
    create temp table grown on commit drop as
    with shelf as (select array_agg(c.id order by c.slug) as ids, array_agg(c.name order by c.slug) as names, array_agg(c.name_sw order by c.slug) as swahili
        from categories c where not exists (select 1 from categories k where k.parent_id = c.id)),
      maker as (select array_agg(id order by slug) as ids from vendors where status = 'approved')
    select n, pg_temp.uid(1, n) as id, maker.ids[1 + (n * 13) % cardinality(maker.ids)] as vendor_id, shelf.ids[at] as category_id, shelf.names[at] as shelf, shelf.swahili[at] as shelf_sw,
      initcap(word.first) as first, initcap(word.cloth) as cloth, initcap(model) as model,
      (500 + (n * 7919) % 90 * 50) * 100 as price_minor, (n * 31) % 40 as palette
    from generate_series(${first}::bigint, ${wanted}::bigint) n, shelf, maker,
      lateral (select 1 + n % cardinality(shelf.ids) as at) s,
      lateral (select (array['amani','bahari','chui','dafina','elimu','furaha','ghala','hodari','imara','jasiri','kipepeo','lulu','maua','nyota','pwani','rafiki','safari','tausi','upendo','wimbi','zawadi','asili','baraka','dunia','fahari','heri','jamii','kijiji','mwezi','neema','sahara','tamu'])[1 + n * 17 % 32] as first,
        (array['cotton','linen','kitenge','jersey','denim','poplin','wax','twill','fleece','viscose','chiffon','canvas','corduroy'])[1 + n * 5 % 13] as cloth) word,
      lateral (select string_agg((array['ba','ke','li','mo','nu','ra','se','ti','wo','zu','cha','nde','shi','gwa','pe','fu','ja','he','yo','ki'])[1 + (n / (20 ^ place)::bigint * 7 + place * 3 + n) % 20], '' order by place) as model from generate_series(0, 2) place) m`
  await tx`
    insert into products (id, slug, vendor_id, category_id, name, description, keywords, status, attributes, published_at, created_at)
    select id, 'grown-' || n, vendor_id, category_id, concat_ws(' ', first, cloth, shelf, model),
      concat('A piece of our ', lower(cloth), ' line, number ', n, '. Cut and sewn in Kenya, washed once before it leaves.'),
      lower(concat_ws(' ', shelf_sw, cloth, first)), 'active', jsonb_build_object('cloth', lower(cloth)), now() - n * interval '7 minutes', now() - n * interval '7 minutes'
    from grown`
  await tx`
    insert into variants (id, product_id, sku, size, colour, colour_hex, price_minor, position)
    select pg_temp.uid(2, g.n * ${variantsOfProduct} + at), g.id, concat('GRW-', lpad(g.n::text, 6, '0'), '-', at), (array['S','M','L','XL','XXL'])[1 + at % 5], c.name, c.hex, g.price_minor, at
    from grown g, generate_series(0, ${variantsOfProduct - 1}) at,
      lateral (select (array['Indigo','Forest','Rust','Sun','Rose','Lake','Coal','Milk','Sisal','Plum'])[k] as name, (array['#27396B','#2F5D3A','#B5532A','#E2B33C','#D98C9A','#3E8E8B','#2B2B2B','#F4EFE3','#C8B58B','#6B3F6E'])[k] as hex
        from (select 1 + ((g.palette + at / 5 * 3) % 10)::int as k) k) c`
  await tx`
    create temp table drawn on commit drop as
    select row_number() over (order by path) - 1 as at, count(*) over () as all_of_them, x.* from (select distinct path, width, height, dominant_hex from product_pictures where id::text not like '5eed%') x`
  await tx`
    insert into product_pictures (id, product_id, colour, path, alt, width, height, dominant_hex, position)
    select pg_temp.uid(3, g.n * 2 + k.at), g.id, null, d.path, concat(g.first, ' ', g.shelf, case k.at when 0 then ', front' else ', seen closer' end), d.width, d.height, d.dominant_hex, k.at
    from grown g, generate_series(0, 1) k(at), drawn d where d.at = (g.n * 3 + k.at) % d.all_of_them`
  await tx`
    create temp table shelved on commit drop as
    select v.id as variant_id, w.id as warehouse_id, (k.n * 31 + w.at * 7) % case w.at when 1 then 25 else 9 end as pieces, k.n * 4 + w.at as serial
    from grown g join variants v on v.product_id = g.id,
      lateral (select g.n * ${variantsOfProduct} + v.position as n) k,
      (select id, row_number() over (order by code desc) as at from warehouses where is_active order by code desc limit 2) w`
  await tx`insert into stock_levels (variant_id, warehouse_id, on_hand) select variant_id, warehouse_id, pieces from shelved`
  await tx`
    insert into stock_moves (id, variant_id, warehouse_id, kind, delta, cause, actor)
    select pg_temp.uid(4, serial), variant_id, warehouse_id, 'received', pieces, 'opening stock', 'system:seed' from shelved where pieces > 0`
  return wanted - first + 1
}
