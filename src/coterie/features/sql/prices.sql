-- prices: one row per customer who bought products with a price. Paid against what as many units usually cost there.
-- What they would have cost is rounded to a decimal before it is summed, so that the order of rows does not matter.
SELECT
    bought.customer_id,
    {{ ratio('SUM(bought.priced)', 'SUM(' ~ decimal(f64('bought.priced_units') ~ ' * ' ~ f64('usual.price'), 38, 8) ~ ')') }} AS price_level
FROM customer_categories AS bought
JOIN (
    SELECT COALESCE(category, '') AS category, {{ decimal(ratio('SUM(priced)', 'SUM(priced_units)'), 38, 8) }} AS price
    FROM customer_categories
    GROUP BY COALESCE(category, '')
) AS usual ON usual.category = COALESCE(bought.category, '')
WHERE bought.priced_units > 0
GROUP BY bought.customer_id
