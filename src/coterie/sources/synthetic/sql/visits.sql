-- One row a visit to the shop: those that led to an order, the last of them at its checkout, and idle ones.
WITH before_orders AS (
    SELECT
        customer_id, concat('o', order_key) AS place_key, taste_upto_0, taste_upto_1, taste_upto_2, taste_upto_3, taste_upto_4,
        taste_upto_5, taste_upto_6, ordered_at, start_day, end_day,
        unnest(range(1 + {{ count("greatest(visits_per_order - 1, 0.01)", normal("visits", "order_key")) }})) AS visit_number
    FROM {{ orders }}
),
idle AS (
    SELECT
        customer_id, concat('i', customer_number) AS place_key, taste_upto_0, taste_upto_1, taste_upto_2, taste_upto_3, taste_upto_4,
        taste_upto_5, taste_upto_6, CAST(NULL AS TIMESTAMP) AS ordered_at, start_day, end_day,
        unnest(range(1, 1 + idle_count)) AS visit_number
    FROM {{ traits }}
),
drawn AS (
    SELECT
        *,
        {{ bits("visit", "concat(place_key, '.', visit_number)") }} AS a,
        {{ more_bits("visit", "concat(place_key, '.', visit_number)") }} AS b
    FROM (SELECT * FROM before_orders UNION ALL SELECT * FROM idle)
),
timed AS (
    SELECT
        *,
        CASE WHEN visit_number = 0 THEN ordered_at
             WHEN ordered_at IS NOT NULL
                THEN ordered_at - to_seconds(CAST(600 - 3.5 * 86400 * ln({{ cut("a", 0, 21) }}) AS INTEGER))
             ELSE CAST({{ first_day }} AS TIMESTAMP)
                + to_seconds(CAST(86400 * (start_day + (end_day - start_day) * {{ cut("a", 0, 21) }}) AS BIGINT))
        END AS happened_at,
        {% for n in range(7) %}CAST({{ cut("a", 21, 12) }} > taste_upto_{{ n }} AS INTEGER){{ " + " if n < 6 }}{% endfor %}
            AS category_number
    FROM drawn
)
SELECT
    customer_id,
    happened_at,
    CASE WHEN visit_number = 0 THEN 'checkout' WHEN {{ cut("a", 33, 10) }} < 0.18 THEN 'cart' ELSE 'product view' END
        AS event_type,
    list_extract({{ categories }}, 1 + category_number) AS category,
    concat('S', substr(md5(concat(place_key, '.', visit_number)), 1, 12)) AS session_id,
    CAST(20 + 160 * -ln({{ cut("b", 0, 16) }}) AS INTEGER) AS duration_seconds,
    CASE WHEN {{ cut("b", 16, 10) }} < 0.55 THEN 'mobile' WHEN {{ cut("b", 16, 10) }} < 0.93 THEN 'desktop' ELSE 'tablet' END
        AS device
FROM timed
WHERE happened_at >= {{ first_day }}
ORDER BY happened_at, customer_id, session_id
