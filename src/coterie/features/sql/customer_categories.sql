-- customer_categories: one row per customer and category bought (NULL where there is none). `weight` is the spend, or the
-- lines where no money is known; `priced_units` and `priced` tell the price level.
SELECT
    bought.customer_id,
    {{ category }} AS category,
    {{ 'SUM(GREATEST(bought.spent, 0))' if amount else 'SUM(bought.line_count)' }} AS weight,
    SUM(bought.priced_units) AS priced_units,
    SUM(bought.priced) AS priced,
    SUM(bought.line_count) AS line_count,
    {{ 'COUNT(bought.product)' if one_category else 'NULL' }} AS product_count
FROM customer_products AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
GROUP BY bought.customer_id, {{ category }}
