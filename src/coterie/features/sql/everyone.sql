-- everyone: one row per customer of the shop: all with an order line before as_of, and all of the customer table.
{% for source in sources %}
SELECT customer_id FROM {{ source }}{{ '' if loop.last else ' UNION' }}
{% endfor %}
{% if sources | length == 1 %}
GROUP BY customer_id
{% endif %}
