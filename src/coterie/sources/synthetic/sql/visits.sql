-- One row a visit to the shop: those that led to an order, the last of them at its checkout, and idle ones.
WITH counted AS (
    SELECT
        customer_id, customer_number, salt, order_number, ordered_at, start_day, end_day, {{ tastes }},
        1 + {{ count("greatest(visits_per_order - 1, 0.01)", normal(word("visits", "order_number"))) }} AS visit_count
    FROM {{ orders }}
    UNION ALL
    SELECT
        customer_id, customer_number, salt, 999, NULL, start_day, end_day, {{ tastes }},
        least(idle_count, 9999)
    FROM {{ traits }}
),
numbered AS (
    SELECT *, unnest(range(visit_count)) AS visit_number
    FROM counted
),
drawn AS (
    SELECT
        *,
        {{ word("visit time", "order_number", "visit_number") }} AS a,
        {{ word("visit kind", "order_number", "visit_number") }} AS b
    FROM numbered
),
timed AS (
    SELECT
        *,
        CASE WHEN ordered_at IS NULL THEN CAST({{ first_day }} AS TIMESTAMP)
                + to_seconds(CAST(86400 * (start_day + (end_day - start_day) * {{ cut("a", 0, 21) }}) AS BIGINT))
             WHEN visit_number = 0 THEN ordered_at
             ELSE ordered_at - to_seconds(CAST(600 - 3.5 * 86400 * ln({{ cut("a", 0, 21) }}) AS INTEGER))
        END AS happened_at,
        {% for n in range(7) %}CAST({{ cut("a", 21, 11) }} > taste_upto_{{ n }} AS INTEGER){{ " + " if n < 6 }}{% endfor %}
            AS category_number
    FROM drawn
)
SELECT
    customer_id,
    happened_at,
    CASE WHEN visit_number = 0 AND ordered_at IS NOT NULL THEN 'checkout'
         WHEN {{ cut("b", 0, 8) }} < 0.18 THEN 'cart' ELSE 'product view' END AS event_type,
    list_extract({{ categories }}, 1 + category_number) AS category,
    concat('S', (customer_number * 1000 + order_number) * 10000 + visit_number) AS session_id,
    CAST(20 + 160 * -ln({{ cut("b", 8, 16) }}) AS INTEGER) AS duration_seconds,
    CASE WHEN {{ cut("b", 24, 8) }} < 0.55 THEN 'mobile' WHEN {{ cut("b", 24, 8) }} < 0.93 THEN 'desktop' ELSE 'tablet' END
        AS device
FROM timed
WHERE happened_at >= {{ first_day }}
ORDER BY happened_at, customer_id, session_id
