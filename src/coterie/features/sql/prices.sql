-- prices: one row per customer who bought products with a price. Paid against what as many units usually cost there.
SELECT
    bought.customer_id,
    {{ ratio('SUM(bought.priced)', 'SUM(bought.priced_units * usual.price)') }} AS price_level
FROM customer_categories AS bought
JOIN (
    SELECT COALESCE(category, '') AS category, {{ decimal(ratio('SUM(priced)', 'SUM(priced_units)'), 38, 8) }} AS price
    FROM customer_categories
    GROUP BY COALESCE(category, '')
) AS usual ON usual.category = COALESCE(bought.category, '')
WHERE bought.priced_units > 0
GROUP BY bought.customer_id
