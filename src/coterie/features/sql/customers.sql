-- customers: one row per customer. Everything joined; counts of things that never happened are 0.
SELECT
    everyone.customer_id{% for column in columns %},
    {{ column }}{% endfor %}

FROM everyone
{% for step in joined %}
LEFT JOIN {{ step }} ON {{ step }}.customer_id = everyone.{{ 'customer' if keyed else 'customer_id' }}
{% endfor %}
ORDER BY everyone.customer_id
