-- browsing: one row per customer with an event in a category. Shares of the events.
SELECT
    customer_id,
    {% for share in browse_shares %}
    {{ ratio('COUNT(CASE WHEN category = ' ~ share.literal ~ ' THEN 1 END)', 'COUNT(category)') }} AS {{ share.column }}{{ '' if loop.last else ',' }}
    {% endfor %}
FROM events
WHERE category IS NOT NULL
GROUP BY customer_id
