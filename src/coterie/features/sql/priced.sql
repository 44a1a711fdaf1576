-- priced: one row per customer and category ('' where there is none), of products bought at a price.
SELECT
    bought.customer_id,
    COALESCE({{ category }}, '') AS category,
    SUM(bought.priced_units) AS units,
    SUM(bought.priced) AS spent
FROM customer_products AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
WHERE bought.priced_units > 0
GROUP BY bought.customer_id, COALESCE({{ category }}, '')
