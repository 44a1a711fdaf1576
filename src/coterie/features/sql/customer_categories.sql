-- customer_categories: one row per customer and category bought (NULL where there is none). `weight` is the spend, or the
-- lines where no money is known; `priced_units` and `priced` tell the price level.
SELECT
    bought.customer_id,
    {{ category }} AS category,
    {{ money('SUM(GREATEST(bought.spent, 0))') if amount else i64('SUM(bought.line_count)') }} AS weight,
    {{ decimal('SUM(bought.priced_units)', 18, 3) }} AS priced_units,
    {{ money('SUM(bought.priced)') }} AS priced,
    {{ i64('SUM(bought.line_count)') }} AS line_count,
    {{ 'COUNT(bought.product)' if one_category else 'NULL' }} AS product_count
FROM customer_products AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
GROUP BY bought.customer_id, {{ category }}
