-- lines: one row per order line before as_of; `is_purchase` marks products bought and kept apart from returns and charges.
SELECT
    customer_id, order_id, ordered_at, product, category, quantity, amount, discount, channel, country,
    COALESCE(is_return, FALSE) AS is_return,
    NOT COALESCE(is_return, FALSE) AND NOT COALESCE(is_charge, FALSE) AS is_purchase
FROM {{ order_lines }}
{% if dated %}
WHERE ordered_at IS NULL OR ordered_at < {{ as_of }}
{% endif %}
