-- everyone: one row per customer of the shop: all with an order line before as_of, and all of the customer table.
SELECT customer_id
FROM (
{% for source in sources %}
    SELECT customer_id FROM {{ source }}{{ '' if loop.last else ' UNION ALL' }}
{% endfor %}
) AS every_row
GROUP BY customer_id
