-- prices: one row per customer who bought products with a price. Paid against what as many units usually cost there.
SELECT
    bought.customer_id,
    {{ ratio('SUM(bought.spent)', 'SUM(' ~ decimal('bought.units', 18, 3) ~ ' * usual.price)') }} AS price_level
FROM priced AS bought
JOIN (
    SELECT category, {{ decimal(ratio('SUM(spent)', 'SUM(units)'), 18, 8) }} AS price
    FROM priced
    GROUP BY category
) AS usual ON usual.category = bought.category
GROUP BY bought.customer_id
