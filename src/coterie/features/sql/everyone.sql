-- everyone: one row per customer of the shop: all with an order line before as_of, and all of the customer table.
{% if keyed %}
-- `customer` is the number under which the steps know those with an order line.
SELECT customer_id, MAX(customer) AS customer
FROM (
    SELECT customer_id, customer FROM customer_ids WHERE customer IN (SELECT customer_id FROM orders)
{% if 'given_customers' in sources %}
    UNION ALL
    SELECT customer_id, NULL AS customer FROM given_customers
{% endif %}
) AS every_row
GROUP BY customer_id
{% else %}
SELECT customer_id
FROM (
{% for source in sources %}
    SELECT customer_id FROM {{ source }}{{ '' if loop.last else ' UNION ALL' }}
{% endfor %}
) AS every_row
GROUP BY customer_id
{% endif %}
