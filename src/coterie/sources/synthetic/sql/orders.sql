-- One row an order: when, by which channel, how many lines; the customer's traits that its lines need come along.
-- Orders lie evenly over the customer's activity, jittered by the irregularity, and denser before Christmas.
WITH numbered AS (
    SELECT *, unnest(range(order_count)) AS order_number
    FROM {{ traits }}
),
drawn AS (
    SELECT
        *,
        customer_number * 1000 + order_number AS order_key,
        {{ word("order place", "order_number") }} AS a,
        {{ word("order season", "order_number") }} AS b,
        {{ word("order day", "order_number") }} AS c,
        {{ word("order hour", "order_number") }} AS d,
        {{ word("order lines", "order_number") }} AS e
    FROM numbered
),
jittered AS (
    SELECT
        *,
        1 + greatest(CAST(floor(({{ days }} - 220 - start_day) / 365) AS INTEGER), 0) AS christmases,
        abs((order_number + 0.5 + irregularity * ({{ cut("a", 0, 16) }} - 0.5)) / order_count) AS place,
        {{ normal("b") }} AS gift_z
    FROM drawn
),
timed AS (
    SELECT
        *,
        CASE WHEN {{ cut("a", 16, 16) }} < gift_season AND start_day < {{ days }} - 201
            THEN {{ days }} - 201 - 365 * (order_number % christmases) + 8.0 * gift_z
            ELSE start_day + (1 - abs(1 - place)) * (end_day - start_day)
        END AS moment
    FROM jittered
),
dated AS (
    SELECT
        *,
        {{ first_day }} + CAST(least(greatest(
            floor(moment + 9.0 * sin(6.283185307179586 * (moment - {{ days }}) / 365.0)), 0), {{ days - 1 }}
        ) AS INTEGER) AS near_day
    FROM timed
),
shifted AS (
    SELECT
        *,
        near_day - CAST(isodow(near_day) - 1 AS INTEGER) + CASE WHEN {{ cut("c", 0, 16) }} < weekend
            THEN 5 + CAST(floor(2 * {{ cut("c", 16, 8) }}) AS INTEGER)
            ELSE CAST(floor(5 * {{ cut("c", 16, 8) }}) AS INTEGER)
        END AS wanted_day
    FROM dated
)
SELECT
    customer_number, salt, customer_id, order_number, order_key, start_day, end_day,
    concat('B', lpad(CAST(order_key + 1000 AS VARCHAR), 10, '0')) AS order_id,
    CAST(CASE WHEN wanted_day BETWEEN {{ first_day }} AND {{ last_day }} THEN wanted_day ELSE near_day END AS TIMESTAMP)
        + to_seconds(CAST(
            3600 * (CASE WHEN {{ cut("d", 0, 12) }} < evening THEN 18 + 5 * {{ cut("d", 12, 20) }}
                    ELSE 9 + 9 * {{ cut("d", 12, 20) }} END) AS INTEGER)) AS ordered_at,
    CASE WHEN {{ cut("c", 24, 8) }} < app THEN 'app' ELSE 'web' END AS channel,
    1 + {{ count("extra_lines", normal("e")) }} AS line_count,
    extra_units, visits_per_order, price_level, discount_chance, return_chance,
{% for n in range(7) %}
    taste_upto_{{ n }},
{% endfor %}
FROM shifted
