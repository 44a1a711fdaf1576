-- One row an order line as a careless export writes it: text throughout, and in `damage` what was done to it.
WITH drawn AS (
    SELECT *, {{ uniform(salt_of(seed, "concat_ws('|', order_id, ordered_at, product, quantity, discount)")) }} AS u
    FROM ({{ lines }})
),
fated AS (
    SELECT
        * EXCLUDE (u),
        CASE
{% for kind, (low, high) in bounds.items() %}
            WHEN u >= {{ low }} AND u < {{ high }}{{ " AND status = 'completed'" if kind in adds_a_line }} THEN '{{ kind }}'
{% endfor %}
            ELSE 'none' END AS fate
    FROM drawn
),
repeated AS (
    SELECT *, unnest(CASE WHEN fate IN ('{{ adds_a_line | join("', '") }}') THEN ['none', fate] ELSE [fate] END) AS damage
    FROM fated
),
changed AS (
    SELECT
        * EXCLUDE (ordered_at, quantity, unit_price, amount, discount),
        ordered_at + CASE WHEN damage = 'cancellation' THEN INTERVAL 40 MINUTE ELSE INTERVAL 0 MINUTE END AS ordered_at,
        CASE damage WHEN 'cancellation' THEN -quantity WHEN 'charge' THEN 1 ELSE quantity END AS quantity,
        CASE WHEN damage = 'charge' THEN 3.95 ELSE unit_price END AS unit_price,
        CASE damage WHEN 'cancellation' THEN -amount WHEN 'charge' THEN 3.95 ELSE amount END AS amount,
        CASE WHEN damage IN ('cancellation', 'charge') THEN 0.00 ELSE discount END AS discount
    FROM repeated
)
SELECT
    CASE damage WHEN 'missing_id' THEN NULL WHEN 'guest_id' THEN 'guest' WHEN 'lower_case_id' THEN lower(customer_id)
        WHEN 'padded_id' THEN concat(customer_id, ' ') ELSE customer_id END AS customer_id,
    CASE WHEN damage = 'cancellation' THEN concat('C', order_id) ELSE order_id END AS order_id,
    CASE WHEN damage = 'odd_date' THEN '0000-00-00 00:00:00' ELSE strftime(ordered_at, '%Y-%m-%d %H:%M:%S') END
        AS ordered_at,
    CASE WHEN damage = 'charge' THEN 'POST' ELSE product END AS product,
    CASE damage WHEN 'charge' THEN 'Postage' WHEN 'shouted_name' THEN concat(' ', upper(product_name)) ELSE product_name
        END AS product_name,
    CASE WHEN damage = 'charge' THEN NULL ELSE category END AS category,
    CAST(quantity AS VARCHAR) AS quantity,
    concat(CASE WHEN damage = 'currency_sign' THEN '£' ELSE '' END, unit_price) AS unit_price,
    CASE WHEN damage = 'word_for_number' THEN 'n/a'
        ELSE concat(CASE WHEN damage = 'currency_sign' THEN '£' ELSE '' END, amount) END AS amount,
    CAST(discount AS VARCHAR) AS discount,
    channel,
    country,
    CASE WHEN damage = 'cancellation' THEN 'cancelled' ELSE status END AS status,
    damage
FROM changed
