-- priced: one row per customer and category ('' where there is none), of products bought at a price.
SELECT bought.customer_id, COALESCE({{ category }}, '') AS category, SUM(bought.units) AS units, SUM(bought.spent) AS spent
FROM customer_products AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
WHERE bought.units > 0 AND bought.spent > 0
GROUP BY bought.customer_id, COALESCE({{ category }}, '')
