-- customer_categories: one row per customer and category bought (NULL where there is none); returns and charges left out.
-- `product_lines` are the lines with a product;
-- `weight` is the spend, or the lines where no money is known; `priced_units` and `priced` are those of the lines that
-- were not free: only they tell a price.
SELECT
    bought.customer_id,
    {{ category }} AS category,
    COUNT(bought.product) AS product_lines,
    {{ money('COALESCE(SUM(bought.amount), 0)') if amount else 'COUNT(*)' }} AS weight,
    {{ decimal('SUM(CASE WHEN bought.amount > 0 AND bought.quantity > 0 THEN bought.quantity END)', 18, 3) }} AS priced_units,
    {{ money('SUM(CASE WHEN bought.amount > 0 AND bought.quantity > 0 THEN bought.amount END)') }} AS priced
FROM lines AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
WHERE bought.is_purchase AND (bought.product IS NOT NULL OR bought.category IS NOT NULL)
GROUP BY bought.customer_id, {{ category }}
