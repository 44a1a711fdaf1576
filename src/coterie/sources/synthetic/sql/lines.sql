-- One row an order line; a line that comes back has a second row with a negative quantity, some days later.
WITH numbered AS (
    SELECT *, unnest(range(line_count)) AS line_number
    FROM {{ orders }}
),
drawn AS (
    SELECT
        *,
        {{ word("line product", "order_number", "line_number") }} AS a,
        {{ word("line terms", "order_number", "line_number") }} AS b
    FROM numbered
),
chosen AS (
    SELECT
        *,
        {% for n in range(7) %}CAST({{ cut("a", 0, 12) }} > taste_upto_{{ n }} AS INTEGER){{ " + " if n < 6 }}{% endfor %}
            AS category_number,
        CAST(floor(30 * least(greatest(price_level + 0.4 * ({{ cut("a", 12, 12) }} - 0.5), 0), 0.9999)) AS INTEGER) AS place,
        1 + CAST(floor(ln({{ cut("b", 0, 12) }}) / ln(extra_units / (1 + extra_units))) AS INTEGER) AS units,
        CASE WHEN {{ cut("b", 12, 10) }} < discount_chance
            THEN 0.1 * (1 + floor(4 * {{ cut("a", 24, 8) }})) ELSE 0.0 END AS reduction,
        {{ cut("b", 22, 10) }} / return_chance AS back
    FROM drawn
    -- A product drawn twice for an order stays once: a clean store repeats no line.
    QUALIFY row_number() OVER (PARTITION BY order_key, category_number, place ORDER BY line_number) = 1
),
priced AS (
    SELECT
        c.*, p.product, p.product_name, p.category,
        CAST(p.price * (1 + 0.02 * date_diff('year', {{ first_day }}, CAST(ordered_at AS DATE))) AS DECIMAL(18, 2))
            AS unit_price,
        ordered_at + to_days(3 + CAST(floor(18 * back) AS INTEGER)) AS back_at
    FROM chosen c
    JOIN {{ products }} p ON p.category_number = c.category_number AND p.place = c.place
),
summed AS (
    SELECT
        *,
        CAST(CAST(units * unit_price AS DOUBLE) * reduction AS DECIMAL(18, 2)) AS off,
        unnest(CASE WHEN back < 1 AND back_at < {{ last_day }} THEN [1, -1] ELSE [1] END) AS direction
    FROM priced
)
SELECT
    s.customer_id, s.order_id,
    CASE WHEN direction = 1 THEN ordered_at ELSE back_at END AS ordered_at,
    product, product_name, category,
    direction * units AS quantity,
    unit_price,
    CAST(direction * (units * unit_price - off) AS DECIMAL(18, 2)) AS amount,
    CASE WHEN direction = 1 THEN off ELSE CAST(0 AS DECIMAL(18, 2)) END AS discount,
    channel,
    p.country,
    CASE WHEN direction = 1 THEN 'completed' ELSE 'returned' END AS status
FROM summed s
JOIN {{ people }} p ON p.customer_id = s.customer_id
ORDER BY ordered_at, s.order_id, line_number, direction DESC
