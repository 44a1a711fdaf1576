-- customer_products: one row per customer, product and category bought; returns and charges left out.
-- `priced_units` and `priced` are those of the lines that were not free: only they tell a price.
SELECT
    customer_id,
    product,
    category,
    COUNT(*) AS line_count,
    {{ money('COALESCE(SUM(amount), 0)') }} AS spent,
    {{ decimal('SUM(CASE WHEN amount > 0 AND quantity > 0 THEN quantity END)', 18, 3) }} AS priced_units,
    {{ money('SUM(CASE WHEN amount > 0 AND quantity > 0 THEN amount END)') }} AS priced
FROM lines
WHERE is_purchase AND (product IS NOT NULL OR category IS NOT NULL)
GROUP BY customer_id, product, category
