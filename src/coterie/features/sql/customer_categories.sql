-- customer_categories: one row per customer and category bought; `weight` is the spend, or the lines where no money is known.
SELECT
    bought.customer_id,
    {{ category }} AS category,
    {% if amount %}
    SUM(GREATEST(bought.spent, 0)) AS weight
    {% else %}
    SUM(bought.line_count) AS weight
    {% endif %}
FROM customer_products AS bought
{% if grouped %}
LEFT JOIN product_groups ON product_groups.product = bought.product
{% endif %}
WHERE {{ category }} IS NOT NULL
GROUP BY bought.customer_id, {{ category }}
