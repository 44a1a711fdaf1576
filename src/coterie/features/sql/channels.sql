-- channels: one row per customer with an order. Shares of the orders by channel.
SELECT
    customer_id,
    {% for share in channel_shares %}
    {{ ratio('COUNT(CASE WHEN channel = ' ~ share.literal ~ ' THEN 1 END)', 'COUNT(*)') }} AS {{ share.column }}{{ '' if loop.last else ',' }}
    {% endfor %}
FROM orders
WHERE is_order
GROUP BY customer_id
